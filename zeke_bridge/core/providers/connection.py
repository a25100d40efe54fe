"""OpenAI's dialect over HTTP: chat completions, embeddings and the list of models of one server.

Does not know providers, models or routing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

import orjson

from zeke_bridge.core.providers.base import Body, Chunk
from zeke_bridge.core.providers.description import listed
from zeke_bridge.core.providers.http import Http, Incoming, Peer, nonsense, without
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import BadAnswerError, CoreError
from zeke_bridge.wire import fault, sse
from zeke_bridge.wire.openai import DONE, finish_reason

_CHAT = "/chat/completions"
_STREAMED: Body = {"stream": True, "stream_options": {"include_usage": True}}


class Connection:
    """Calls to one server, over connections that are kept. Use it inside one event loop.

    ``headers`` go with every request; the key is sent as a bearer token. Calls take headers of
    their own as ``more``.
    """

    def __init__(self, peer: Peer, limits: Limits, headers: Mapping[str, str] = {}) -> None:
        self._http = Http(peer, limits)
        self._headers = dict(headers)
        self._who = peer.who

    async def get(self, path: str, key: str) -> Any:
        """The JSON of a quick GET."""
        return await self._http.listing(path, self._sent(key), secret=key)

    async def describe(self, key: str) -> dict[str, Traits]:
        """The models of ``GET /models``, and what is said of each."""
        rows = listed(await self.get("/models", key))
        if rows is None:
            raise BadAnswerError(f"{self._who} sent no list of models: check its base_url.")
        return rows

    async def models(self, key: str) -> tuple[str, ...]:
        """The ids of ``GET /models``."""
        return tuple(await self.describe(key))

    async def answer(self, body: Mapping[str, Any], key: str, more: Mapping[str, str] = {}) -> Body:
        """The whole answer to ``POST /chat/completions``."""
        answer = await self._post(_CHAT, body, key, more)
        if not isinstance(answer, dict) or not isinstance(answer.get("choices"), list):
            raise nonsense(self._who, "something that is no chat completion")
        return answer

    async def embed(self, body: Mapping[str, Any], key: str) -> Body:
        """The whole answer to ``POST /embeddings``."""
        answer = await self._post("/embeddings", body, key)
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
            raise nonsense(self._who, "something that holds no embeddings")
        return answer

    def stream(
        self, body: Mapping[str, Any], key: str, more: Mapping[str, str] = {}
    ) -> AsyncGenerator[list[Chunk], None]:
        """The events of a streamed answer, without ``[DONE]``; those of one read together."""
        return self._events(_CHAT, body, key, more, _as_it_came)

    def complete(self, body: Mapping[str, Any], key: str) -> AsyncGenerator[list[Chunk], None]:
        """The events of ``POST /completions``, as chunks of a chat."""
        return self._events("/completions", body, key, {}, _as_chat)

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        await self._http.aclose()

    async def _events(
        self,
        path: str,
        body: Mapping[str, Any],
        key: str,
        more: Mapping[str, str],
        made: Callable[[str, Body], Chunk],
    ) -> AsyncGenerator[list[Chunk], None]:
        headers = {**self._sent(key), **more}
        opened = self._http.open("POST", path, headers, {**body, **_STREAMED}, secret=key)
        async with opened as incoming:
            if incoming.kind == "application/json":
                raise self._not_a_stream(incoming, await incoming.whole(), key)
            finished, parser = False, sse.Parser(self._who)
            while piece := await incoming.next():
                chunks, end = self._chunks(incoming, parser.feed(piece), key, made)
                if chunks:
                    yield chunks
                if isinstance(end, CoreError):
                    raise end
                if end:
                    return
                finished = finished or any(finish_reason(chunk.body) for chunk in chunks)
            if not finished:
                raise nonsense(self._who, "half an answer")

    def _sent(self, key: str) -> dict[str, str]:
        return {**self._headers, "Authorization": f"Bearer {key}"} if key else self._headers

    async def _post(
        self, path: str, body: Mapping[str, Any], key: str, more: Mapping[str, str] = {}
    ) -> Any:
        headers = {**self._sent(key), **more}
        async with self._http.open("POST", path, headers, body, secret=key) as incoming:
            answer = incoming.json(await incoming.whole())
        if error := self._error(answer, key):
            raise error
        return answer

    def _chunks(
        self,
        incoming: Incoming,
        events: list[sse.Event],
        key: str,
        made: Callable[[str, Body], Chunk],
    ) -> tuple[list[Chunk], bool | CoreError]:
        """What came before the end or the fault, if one of them is among ``events``."""
        chunks: list[Chunk] = []
        for event in events:
            if event.data == DONE:
                return chunks, True
            try:
                body = incoming.json(event.data)
                if not isinstance(body, dict):
                    raise nonsense(self._who, "an event that is no object")
            except CoreError as error:
                return chunks, error
            if fault_inside := self._error(body, key):
                return chunks, fault_inside
            chunks.append(made(event.data, body))
        return chunks, False

    def _error(self, body: Any, key: str) -> CoreError | None:
        """The error that ``body`` is, though its status was that of an answer.

        OpenRouter puts one on top, or into the choice whose model failed.
        """
        if not isinstance(body, dict):
            return None
        choices = body.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else None
        inner = body.get("error") or (first.get("error") if isinstance(first, dict) else None)
        if not inner:
            return None
        return without(key, fault.from_provider_event({"error": inner}, self._who))

    def _not_a_stream(self, incoming: Incoming, body: bytes, key: str) -> CoreError:
        error = self._error(incoming.json(body), key)
        return error or nonsense(self._who, "a whole answer where a stream was asked for")


def _as_it_came(text: str, body: Body) -> Chunk:
    """The chunk itself; Groq's usage is put where all others have it."""
    extra = body.get("x_groq")
    if isinstance(extra, dict) and extra.get("usage") and not body.get("usage"):
        body = {**body, "usage": extra["usage"]}
        text = orjson.dumps(body).decode()
    return Chunk(text, body)


def _as_chat(_text: str, body: Body) -> Chunk:
    """A chunk of a legacy completion as one of a chat."""
    choices = [
        {
            "index": one.get("index", 0),
            "delta": {"content": one["text"]} if one.get("text") else {},
            "finish_reason": one.get("finish_reason"),
        }
        for one in body.get("choices") or ()
        if isinstance(one, dict)
    ]
    chunk = {**body, "object": "chat.completion.chunk", "choices": choices}
    return Chunk(orjson.dumps(chunk).decode(), chunk)
