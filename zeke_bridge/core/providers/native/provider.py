"""A provider with an API of its own, behind OpenAI's bodies.

What all of them share: the key, the list of models, the connection and the loop over a stream.
A dialect says the rest. Does not know any of them.
"""

from __future__ import annotations

import contextlib
import time
from abc import abstractmethod
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol

import orjson

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.base import Body, Chunk
from zeke_bridge.core.providers.http import Http, Incoming, Peer, Refusal, nonsense, without
from zeke_bridge.core.providers.known import Known
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.standing import Standing
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import CoreError, InputError
from zeke_bridge.wire import sse

# What was read may be deeper than what can be written.
_TOO_DEEP = "something that is nested too deep"


class StreamReader(Protocol):
    """Takes a provider's events and gives OpenAI's chunks; both methods raise a ``CoreError``."""

    done: bool
    """Whether the stream has said that it is over."""

    def feed(self, event: Body) -> list[Body]:
        """The chunks that ``event`` makes."""
        ...

    def end(self) -> list[Body]:
        """What remains when no more events come."""
        ...


class NativeProvider(Known):
    """Implements ``Provider`` for one entry of the configuration."""

    def __init__(
        self, config: ProviderConfig, keys: Keys, limits: Limits, refused: Refusal
    ) -> None:
        super().__init__(Standing(config, keys))
        self._http = Http(Peer(config.name, config.base_url, refused=refused), limits)

    @abstractmethod
    def _headers(self, key: str) -> dict[str, str]:
        """What goes with every request."""

    @abstractmethod
    def _request(self, body: Mapping[str, Any], *, stream: bool) -> tuple[str, Body]:
        """The path and the body for the chat request ``body``."""

    @abstractmethod
    def _answer(self, native: Any, model: str, created: int) -> Body:
        """The chat completion that ``native`` is."""

    @abstractmethod
    def _reader(self, model: str, created: int) -> StreamReader:
        """What reads one stream."""

    @abstractmethod
    async def _listed(self, key: str) -> dict[str, Traits]:
        """The models there are, and what is said of each."""

    async def answer(self, body: Mapping[str, Any]) -> Body:
        """One whole answer."""
        with self._standing.watched():
            path, native = self._request(body, stream=False)
            key = self._standing.key()
            whole = await self._post(path, native, key)
            try:
                return self._answer(whole, str(body.get("model") or ""), int(time.time()))
            except CoreError as error:
                without(key, error)
                raise
            except orjson.JSONEncodeError as error:
                raise nonsense(self.name, _TOO_DEEP) from error

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """The events of a streamed answer."""
        with self._standing.watched():
            path, native = self._request(body, stream=True)
            key = self._standing.key()
            reader = self._reader(str(body.get("model") or ""), int(time.time()))
            opened = self._http.open("POST", path, self._headers(key), native, secret=key)
            async with opened as incoming:
                chunks = _read(incoming, reader, self.name, key)
                async with contextlib.aclosing(chunks):
                    async for came in chunks:
                        yield came

    async def embed(self, body: Mapping[str, Any]) -> Body:
        """Refused, where the API has no embeddings."""
        raise InputError(f"{self.name} makes no embeddings: name another provider's model.")

    async def probe(self) -> None:
        """List the models."""
        await self._list()

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        await self._http.aclose()

    async def _list(self) -> tuple[str, ...]:
        with self._standing.watched():
            return self._standing.learn(await self._listed(self._standing.key()))

    async def _get(self, path: str, key: str) -> Any:
        return await self._http.listing(path, self._headers(key), secret=key)

    async def _post(self, path: str, native: Mapping[str, Any], key: str) -> Any:
        opened = self._http.open("POST", path, self._headers(key), native, secret=key)
        async with opened as incoming:
            return incoming.json(await incoming.whole())


async def _read(
    incoming: Incoming, reader: StreamReader, who: str, key: str
) -> AsyncGenerator[list[Chunk], None]:
    """The chunks of one stream; those of one read together."""
    if incoming.kind != sse.MEDIA_TYPE:
        raise nonsense(who, "a whole answer where a stream was asked for")
    parser = sse.Parser(who)
    while not reader.done and (piece := await incoming.next()):
        chunks, error = _chunks(incoming, parser.feed(piece), reader, who)
        if chunks:
            yield chunks
        if error is not None:
            raise without(key, error)
    if not reader.done and (last := [_chunk(body) for body in reader.end()]):
        yield last


def _chunks(
    incoming: Incoming, events: list[sse.Event], reader: StreamReader, who: str
) -> tuple[list[Chunk], CoreError | None]:
    """What came before the fault, if one is among ``events``."""
    chunks: list[Chunk] = []
    for event in events:
        try:
            body = incoming.json(event.data)
            if not isinstance(body, dict):
                raise nonsense(who, "an event that is no object")
            chunks += [_chunk(made) for made in reader.feed(body)]
        except CoreError as error:
            return chunks, error
        except orjson.JSONEncodeError:
            return chunks, nonsense(who, _TOO_DEEP)
        if reader.done:
            break
    return chunks, None


def _chunk(body: Body) -> Chunk:
    return Chunk(orjson.dumps(body).decode(), body)
