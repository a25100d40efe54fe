"""What we ask of an agent: requests with a time limit, answers as ACP has them, errors as ours."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter

from zeke_bridge.agents.acp.sdk import Connection, RequestError
from zeke_bridge.agents.acp.strict import exact
from zeke_bridge.agents.ending import Ending
from zeke_bridge.model.errors import AgentError
from zeke_bridge.warden.escape import shorten

T = TypeVar("T")
AUTH_REQUIRED = -32000
_MOST = 400


class LoginError(AgentError):
    """The agent wants to know who asks, before it opens a session."""


class Peer:
    """The agent as somebody who can be asked; ``title`` is what a person knows it by."""

    def __init__(self, connection: Connection, ending: Ending, title: str) -> None:
        self._connection = connection
        self._ending = ending
        self.title = title

    async def request(
        self, method: str, params: Mapping[str, Any], shape: TypeAdapter[T], limit: float | None
    ) -> tuple[T, dict[str, Any]]:
        """Ask, and return the answer and its JSON as it came, which may have more.

        Raises ``AgentError``: it says no, says nothing for ``limit`` seconds, makes no sense, or
        is gone.
        """
        try:
            async with asyncio.timeout(limit):
                came = await self._connection.send_request(method, dict(params))
        except TimeoutError:
            raise AgentError(
                f"{self.title} has not answered {method} for {limit:g} s. Close it and try again; "
                "started in a terminal, its command may say why."
            ) from None
        except RequestError as error:
            raise self._said(error) from None
        except ConnectionError:
            raise AgentError(await self._ending.sentence()) from None
        try:
            value, _ = exact(shape, {} if came is None else came, more=True)
        except RequestError as error:
            reason = shorten(str(error), _MOST)
            raise AgentError(
                f"{self.title} answers {method} in a way of its own: {reason}"
            ) from None
        return value, came or {}

    async def tell(self, method: str, params: Mapping[str, Any]) -> None:
        """Notify it; whether it is still there is found elsewhere."""
        try:
            await self._connection.send_notification(method, dict(params))
        except ConnectionError:
            return

    def _said(self, error: RequestError) -> AgentError:
        said = str(error)
        data = error.data
        detail = data.get("details") if isinstance(data, Mapping) else data
        if isinstance(detail, str) and detail and detail not in said:
            said = f"{said}: {detail}"
        kind = LoginError if error.code == AUTH_REQUIRED else AgentError
        return kind(f"{self.title} says: {shorten(said, _MOST)}")
