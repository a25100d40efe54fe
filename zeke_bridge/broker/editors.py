"""All connected editors as neighbours: who is of one project, who can ask, who has to be told.

News is gathered for one turn of the loop, so that a burst of questions is one event.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator

from zeke_bridge.broker.consent.session import ConsentSession
from zeke_bridge.broker.session import Session


class Editors:
    """The ``Neighbours`` of every session."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._active: dict[str, int] = {}
        self._turns = itertools.count(1)
        self._changed: set[str] = set()
        self._touched: set[str] = set()
        self._reconsidered: set[str] = set()
        self._due = False

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def __len__(self) -> int:
        return len(self._sessions)

    def came(self, session: Session) -> None:
        """A new one, and the one that was active last."""
        self._sessions[session.id] = session
        self.active(session)

    def left(self, session: Session) -> None:
        """It is gone; what it was asked is gone with it."""
        del self._sessions[session.id]
        del self._active[session.id]
        self.changed(session.project())

    def active(self, session: Session) -> None:
        """Its person has just done something there."""
        self._active[session.id] = next(self._turns)

    def others(self, session: Session) -> tuple[ConsentSession, ...]:
        """All but ``session``, of any project."""
        return tuple(one.consents for one in self if one is not session)

    def host(self, root: str) -> ConsentSession | None:
        """Where questions about this project go when nobody who asks them can show them."""
        last = self.neovim(root)
        return last.consents if last is not None else None

    def neovim(self, root: str) -> Session | None:
        """The editor of this project that was active last and can show a prompt.

        One that shows no changes is there for its own agents alone, and not asked for others.
        """
        found = [
            one
            for one in self
            if one.reviews and one.consents.prompts is not None and one.project() == root
        ]
        return max(found, key=lambda one: self._active[one.id], default=None)

    def changed(self, root: str, session: ConsentSession | None = None) -> None:
        """Have the editors of the project, and ``session``, told that their lists are old."""
        self._changed.add(root)
        if session is not None:
            self._touched.add(session.id)
        self._schedule()

    def reconsider(self, root: str) -> None:
        """Look at every waiting question of the project again, and tell its editors."""
        self._reconsidered.add(root)
        self.changed(root)

    def _schedule(self) -> None:
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        again, self._reconsidered = self._reconsidered, set()
        for session in self if again else ():
            if session.consents.prompts is not None:
                session.consents.prompts.review(again)
        # What the review has changed is told in the same turn.
        roots, self._changed = self._changed, set()
        touched, self._touched = self._touched, set()
        self._due = False
        for session in self:
            if session.consents.prompts is None:
                continue
            if session.id in touched or session.project() in roots:
                session.sink.send("consent.changed", {})
