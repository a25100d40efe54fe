"""One file of a change under review, from its diff until it is settled.

    shown ──▸ accepted ──▸ (consent) ──▸ apply? ──▸ written, or applied to the buffer
      ▴           │            │            │
      └───────────┴────────────┴────────────┘   the text changed: a new diff, and a new yes

Nothing reaches the disk before the gate has given a permit for exactly the chosen bytes. A buffer
with unsaved changes is never written over: the change goes into the buffer and stays there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from zeke_bridge.broker.review.accepted import Accepted, accepted
from zeke_bridge.broker.review.base import of_buffer
from zeke_bridge.broker.review.draft import SAME, Draft, onto
from zeke_bridge.broker.review.scene import Scene
from zeke_bridge.broker.review.settled import Settled, State, plain
from zeke_bridge.broker.tasks import Mail
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import ChangedError, DeniedError, TimedOutError, ZekeError
from zeke_bridge.model.permit import Permit
from zeke_bridge.warden.escape import shorten

# An editor answers this without asking its person, but may stand at a hit-enter prompt.
READY_LIMIT_S = 30.0
# How long a cancelled task waits to learn what became of a file that was being written.
WRITING_LIMIT_S = 5.0
# A place that moves again and again is not waited for.
MOST_ASKED = 3
# Which text it will be is not known before it is chosen, and makes no difference.
_ANY_TEXT = "0" * 64
_MOST_PROBLEM = 400
# What a person may still say after a yes, while nothing is written yet.
SECOND_THOUGHTS = frozenset({"edit.reject", "edit.rebase"})


class FileReview:
    """The conversation about one file."""

    def __init__(self, scene: Scene, number: int, draft: Draft, problem: ZekeError | None) -> None:
        """``problem``: why there is nothing to review; the person is told and it is settled."""
        self._scene = scene
        self._number = number
        self._draft = draft
        self._problem = problem
        self._version = 0
        self._reason = ""
        self._box: asyncio.Queue[Mail] = asyncio.Queue()
        self._asking: asyncio.Task[Permit] | None = None
        self.settled: Settled | None = None
        """How it ended, once it has."""
        self.writing = False
        """What was accepted is on its way to the disk, or was."""

    def deliver(self, mail: Mail) -> None:
        """Take what the person said about this file; a second thought withdraws the question."""
        self._box.put_nowait(mail)
        if self._asking is not None and mail.name in SECOND_THOUGHTS:
            self._asking.cancel()

    def show(self) -> None:
        """Send the diff, or why there is none."""
        draft, scene = self._draft, self._scene
        self._version = next(scene.versions)
        problem = self._problem.message if self._problem else ""
        caution, warning = ("", "") if problem or not draft.path else self._caution()
        tick = draft.base.changedtick
        fields: dict[str, object] = {} if tick is None else {"changedtick": tick}
        if tick is None and not problem:
            fields = {"base": draft.base.text}
        scene.running.send(
            "task.patch",
            **self._place(),
            version=self._version,
            files=scene.files,
            kind=draft.kind,
            title=scene.running.request.instruction,
            modified=draft.base.modified,
            eol=draft.base.eol,
            hunks=plain(draft.patch.hunks),
            conflicts=plain(draft.conflicts),
            note=draft.note,
            caution=caution,
            warning=warning,
            problem=problem or (SAME if draft.empty else ""),
            **fields,
        )

    def _caution(self) -> tuple[str, str]:
        """What GhostWarden will say of the file, for whoever looks at the change before."""
        draft, scene = self._draft, self._scene
        op = Op.CREATE if draft.kind == "create" else Op.WRITE
        wanted = Action(
            op,
            scene.root,
            scene.subject,
            path=draft.path,
            content_sha256=_ANY_TEXT,
            base_sha256=draft.base.digest,
        )
        return scene.session.caution(wanted)

    async def until_settled(self) -> Settled:
        """Do what the person says until there is nothing more to say about this file."""
        try:
            if self._problem is not None:
                raise self._problem
            return await self._talk()
        except DeniedError as error:
            return self._settle("denied", message=error.message)
        except ZekeError as error:
            return self._settle("failed", message=error.message)

    async def _talk(self) -> Settled:
        while not self._draft.empty:
            mail = await self._box.get()
            settled: Settled | None = None
            match mail.name:
                case "edit.reject":
                    return self._reject(mail)
                case "edit.rebase":
                    self._rebase(mail)
                case "edit.accept":
                    settled = await self._accept(mail)
            if settled is not None:
                return settled
        return self._settle("same", message=SAME)

    def _reject(self, mail: Mail) -> Settled:
        if problem := mail.fields.get("problem"):
            return self._settle("failed", message=shorten(problem, _MOST_PROBLEM))
        self._reason = mail.fields.get("reason", "")
        return self._settle("rejected", message="Rejected.")

    def _rebase(self, mail: Mail) -> None:
        self._draft = onto(self._draft, of_buffer(mail.fields["buffer"]))
        self.show()

    async def _accept(self, mail: Mail) -> Settled | None:
        """Ask for consent and write; None when there is something to say first."""
        if mail.fields.get("version", self._version) != self._version:
            return None
        numbers = mail.fields.get("hunks")
        if numbers is not None and not numbers:
            return self._reject(mail)
        if not self._draft.patch.hunks:
            return None
        self._reason = mail.fields.get("reason", "")
        choice = self._choice(numbers)
        for left in reversed(range(MOST_ASKED)):
            try:
                return await self._consented(choice)
            except ChangedError as error:
                if not await self._is_still(error):
                    return None
                if not left:
                    raise
        return None

    def _choice(self, numbers: Sequence[int] | None) -> Accepted:
        """What is wanted of the draft. A modified buffer may be one that was never saved."""
        draft, scene = self._draft, self._scene
        modified = draft.base.modified and bool(draft.path)
        saved = not modified or scene.session.exists(scene.root, draft.path)
        return accepted(draft, numbers, scene.root, scene.subject, saved=saved)

    async def _consented(self, choice: Accepted) -> Settled | None:
        if choice.action is None:
            return await self._apply(choice, None)
        self._check_there()
        permit = await self._authorize(choice.action)
        if permit is None:
            return None
        with contextlib.closing(permit):
            return await self._apply(choice, permit)

    def _check_there(self) -> None:
        """Raise ``ChangedError`` when a file came or went: GhostWarden would only deny that."""
        base, scene = self._draft.base, self._scene
        if base.changedtick is not None:
            return
        if scene.session.exists(scene.root, self._draft.path) != base.exists:
            what = "removed" if base.exists else "made by somebody else"
            raise ChangedError(f"The file was {what} meanwhile.")

    async def _authorize(self, action: Action) -> Permit | None:
        """A permit; None when the person said something else about the file meanwhile."""
        authorizing = self._scene.session.authorize(action)
        self._asking = asyncio.get_running_loop().create_task(authorizing)
        try:
            return await self._asking
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return None
        finally:
            self._asking = None

    async def _apply(self, choice: Accepted, permit: Permit | None) -> Settled | None:
        """Ask the editor whether the change fits, and write it where it is saved."""
        self._scene.running.send("task.apply", **self._place())
        ready = await self._ready()
        if ready.name != "edit.ready" or not ready.fields.get("fits"):
            if permit is not None:
                await self._scene.session.record(permit, "not used, the buffer changed")
            if ready.name == "edit.reject":
                return self._reject(ready)
            if ready.name == "edit.rebase":
                self._rebase(ready)
            return None
        if permit is None:
            sentence = "Applied to the buffer; it is no file's, so nothing was written."
            return self._settle("applied", choice.numbers, sentence)
        if ready.fields.get("modified"):
            await self._scene.session.record(permit, "applied to the buffer, unsaved")
            sentence = "Applied to the buffer, which has unsaved changes; save it with :w."
            return self._settle("applied", choice.numbers, sentence)
        return await self._write(choice, permit)

    async def _ready(self) -> Mail:
        """The editor's answer to ``task.apply``, or what the person said first."""
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                while True:
                    mail = await self._box.get()
                    if mail.name == "edit.ready" or mail.name in SECOND_THOUGHTS:
                        return mail
        except TimeoutError as error:
            raise TimedOutError(
                "Neovim did not answer in time, so nothing was written; accept the change again."
            ) from error

    async def _write(self, choice: Accepted, permit: Permit) -> Settled:
        """Write it; cancelled in the middle, say first what became of it."""
        work = self._scene.session.write(permit, choice.content)
        writing = asyncio.get_running_loop().create_task(work)
        self.writing = True
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait({writing}, timeout=WRITING_LIMIT_S)
            if writing.done() and not writing.cancelled():
                error = writing.exception()
                if error is None:
                    self._settle("written", choice.numbers)
                elif isinstance(error, ZekeError):
                    self._settle("failed", message=error.message)
            raise
        return self._settle("written", choice.numbers)

    async def _is_still(self, error: ChangedError) -> bool:
        """Whether the diff is still right; else there is a new one, or the editor is to ask for it.

        Raises ``ZekeError`` when the file cannot be looked at any more.
        """
        old, scene = self._draft, self._scene
        if old.base.changedtick is not None:
            scene.running.send("task.changed", **self._place(), message=error.message)
            return False
        base = await scene.look(old.path)
        if base.digest == old.base.digest:
            return True
        scene.running.send("task.changed", **self._place(), message=error.message)
        self._draft = onto(old, base)
        self.show()
        return False

    def _place(self) -> dict[str, object]:
        path = self._draft.path
        scene = self._scene
        return {
            "round": scene.round,
            "file": self._number,
            "path": scene.absolute(path),
            "name": self._draft.label or scene.name(path),
        }

    def _settle(self, state: State, taken: tuple[int, ...] = (), message: str = "") -> Settled:
        scene, draft = self._scene, self._draft
        self.settled = Settled(
            scene.round,
            self._number,
            scene.absolute(draft.path),
            draft.label or scene.name(draft.path),
            state,
            draft.base,
            draft.patch,
            taken,
            message,
            self._reason,
            draft.conflicts,
        )
        accepted_hunks = plain(self.settled.accepted.hunks)
        scene.running.send("task.settled", **self.settled.entry(), hunks=accepted_hunks)
        scene.hear(self.settled)
        return self.settled
