"""How often a person is asked about files that they did not name one by one."""

from __future__ import annotations

from zeke_bridge.broker.session import Session
from zeke_bridge.model.action import Action
from zeke_bridge.model.errors import ConsentError, DeniedError
from zeke_bridge.model.permit import Permit

MOST = 3


class Questions:
    """A few, and none after a no: who has said it once does not want to hear the next one."""

    def __init__(self, session: Session, most: int = MOST) -> None:
        self._session = session
        self._left = most

    async def authorize(self, action: Action) -> Permit:
        """A permit for ``action``, or a ``ConsentError``, without a question when none is left."""
        asks = self._session.would_ask(action)
        if asks and self._left <= 0:
            raise DeniedError("You were not asked about it: name it alone, as in @file.")
        self._left -= asks
        try:
            return await self._session.authorize(action)
        except ConsentError:
            self._left = 0 if asks else self._left
            raise
