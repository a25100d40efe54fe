"""OpenAI's dialect over HTTP: one server, at a URL or behind a unix socket.

Every way a server can fail becomes an error of ``model.errors`` with a sentence for a person. The
key is taken out of whatever the server says. Does not know providers, models or routing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from zeke_bridge.config.proxy import proxy_for
from zeke_bridge.core.providers.base import Body, Chunk
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.model.errors import (
    BadAnswerError,
    CoreError,
    TimedOutError,
    UnreachableError,
)
from zeke_bridge.wire import fault, sse
from zeke_bridge.wire.openai import DONE, finish_reason, model_ids

_ERROR_BYTES = 64 * 1024
# How long to wait for the end of the body after [DONE], so that the connection can be used again.
_FAREWELL = 0.2


@dataclass(frozen=True, slots=True)
class Peer:
    """A server: ``who`` names it in sentences; ``socket_path`` is used instead of TCP if set.

    ``lost`` makes the error for a connection that cannot be made or breaks off.
    """

    who: str
    base_url: str
    socket_path: str = ""
    lost: Callable[[str], CoreError] = UnreachableError


class Connection:
    """Calls to one server, over connections that are kept. Use it inside one event loop."""

    def __init__(self, peer: Peer, limits: Limits) -> None:
        self._peer = peer
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None
        self._proxy = "" if peer.socket_path else proxy_for(peer.base_url)

    async def models(self, key: str) -> tuple[str, ...]:
        """The ids of ``GET /models``."""
        try:
            async with (
                asyncio.timeout(self._limits.listing),
                self._open("GET", "/models", key) as response,
            ):
                ids = model_ids(self._json(await self._whole(response)))
        except TimeoutError as error:
            raise TimedOutError(f"{self._peer.who} does not list its models in time.") from error
        if ids is None:
            raise BadAnswerError(f"{self._peer.who} sent no list of models: check its base_url.")
        return ids

    async def answer(self, body: Mapping[str, Any], key: str) -> Body:
        """The whole answer to ``POST /chat/completions``."""
        async with self._open("POST", "/chat/completions", key, body) as response:
            answer = self._json(await self._whole(response))
        if not isinstance(answer, dict) or not isinstance(answer.get("choices"), list):
            raise self._nonsense("something that is no chat completion")
        return answer

    async def stream(self, body: Mapping[str, Any], key: str) -> AsyncGenerator[list[Chunk], None]:
        """The events of a streamed answer, without ``[DONE]``; those of one read together."""
        wanted = {**body, "stream": True, "stream_options": {"include_usage": True}}
        async with self._open("POST", "/chat/completions", key, wanted) as response:
            if response.content_type == "application/json":
                raise self._not_a_stream(await self._whole(response), key)
            finished, parser, reads = False, sse.Parser(self._peer.who), self._reads(response)
            while piece := await reads.next():
                chunks, end = self._chunks(parser.feed(piece), key)
                finished = finished or any(finish_reason(chunk.body) for chunk in chunks)
                if chunks:
                    yield chunks
                if isinstance(end, CoreError):
                    raise end
                if end:
                    return
            if not finished:
                raise self._nonsense("half an answer")

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @contextlib.asynccontextmanager
    async def _open(
        self, method: str, path: str, key: str, body: Mapping[str, Any] | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The response to a request, when its status and type are those of an answer."""
        who = self._peer.who
        with self._told():
            response = await self._request(method, path, key, body)
        try:
            with self._told():
                if response.status != 200:
                    said = await self._whole(response, _ERROR_BYTES)
                    raise _without(key, fault.from_provider(response.status, said, who))
                if response.content_type == "text/html":
                    raise self._nonsense("a web page")
                yield response
                await self._farewell(response)
        finally:
            # Not released: what is left of a body that nobody wants must not be read.
            response.close()

    async def _request(
        self, method: str, path: str, key: str, body: Mapping[str, Any] | None
    ) -> aiohttp.ClientResponse:
        headers = {"Accept-Encoding": "identity"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        async with asyncio.timeout(self._limits.first_byte):
            return await self._client().request(
                method,
                self._peer.base_url + path,
                data=None if body is None else orjson.dumps(body),
                headers=headers,
                allow_redirects=False,
                proxy=self._proxy or None,
            )

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            path = self._peer.socket_path
            connector = aiohttp.UnixConnector(path) if path else aiohttp.TCPConnector(limit=0)
            times = aiohttp.ClientTimeout(
                total=None, connect=self._limits.connect, sock_connect=self._limits.connect
            )
            self._session = aiohttp.ClientSession(connector=connector, timeout=times)
        return self._session

    def _reads(self, response: aiohttp.ClientResponse, most: int = 0) -> _Reads:
        most = most or self._limits.answer_bytes
        too_much = self._nonsense(f"more than {most} bytes")
        return _Reads(response.content, self._limits, most, too_much)

    async def _whole(self, response: aiohttp.ClientResponse, most: int = 0) -> bytes:
        reads, pieces = self._reads(response, most), []
        while piece := await reads.next():
            pieces.append(piece)
        return b"".join(pieces)

    async def _farewell(self, response: aiohttp.ClientResponse) -> None:
        with contextlib.suppress(TimeoutError, aiohttp.ClientError):
            async with asyncio.timeout(_FAREWELL):
                await response.content.readany()

    def _chunks(self, events: list[sse.Event], key: str) -> tuple[list[Chunk], bool | CoreError]:
        """What came before the end or the fault, if one of them is among ``events``."""
        chunks: list[Chunk] = []
        for event in events:
            if event.data == DONE:
                return chunks, True
            try:
                chunks.append(self._chunk(event.data, key))
            except CoreError as error:
                return chunks, error
        return chunks, False

    def _chunk(self, data: str, key: str) -> Chunk:
        body = self._json(data)
        if not isinstance(body, dict):
            raise self._nonsense("an event that is no object")
        if body.get("error"):
            raise _without(key, fault.from_provider_event(body, self._peer.who))
        return Chunk(data, body)

    def _json(self, text: str | bytes) -> Any:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise self._nonsense("something that is not JSON") from error

    def _not_a_stream(self, body: bytes, key: str) -> CoreError:
        parsed = self._json(body)
        if isinstance(parsed, dict) and parsed.get("error"):
            return _without(key, fault.from_provider_event(parsed, self._peer.who))
        return self._nonsense("a whole answer where a stream was asked for")

    def _nonsense(self, what: str) -> BadAnswerError:
        return BadAnswerError(
            f"{self._peer.who} sent {what}: try again, and check its base_url if it stays so."
        )

    @contextlib.contextmanager
    def _told(self) -> Any:
        """Turn what aiohttp raises into errors for a person."""
        who = self._peer.who
        try:
            yield
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            message = f"{who} cannot be reached: check its base_url and that it runs."
            raise self._peer.lost(message) from error
        except TimeoutError as error:
            raise TimedOutError(f"{who} has said nothing for too long: try again.") from error
        except (aiohttp.ClientResponseError, aiohttp.InvalidURL) as error:
            raise self._nonsense("something that is not HTTP") from error
        except (aiohttp.ClientError, OSError) as error:
            message = f"{who} broke off the connection: try again."
            raise self._peer.lost(message) from error


class _Reads:
    """The pieces of a body: a time limit for each and a size limit for all."""

    def __init__(
        self, content: aiohttp.StreamReader, limits: Limits, most: int, too_much: CoreError
    ) -> None:
        self._content = content
        self._limit, self._silence = limits.first_byte, limits.silence
        self._left = most
        self._too_much = too_much

    async def next(self) -> bytes:
        """The next piece, empty at the end."""
        async with asyncio.timeout(self._limit):
            piece = await self._content.readany()
        self._limit = self._silence
        self._left -= len(piece)
        if self._left < 0:
            raise self._too_much
        return piece


def _without(key: str, error: CoreError) -> CoreError:
    """``error`` with ``key`` taken out of its sentence: some servers repeat it."""
    if key and key in error.message:
        return type(error)(error.message.replace(key, "(key)"))
    return error
