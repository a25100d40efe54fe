"""What an agent wants to write, reviewed in the editor: a task of its own that the broker begins.

Its id starts with ``review-``, and it is a change like any other. It ends with the agent's call.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from zeke_bridge.agents.effects import FileText, Settling, Written, WrittenState
from zeke_bridge.broker.agents.approved import Approved
from zeke_bridge.broker.agents.drafting import proposed
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.broker.review import Change, Settled
from zeke_bridge.broker.review.draft import lines_of
from zeke_bridge.broker.review.file import WRITING_LIMIT_S
from zeke_bridge.broker.review.summary import told
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.model.task import TaskKind, TaskRequest
from zeke_bridge.warden.escape import escape
from zeke_bridge.workspace.patch import apply, carry, counts

MOST_REVIEWS = 8
"""Of one agent at a time; it is told that the rest has to wait."""
_MOST_WORDS = 8_000
_BUSY = "Too many changes of yours wait to be looked at already; write it again later."
_CLOSED = "The review was closed before this was decided on, so it counts as rejected."
UNDECIDED = "It was stopped before anybody decided on this, so nothing of it was written."
DOUBTFUL = (
    "It was stopped while this was being written, and nobody knows how much of it is there: look "
    "before you rely on it."
)
# One count for all, so that no two reviews of an editor are called alike.
_numbers = itertools.count(1)


class Reviewing:
    """The reviews of one agent's session."""

    def __init__(self, owner: Owner, approved: Approved) -> None:
        self._owner = owner
        self._approved = approved
        self._open = 0

    async def review(self, files: Sequence[FileText], known: Settling) -> None:
        """Show them together, by project; ``known`` hears what became of each.

        Cancelled, it hears of those that were shown.
        """
        owner = self._owner
        if self._open >= MOST_REVIEWS:
            for number, file in enumerate(files):
                known(number, Written(owner.shown(file.path), "denied", _BUSY, reason=_BUSY))
            return
        by_home: dict[str, list[int]] = {}
        for number, file in enumerate(files):
            by_home.setdefault(owner.home(file.path), []).append(number)
        self._open += 1
        try:
            for home, numbers in by_home.items():
                await self._reviewed(home, {number: files[number] for number in numbers}, known)
        finally:
            self._open -= 1

    async def _reviewed(self, home: str, wanted: Mapping[int, FileText], known: Settling) -> None:
        changes: list[Change] = []
        problem = ""
        left = dict(enumerate(wanted, 1))
        files = list(wanted.values())
        hear = self._hearing(left, wanted, known)

        async def job(running: Running) -> Mapping[str, Any]:
            nonlocal problem
            change = Change(
                owner.editor, running, home, subject=owner.subject, home=owner.root, hear=hear
            )
            changes.append(change)
            try:
                await change.until_settled([await proposed(owner, file) for file in files])
            except ZekeError as error:
                problem = error.message
                raise
            return change.fields()

        owner = self._owner
        state: WrittenState = "rejected"
        try:
            await self._ended(home, files, job)
        except ZekeError as error:
            problem = error.message
        except asyncio.CancelledError:
            state = "undecided"
            raise
        finally:
            rest = dict(left)
            left.clear()
            doubtful = {file for change in changes for file in change.in_doubt()}
            for file, number in rest.items():
                name = owner.shown(wanted[number].path)
                known(number, _unsettled(name, state, problem, doubtful=file in doubtful))

    def _hearing(
        self, left: dict[int, int], wanted: Mapping[int, FileText], known: Settling
    ) -> Callable[[Settled], None]:
        """Passes on what is settled of files that are ``left``."""
        room = _MOST_WORDS // len(wanted)

        def hear(settled: Settled) -> None:
            number = left.pop(settled.file, None)
            if number is not None:  # Else it is too late: this was told already.
                known(number, self._outcome(wanted[number], settled, room))

        return hear

    async def _ended(self, home: str, files: Sequence[FileText], job: Any) -> None:
        """Begin the task and wait for its end; cancelled, end it first."""
        owner = self._owner
        names = [owner.shown(file.path) for file in files]
        title = names[0] if len(names) == 1 else f"{len(names)} files"
        request = TaskRequest(
            f"review-{next(_numbers)}", TaskKind.REVIEW, home, instruction=title, path=home
        )
        who = {"agent": escape(owner.subject.label()), "session": owner.id}
        task = owner.editor.tasks.submit(
            request, job, **who, task=escape(owner.subject.task), title=title
        )
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task}, timeout=2 * WRITING_LIMIT_S)
            raise

    def _outcome(self, file: FileText, one: Settled, room: int) -> Written:
        self._shown(file, one)
        if one.state == "written":
            content = one.base.encode(apply(one.base.lines, one.accepted.hunks))
            self._approved.add(self._owner.absolute(file.path), content)
        added, removed = counts(one.accepted)
        # To write is not to read: its own lines only, and not what they would have replaced.
        words = told([one], room, seen=False)
        reason = one.reason or (one.message if one.state in ("denied", "failed") else "")
        return Written(one.name, _state(one), words, added, removed, reason)

    def _shown(self, file: FileText, one: Settled) -> None:
        """Note what the agent takes for the text now: what landed unsaved is not on disk."""
        seen, path = self._owner.seen, self._owner.absolute(file.path)
        shown = seen.text(path)
        if one.state == "written":
            seen.forget(path)
        elif one.state == "applied" and len(one.taken) == one.total:
            now = replace(one.base, lines=tuple(apply(one.base.lines, one.accepted.hunks)))
            end = "\n" if file.text.endswith("\n") else ""
            seen.keep(path, "\n".join(lines_of(file.text, now)) + end)
        elif one.state == "applied" and shown is not None:
            text = shown.removesuffix("\n")
            taken, _ = carry(one.accepted, one.base.text, text)
            lines = apply(text.split("\n"), taken.hunks)
            seen.keep(path, "\n".join(lines) + shown[len(text) :])


def _unsettled(name: str, state: WrittenState, problem: str, *, doubtful: bool) -> Written:
    if doubtful:
        return Written(name, "failed", DOUBTFUL, reason=DOUBTFUL)
    words = UNDECIDED if state == "undecided" else f"{problem} {_CLOSED}".strip()
    return Written(name, state, words)


def _state(one: Settled) -> WrittenState:
    match one.state:
        case "written" | "applied":
            return "written" if len(one.taken) == one.total else "partly"
        case _:
            return one.state
