"""The client at the other side: told what happens, and asked what only a person can say."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from zeke_bridge.acp.line import Line
from zeke_bridge.agents.acp.sdk import Connection

Json = Mapping[str, Any]

# GhostWarden stops waiting long before; an agent's own question may take a person's lunch.
_ANSWER_S = 900.0


class Client:
    """Speaks over ``connection``; what it is asked can be withdrawn by cancelling the task."""

    def __init__(self, connection: Connection, line: Line) -> None:
        self._connection = connection
        self._line = line

    async def update(self, session: str, update: Json) -> None:
        """Tell it a session update. One that is gone hears nothing."""
        params = {"sessionId": session, "update": dict(update)}
        with contextlib.suppress(ConnectionError):
            await self._connection.send_notification("session/update", params)

    async def permission(self, session: str, call: Json, options: Sequence[Json]) -> Any:
        """Its answer to a permission request.

        Raises ``RequestError``, ``ConnectionError``, or ``TimeoutError``.
        """
        params = {"sessionId": session, "toolCall": dict(call), "options": list(options)}
        return await self._ask("session/request_permission", params)

    async def elicit(self, params: Json) -> Any:
        """Its answer to an elicitation. Raises as ``permission`` does."""
        return await self._ask("elicitation/create", params)

    async def _ask(self, method: str, params: Json) -> Any:
        with self._line.numbered() as number:
            try:
                async with asyncio.timeout(_ANSWER_S):
                    return await self._connection.send_request(method, dict(params))
            except (asyncio.CancelledError, TimeoutError):
                if number:
                    withdrawn = {"requestId": number[0]}
                    with contextlib.suppress(ConnectionError):
                        await self._connection.send_notification("$/cancel_request", withdrawn)
                raise
