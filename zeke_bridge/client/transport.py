"""HTTP to one routing core: requests out; JSON or events in; each fault as an error of the tree.

Does not know what is asked.
"""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import orjson

from zeke_bridge.client.limits import Limits
from zeke_bridge.model.errors import (
    BadAnswerError,
    ConfigError,
    TimedOutError,
    UnreachableError,
    ZekeError,
)
from zeke_bridge.wire import fault, sse

_ERROR_BYTES = 64 * 1024
_ANSWER_BYTES = 64 * 1024 * 1024


class Transport:
    """Requests to the core at ``base_url``, or behind ``socket_path``. Use it in one event loop.

    ``base_url`` is given with or without its ``/v1``. Raises ``ConfigError`` when it is no URL.
    """

    def __init__(
        self, base_url: str | None, socket_path: Path | None, key: str, limits: Limits
    ) -> None:
        self._limits = limits
        self._key = key
        self.who = "The embedded core" if socket_path else f"The routing core at {base_url}"
        url = "http://core" if socket_path else _root(base_url or "")
        times = httpx.Timeout(limits.silence, connect=limits.connect)
        # A transport of one's own also keeps httpx from loading certificates for plain HTTP.
        transport = None
        if socket_path is not None:
            transport = httpx.AsyncHTTPTransport(uds=str(socket_path), verify=False)
        elif _is_here(url):
            transport = httpx.AsyncHTTPTransport(verify=url.startswith("https:"))
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(
            base_url=url, timeout=times, transport=transport, headers=headers
        )

    async def get(self, path: str) -> Any:
        """The JSON at ``path``."""
        with self._told():
            response = await self._client.get(path, timeout=self._limits.quick)
        self._check(response.status_code, response.headers, response.content)
        return self._json(response.content)

    async def events(self, path: str, body: Any) -> AsyncGenerator[sse.Event, None]:
        """The events of the answer to ``body``. Closing the generator closes the connection."""
        raw = orjson.dumps(body)
        headers = {"Content-Type": "application/json", "Accept": sse.MEDIA_TYPE}
        parser, total = sse.Parser(self.who), 0
        async with self._open(path, raw, headers) as pieces:
            while piece := await self._next(pieces):
                total += len(piece)
                if total > _ANSWER_BYTES:
                    raise self._nonsense(f"more than {_ANSWER_BYTES} bytes")
                for event in parser.feed(piece):
                    yield event
        parser.close()

    def parsed(self, event: sse.Event) -> Any:
        """The JSON of ``event``; raises the error that it carries, or ``BadAnswerError``."""
        body = self._json(event.data)
        if not isinstance(body, dict):
            raise self._nonsense("an event that is no object")
        if body.get("error"):
            raise self._without_key(fault.from_event(body))
        return body

    def cut_short(self) -> ZekeError:
        """The error for a stream that ended without its end."""
        return self._nonsense("half an answer")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    @contextlib.asynccontextmanager
    async def _open(
        self, path: str, raw: bytes, headers: dict[str, str]
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """The pieces of the answer's body, when its status and type are those of a stream."""
        request = self._client.build_request("POST", path, content=raw, headers=headers)
        with self._told():
            response = await self._client.send(request, stream=True)
        # An async generator in truth, and to be closed before the response is.
        pieces = cast("AsyncGenerator[bytes, None]", response.aiter_bytes())
        try:
            async with contextlib.aclosing(pieces):
                kind = response.headers.get("content-type", "")
                if response.status_code != 200 or not kind.startswith(sse.MEDIA_TYPE):
                    said = await self._some(pieces)
                    self._check(response.status_code, response.headers, said)
                    raise self._nonsense("something that is not a stream of events")
                yield pieces
        finally:
            await response.aclose()

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes:
        with self._told(midway=True):
            return await anext(pieces, b"")

    async def _some(self, pieces: AsyncIterator[bytes]) -> bytes:
        said = b""
        while len(said) < _ERROR_BYTES and (piece := await self._next(pieces)):
            said += piece
        return said

    def _check(self, status: int, headers: httpx.Headers, body: bytes) -> None:
        if status != 200:
            raise self._without_key(fault.from_core(status, body))
        if headers.get("content-type", "").startswith("text/html"):
            raise self._nonsense("a web page")

    def _json(self, text: str | bytes) -> Any:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise self._nonsense("something that is not JSON") from error

    def _nonsense(self, what: str) -> BadAnswerError:
        return BadAnswerError(
            f"{self.who} sent {what}: try again, and check ghostllm.base_url if it stays so."
        )

    def _without_key(self, error: ZekeError) -> ZekeError:
        if self._key and self._key in error.message:
            return type(error)(error.message.replace(self._key, "(key)"))
        return error

    @contextlib.contextmanager
    def _told(self, *, midway: bool = False) -> Iterator[None]:
        """Turn what httpx raises into errors for a person."""
        who = self.who
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise UnreachableError(
                f"{who} cannot be reached: check ghostllm.base_url and that it runs."
            ) from error
        except httpx.TimeoutException as error:
            raise TimedOutError(f"{who} has said nothing for too long: try again.") from error
        except (httpx.DecodingError, httpx.UnsupportedProtocol) as error:
            raise self._nonsense("something that cannot be read") from error
        except httpx.RemoteProtocolError as error:
            # httpx has one class for a server that hangs up and for one that speaks no HTTP.
            if midway or "disconnected" in str(error):
                raise UnreachableError(f"{who} broke off the connection: try again.") from error
            raise self._nonsense("something that is not HTTP") from error
        except httpx.HTTPError as error:
            raise UnreachableError(f"{who} broke off the connection: try again.") from error


def _root(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_fine = urlsplit(""), False
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_fine:
        raise ConfigError(
            "ghostllm.base_url must be like http://localhost:8080 or https://host: set it with "
            "`:ZekeAuthGhostLLM`."
        )
    return base_url.rstrip("/").removesuffix("/v1")


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
