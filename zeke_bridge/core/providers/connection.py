"""OpenAI's dialect over HTTP: chat completions, embeddings and the list of models of one server.

Does not know providers, models or routing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from zeke_bridge.core.providers.base import Body, Chunk
from zeke_bridge.core.providers.http import Http, Incoming, Peer, nonsense, without
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.model.errors import BadAnswerError, CoreError
from zeke_bridge.wire import fault, sse
from zeke_bridge.wire.openai import DONE, finish_reason, model_ids


class Connection:
    """Calls to one server, over connections that are kept. Use it inside one event loop.

    ``headers`` go with every request; the key is sent as a bearer token.
    """

    def __init__(self, peer: Peer, limits: Limits, headers: Mapping[str, str] = {}) -> None:
        self._http = Http(peer, limits)
        self._headers = dict(headers)
        self._who = peer.who

    async def models(self, key: str) -> tuple[str, ...]:
        """The ids of ``GET /models``."""
        ids = model_ids(await self._http.listing("/models", self._sent(key), secret=key))
        if ids is None:
            raise BadAnswerError(f"{self._who} sent no list of models: check its base_url.")
        return ids

    async def answer(self, body: Mapping[str, Any], key: str) -> Body:
        """The whole answer to ``POST /chat/completions``."""
        answer = await self._post("/chat/completions", body, key)
        if not isinstance(answer, dict) or not isinstance(answer.get("choices"), list):
            raise nonsense(self._who, "something that is no chat completion")
        return answer

    async def embed(self, body: Mapping[str, Any], key: str) -> Body:
        """The whole answer to ``POST /embeddings``."""
        answer = await self._post("/embeddings", body, key)
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
            raise nonsense(self._who, "something that holds no embeddings")
        return answer

    async def stream(self, body: Mapping[str, Any], key: str) -> AsyncGenerator[list[Chunk], None]:
        """The events of a streamed answer, without ``[DONE]``; those of one read together."""
        wanted = {**body, "stream": True, "stream_options": {"include_usage": True}}
        opened = self._http.open("POST", "/chat/completions", self._sent(key), wanted, secret=key)
        async with opened as incoming:
            if incoming.kind == "application/json":
                raise self._not_a_stream(incoming, await incoming.whole(), key)
            finished, parser = False, sse.Parser(self._who)
            while piece := await incoming.next():
                chunks, end = self._chunks(incoming, parser.feed(piece), key)
                finished = finished or any(finish_reason(chunk.body) for chunk in chunks)
                if chunks:
                    yield chunks
                if isinstance(end, CoreError):
                    raise end
                if end:
                    return
            if not finished:
                raise nonsense(self._who, "half an answer")

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        await self._http.aclose()

    def _sent(self, key: str) -> dict[str, str]:
        return {**self._headers, "Authorization": f"Bearer {key}"} if key else self._headers

    async def _post(self, path: str, body: Mapping[str, Any], key: str) -> Any:
        async with self._http.open("POST", path, self._sent(key), body, secret=key) as incoming:
            return incoming.json(await incoming.whole())

    def _chunks(
        self, incoming: Incoming, events: list[sse.Event], key: str
    ) -> tuple[list[Chunk], bool | CoreError]:
        """What came before the end or the fault, if one of them is among ``events``."""
        chunks: list[Chunk] = []
        for event in events:
            if event.data == DONE:
                return chunks, True
            try:
                chunks.append(self._chunk(incoming, event.data, key))
            except CoreError as error:
                return chunks, error
        return chunks, False

    def _chunk(self, incoming: Incoming, data: str, key: str) -> Chunk:
        body = incoming.json(data)
        if not isinstance(body, dict):
            raise nonsense(self._who, "an event that is no object")
        if body.get("error"):
            raise without(key, fault.from_provider_event(body, self._who))
        return Chunk(data, body)

    def _not_a_stream(self, incoming: Incoming, body: bytes, key: str) -> CoreError:
        parsed = incoming.json(body)
        if isinstance(parsed, dict) and parsed.get("error"):
            return without(key, fault.from_provider_event(parsed, self._who))
        return nonsense(self._who, "a whole answer where a stream was asked for")
