"""The provider ``github``: Copilot's API, in OpenAI's dialect with headers of its own.

Its answers from Claude come as several choices, one with the text and one with the tool calls; they
are put together again. Experimental, as the package says.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, TypeVar

from zeke_bridge import __version__
from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.base import Body, Chunk
from zeke_bridge.core.providers.connection import Connection
from zeke_bridge.core.providers.copilot.models import chatting
from zeke_bridge.core.providers.copilot.token import Pass, Passes
from zeke_bridge.core.providers.habits import habits
from zeke_bridge.core.providers.http import Peer
from zeke_bridge.core.providers.known import Known
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.standing import Standing
from zeke_bridge.model.errors import AuthError, BadAnswerError

EDITOR = {
    "Editor-Version": "Neovim/0.11.0",
    "Editor-Plugin-Version": f"zeke-bridge/{__version__}",
    "User-Agent": f"zeke-bridge/{__version__}",
}
_API = {
    **EDITOR,
    "Copilot-Integration-Id": "vscode-chat",
    "Openai-Intent": "conversation-panel",
    "X-GitHub-Api-Version": "2025-04-01",
}
_LOG_IN = "run `:ZekeAuth github` or `ghostllm auth login github`"

Got = TypeVar("Got")


class CopilotProvider(Known):
    """Implements ``Provider``; its key is what a login at GitHub gave."""

    def __init__(
        self, config: ProviderConfig, keys: Keys, limits: Limits, passes: Passes | None = None
    ) -> None:
        super().__init__(Standing(config, keys, _LOG_IN))
        self._base_url = config.base_url
        self._limits = limits
        self._habits = habits("github", config.base_url)
        self._passes = passes or Passes(limits, EDITOR)
        self._connections: dict[str, Connection] = {}

    async def answer(self, body: Mapping[str, Any]) -> Body:
        """One whole answer."""
        wanted, more = self._habits.shaped(body), _headers(body)
        with self._standing.watched():
            answer = await self._opened(lambda at, key: at.answer(wanted, key, more))
        return _joined(answer)

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """The events of a streamed answer."""
        wanted, more = self._habits.shaped(body), _headers(body)
        with self._standing.watched():
            events, first = await self._opened(lambda at, key: _begun(at, wanted, key, more))
            async with contextlib.aclosing(events):
                if first:
                    yield first
                async for chunks in events:
                    yield chunks

    async def embed(self, body: Mapping[str, Any]) -> Body:
        """The vectors of the body's ``input``."""
        texts = body.get("input")
        # Here, unlike at OpenAI's, a single text must stand in a list.
        wanted = {**body, "input": [texts] if isinstance(texts, str) else texts}
        with self._standing.watched():
            return await self._opened(lambda at, key: at.embed(wanted, key))

    async def probe(self) -> None:
        """List the models."""
        await self._list()

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        await self._passes.aclose()
        for connection in self._connections.values():
            await connection.aclose()

    async def _list(self) -> tuple[str, ...]:
        with self._standing.watched():
            listed = chatting(await self._opened(lambda at, key: at.get("/models", key)))
            if listed is None:
                raise BadAnswerError(f"{self.name} sent no list of models: try again later.")
            return self._standing.learn(listed)

    async def _opened(self, call: Callable[[Connection, str], Awaitable[Got]]) -> Got:
        """``call`` with a pass; once more with a new one, should the first have been withdrawn."""
        held = await self._passes.get(self._standing.key())
        try:
            return await call(self._connection(held), held.token)
        except AuthError:
            self._passes.forget(held)
        held = await self._passes.get(self._standing.key())
        return await call(self._connection(held), held.token)

    def _connection(self, held: Pass) -> Connection:
        url = held.base_url or self._base_url
        if url not in self._connections:
            self._connections[url] = Connection(Peer(self.name, url), self._limits, _API)
        return self._connections[url]


async def _begun(
    at: Connection, body: Body, key: str, more: Mapping[str, str]
) -> tuple[AsyncGenerator[list[Chunk], None], list[Chunk]]:
    """A stream and its first events: from here on it is not begun again."""
    events = at.stream(body, key, more)
    try:
        return events, await anext(events, [])
    except BaseException:
        await events.aclose()
        raise


def _headers(body: Mapping[str, Any]) -> dict[str, str]:
    """Who began this, a person or a tool's result, and whether there are pictures."""
    turns = [turn for turn in body.get("messages") or () if isinstance(turn, dict)]
    by_hand = not turns or turns[-1].get("role") == "user"
    headers = {"X-Initiator": "user" if by_hand else "agent"}
    parts = (
        part for turn in turns if isinstance(turn.get("content"), list) for part in turn["content"]
    )
    if any(isinstance(part, dict) and part.get("type") == "image_url" for part in parts):
        headers["Copilot-Vision-Request"] = "true"
    return headers


def _joined(answer: Body) -> Body:
    """``answer`` with one choice: the text of one, the tool calls of all."""
    choices = [one for one in answer["choices"] if isinstance(one, dict)]
    messages = [one["message"] for one in choices if isinstance(one.get("message"), dict)]
    calls = [call for message in messages for call in message.get("tool_calls") or ()]
    if len(messages) < 2 or not calls:
        return answer
    text = next((message["content"] for message in messages if message.get("content")), None)
    message = {**messages[0], "content": text, "tool_calls": calls}
    choice = {**choices[0], "index": 0, "message": message, "finish_reason": "tool_calls"}
    return {**answer, "choices": [choice]}
