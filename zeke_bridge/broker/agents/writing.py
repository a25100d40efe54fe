"""Writing files for an agent: reviewed in the editor where a person is asked, else at once.

Several files of one call are reviewed together. What is written is what GhostWarden gave a permit
for, and it is known afterwards.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Sequence

from zeke_bridge.agents.effects import FileText, Written
from zeke_bridge.broker.agents.approved import Approved
from zeke_bridge.broker.agents.drafting import drafted, looked
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.broker.agents.reading import unsaved
from zeke_bridge.broker.agents.reviewing import Reviewing
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import ChangedError, ConsentError, ZekeError

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

    async def write(self, files: Sequence[FileText]) -> Sequence[Written]:
        """Have files hold these texts; what became of each, in order.

        Cancelled, the review is withdrawn, and what was accepted by then stays.
        """
        found: dict[int, Written] = {}
        reviewed: list[int] = []
        for number, file in enumerate(files):
            if await self._is_reviewed(file):
                reviewed.append(number)
            else:
                found[number] = await self._told(file, self._write(file))
        if reviewed:
            wanted = [files[number] for number in reviewed]
            found.update(zip(reviewed, await self._reviewing.review(wanted), strict=True))
        return [found[number] for number in range(len(files))]

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
        return await unsaved(owner, file.path) is not None

    async def _write(self, file: FileText) -> Written:
        """Ask GhostWarden and write. Raises ``ZekeError``."""
        owner, editor = self._owner, self._owner.editor
        name = owner.shown(file.path)
        base = await looked(owner, file.path)
        choice = await asyncio.to_thread(drafted, owner, file, base)
        if choice is None or choice.action is None:
            return Written(name, "same", _SAME)
        permit = await editor.authorize(choice.action)
        target = permit.facts.target
        await editor.write(permit, choice.content)
        if target is not None:
            owner.tell_on_disk(target.absolute)
        self._approved.add(owner.absolute(file.path), choice.content)
        owner.seen.forget(owner.absolute(file.path))
        added, removed = choice.action.added, choice.action.removed
        return Written(name, "written", f"{name} was written.", added, removed)

    async def _told(self, file: FileText, work: Awaitable[Written]) -> Written:
        """What became of one file; the editor is told."""
        name = self._owner.shown(file.path)
        try:
            written = await work
        except ZekeError as error:
            no = isinstance(error, ConsentError) and not isinstance(error, ChangedError)
            words = f"{name} was not written. {error.message}"
            written = Written(name, "denied" if no else "failed", words, reason=error.message)
        self._owner.tell_written([written])
        return written
