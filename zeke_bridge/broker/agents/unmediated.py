"""Changes that an agent reports and nobody gave a permit for: written down, and shown.

An agent is a program with its person's rights; it can change files without asking us. What it
says of that itself is told to the person.
"""

from __future__ import annotations

import asyncio

from zeke_bridge.broker.agents.approved import Approved
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.warden.escape import escape
from zeke_bridge.warden.form import path_problem

MOST_WRITTEN = 200
"""Reports of one turn; what is beyond that is a flood."""
UNNAMED = "(a change it does not name)"
"""Stands for the path in the audit log, and where it is shown."""


class Reports:
    """Those of one agent's session."""

    def __init__(self, owner: Owner, approved: Approved) -> None:
        self._owner = owner
        self._approved = approved
        self._heard: set[tuple[str, int, int]] = set()

    async def hear(self, path: str, added: int, removed: int) -> bool:
        """Whether what stands at ``path`` now was written with a permit of this session.

        An empty path is a change that is not named: it may be the one that had a permit, if there
        was one in this turn.
        """
        owner = self._owner
        if not path and self._approved.in_turn:
            return True
        path = path or UNNAMED
        if await self._was_approved(path, added, removed):
            return True
        report = (path, added, removed)
        if report in self._heard or len(self._heard) >= MOST_WRITTEN:
            return False
        self._heard.add(report)
        owner.tell_file(owner.shown(path), "unmediated", added, removed)
        action = owner.action(Op.WRITE, path, added=added, removed=removed)
        gate = owner.editor.services.gate
        await gate.record_unmediated(action, added, removed, owner.editor.consents)
        return False

    def turn_ended(self) -> None:
        """Tell the person, once, how many there were."""
        heard, self._heard = self._heard, set()
        self._approved.in_turn = False
        if heard:
            count = len({path for path, _, _ in heard})
            files = "1 file" if count == 1 else f"{count} files"
            self._owner.editor.notify(
                "warn",
                f"{escape(self._owner.subject.label())} says it has changed {files} by itself, "
                "without GhostWarden: `:ZekeConsents` lists them.",
            )

    async def _was_approved(self, path: str, added: int, removed: int) -> bool:
        owner, place = self._owner, self._owner.absolute(path)
        if path_problem(path) or not self._approved.knows(place):
            return False
        digest = owner.editor.services.files.digest
        try:
            now = await asyncio.to_thread(digest, Op.WRITE, owner.home(path), place)
        except ZekeError:
            return False
        if self._approved.has(place, now):
            return True
        if not self._approved.done(place, now):
            return False
        owner.tell_file(owner.shown(path), "written", added, removed)
        return True
