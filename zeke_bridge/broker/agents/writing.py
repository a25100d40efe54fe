"""Writing files for an agent: reviewed in the editor where a person is asked, else at once.

Several files of one call are reviewed together. What is written is what GhostWarden gave a permit
for, and it is known afterwards.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

from zeke_bridge.agents.effects import FileText, Settling, Written, unheard
from zeke_bridge.broker.agents.approved import Approved
from zeke_bridge.broker.agents.drafting import drafted, looked
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.broker.agents.reading import unsaved
from zeke_bridge.broker.agents.reviewing import DOUBTFUL, UNDECIDED, Reviewing
from zeke_bridge.broker.review.accepted import Accepted
from zeke_bridge.broker.review.file import WRITING_LIMIT_S
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import (
    ChangedError,
    ConsentError,
    InputError,
    TimedOutError,
    ZekeError,
)
from zeke_bridge.model.permit import Permit

_SAME = "It had exactly this text already."
# Stands for the text of a file that was not looked at yet; whether it is asked about is another
# matter.
_ANY_BASE = "0" * 64


class Writing:
    """The writes of one agent's session."""

    def __init__(self, owner: Owner, approved: Approved) -> None:
        self._owner = owner
        self._approved = approved
        self._reviewing = Reviewing(owner, approved)

    async def write(
        self, files: Sequence[FileText], settled: Settling = unheard
    ) -> Sequence[Written]:
        """Have files hold these texts; what became of each, in order. See ``Effects``.

        Cancelled, the review is withdrawn, and what was accepted by then stays.
        """
        found: dict[int, Written] = {}

        def known(number: int, written: Written) -> None:
            found[number] = written
            self._owner.tell_written([written])
            settled(number, written)

        try:
            await self._all(files, known)
        except asyncio.CancelledError:
            for number, file in enumerate(files):
                if number not in found:
                    known(number, Written(self._owner.shown(file.path), "undecided", UNDECIDED))
            raise
        return [found[number] for number in range(len(files))]

    async def _all(self, files: Sequence[FileText], known: Settling) -> None:
        reviewed: list[int] = []
        for number, file in enumerate(files):
            if await self._is_reviewed(file):
                reviewed.append(number)
            else:
                await self._at_once(number, file, known)
        if reviewed:
            wanted = [files[number] for number in reviewed]
            await self._reviewing.review(
                wanted, lambda number, written: known(reviewed[number], written)
            )

    async def _is_reviewed(self, file: FileText) -> bool:
        """Whether a person looks at it first, in an editor that can show it."""
        owner, editor = self._owner, self._owner.editor
        if not editor.reviews:
            return False
        there = editor.exists(owner.home(file.path), owner.absolute(file.path))
        digest = hashlib.sha256(file.text.encode("utf-8", "surrogatepass")).hexdigest()
        base = _ANY_BASE if there else ""
        op = Op.WRITE if there else Op.CREATE
        action = owner.action(op, file.path, content_sha256=digest, base_sha256=base)
        if editor.would_ask(action):
            if not editor.services.gate.expects(action, editor.consents):
                return True
            try:
                choice = drafted(owner, file, await looked(owner, file.path))
            except ZekeError:
                return True
            if choice is not None and choice.action and editor.would_ask(choice.action):
                return True
        # What somebody is working on is not written over, whatever a rule or a yes says.
        try:
            return await unsaved(owner, file.path) is not None
        except (InputError, TimedOutError):
            return True

    async def _at_once(self, number: int, file: FileText, known: Settling) -> None:
        """Ask GhostWarden and write. Stopped in the middle of that, see what became of it."""
        name = self._owner.shown(file.path)
        try:
            allowed = await self._allowed(file)
        except ZekeError as error:
            return known(number, _unwritten(name, error))
        if allowed is None:
            return known(number, Written(name, "same", _SAME))
        writing = asyncio.get_running_loop().create_task(self._write(file, *allowed))
        try:
            await asyncio.wait({writing})
        except asyncio.CancelledError:
            await asyncio.wait({writing}, timeout=WRITING_LIMIT_S)
            raise
        finally:
            known(number, _ended(name, writing))

    async def _allowed(self, file: FileText) -> tuple[Accepted, Action, Permit] | None:
        """What may be written; None: it is there already. Raises ``ZekeError``."""
        owner = self._owner
        base = await looked(owner, file.path)
        choice = await asyncio.to_thread(drafted, owner, file, base)
        if choice is None or choice.action is None:
            return None
        return choice, choice.action, await owner.editor.authorize(choice.action)

    async def _write(
        self, file: FileText, choice: Accepted, action: Action, permit: Permit
    ) -> Written:
        owner, target = self._owner, permit.facts.target
        name = owner.shown(file.path)
        await owner.editor.write(permit, choice.content)
        if target is not None:
            owner.tell_on_disk(target.absolute)
        self._approved.add(owner.absolute(file.path), choice.content)
        owner.seen.forget(owner.absolute(file.path))
        return Written(name, "written", f"{name} was written.", action.added, action.removed)


def _ended(name: str, writing: asyncio.Task[Written]) -> Written:
    """What is known of a file whose writing was begun."""
    if not writing.done():
        return Written(name, "failed", DOUBTFUL, reason=DOUBTFUL)
    try:
        return writing.result()
    except ZekeError as error:
        return _unwritten(name, error)


def _unwritten(name: str, error: ZekeError) -> Written:
    no = isinstance(error, ConsentError) and not isinstance(error, ChangedError)
    words = f"{name} was not written. {error.message}"
    return Written(name, "denied" if no else "failed", words, reason=error.message)
