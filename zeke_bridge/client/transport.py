"""HTTP to one routing core: requests out; JSON or events in; each fault as an error of the tree.

Does not know what is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from zeke_bridge.client.limits import Limits
from zeke_bridge.config.proxy import proxy_for
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
# Servers keep an idle connection for 5 s and more. To let go first is never to lose a question.
_KEEP_S = 4.0


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer as it came: ``body`` is its JSON, None when it is none.

    ``server`` is what the server calls itself in its headers, ``kind`` the content type.
    """

    status: int
    kind: str
    server: str
    raw: bytes
    body: Any


class Transport:
    """Requests to the core at ``base_url``, or behind ``socket_path``. Use it in one event loop.

    ``base_url`` is given with or without its ``/v1``; ``url`` is without. Raises ``ConfigError``
    when it is no URL.
    """

    def __init__(
        self, base_url: str | None, socket_path: Path | None, key: str, limits: Limits
    ) -> None:
        self._limits = limits
        self._key = key
        self._socket_path = str(socket_path) if socket_path else ""
        self.who = "The embedded core" if socket_path else f"The routing core at {base_url}"
        self.url = "http://core" if socket_path else _root(base_url or "")
        self._proxy = "" if socket_path else proxy_for(self.url)
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str) -> Any:
        """The JSON at ``path``."""
        with self._told():
            async with asyncio.timeout(self._limits.quick), self._open("GET", path) as response:
                body = await self._whole(response, _ANSWER_BYTES)
        self._check(response, body)
        return self._json(body)

    async def glance(self, path: str) -> Seen:
        """Whatever is at ``path``; raises only when nothing answers."""
        with self._told():
            async with asyncio.timeout(self._limits.quick), self._open("GET", path) as response:
                raw = await self._whole(response, _ANSWER_BYTES)
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError:
            body = None
        server = response.headers.get("Server", "")
        return Seen(response.status, response.content_type, server, raw, body)

    async def events(self, path: str, body: Any) -> AsyncGenerator[sse.Event, None]:
        """The events of the answer to ``body``. Closing the generator closes the connection."""
        parser = sse.Parser(self.who)
        with self._told():
            async with self._open("POST", path, orjson.dumps(body)) as response:
                if response.status != 200 or response.content_type != sse.MEDIA_TYPE:
                    self._check(response, await self._whole(response, _ERROR_BYTES))
                    raise self.nonsense("something that is not a stream of events")
                left = _ANSWER_BYTES
                while piece := await response.content.readany():
                    left = self._less(left, piece)
                    for event in parser.feed(piece):
                        yield event
        parser.close()

    def parsed(self, event: sse.Event) -> Any:
        """The JSON of ``event``; raises the error that it carries, or ``BadAnswerError``."""
        body = self._json(event.data)
        if not isinstance(body, dict):
            raise self.nonsense("an event that is no object")
        if body.get("error"):
            raise self.without_key(fault.from_event(body))
        return body

    def cut_short(self) -> ZekeError:
        """The error for a stream that ended without its end."""
        return self.nonsense("half an answer")

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @contextlib.asynccontextmanager
    async def _open(
        self, method: str, path: str, raw: bytes | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The response to a request. Its connection is kept only when all of it was read."""
        headers = {"Accept-Encoding": "identity"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        if raw is not None:
            headers |= {"Content-Type": "application/json", "Accept": sse.MEDIA_TYPE}
        response = await self._client().request(
            method,
            self.url + path,
            data=raw,
            headers=headers,
            allow_redirects=False,
            proxy=self._proxy or None,
        )
        try:
            yield response
        finally:
            response.close()

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            path = self._socket_path
            connector: aiohttp.BaseConnector
            if path:
                connector = aiohttp.UnixConnector(path, limit=0, keepalive_timeout=_KEEP_S)
            else:
                connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_S)
            limit = self._limits.connect  # looking up the name, and connecting
            times = aiohttp.ClientTimeout(
                total=None, connect=limit, sock_connect=limit, sock_read=self._limits.silence
            )
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=times, cookie_jar=jar
            )
        return self._session

    async def _whole(self, response: aiohttp.ClientResponse, most: int) -> bytes:
        body = bytearray()
        while piece := await response.content.readany():
            most = self._less(most, piece)
            body += piece
        return bytes(body)

    def _less(self, left: int, piece: bytes) -> int:
        """What may still come after ``piece``. Raises ``BadAnswerError`` when it is too long."""
        if len(piece) > left:
            raise self.nonsense("an answer that does not end")
        return left - len(piece)

    def _check(self, response: aiohttp.ClientResponse, body: bytes) -> None:
        if response.status != 200:
            raise self.without_key(fault.from_core(response.status, body))
        if response.content_type == "text/html":
            raise self.nonsense("a web page")

    def _json(self, text: str | bytes) -> Any:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise self.nonsense("something that is not JSON") from error

    def nonsense(self, what: str) -> BadAnswerError:
        """The error for an answer that is not of the protocol."""
        return BadAnswerError(
            f"{self.who} sent {what}: try again, and check ghostllm.base_url if it stays so."
        )

    def without_key(self, error: ZekeError) -> ZekeError:
        """``error`` without the key in its sentence: some servers repeat it."""
        if self._key and self._key in error.message:
            return type(error)(error.message.replace(self._key, "(key)"))
        return error

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what aiohttp raises into errors for a person."""
        who = self.who
        try:
            yield
        except aiohttp.ClientConnectorCertificateError as error:
            raise UnreachableError(
                f"{who} shows a certificate that this machine does not trust: name its authority "
                "in $SSL_CERT_FILE."
            ) from error
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            raise UnreachableError(
                f"{who} cannot be reached: check ghostllm.base_url and that it runs."
            ) from error
        except TimeoutError as error:
            raise TimedOutError(f"{who} has said nothing for too long: try again.") from error
        except (aiohttp.ClientResponseError, aiohttp.InvalidURL) as error:
            raise self.nonsense("something that is not HTTP") from error
        except (aiohttp.ClientError, OSError) as error:
            raise UnreachableError(f"{who} broke off the connection: try again.") from error


def _root(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_fine = urlsplit(""), False
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_fine:
        raise ConfigError(
            "ghostllm.base_url must be like http://localhost:8080 or https://host: correct it in "
            "setup()."
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(
            "ghostllm.base_url must hold no password and nothing after its path: name the variable "
            "that holds the key in ghostllm.api_key_env."
        )
    return base_url.rstrip("/").removesuffix("/v1")
