"""HTTP to one server that has models, at a URL or behind a unix socket.

Every way a server can fail becomes an error of ``model.errors`` with a sentence for a person. The
key is taken out of whatever the server says. Does not know any dialect: what is sent, and what an
answer means, is said by whoever calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from types import TracebackType
from typing import Any, NamedTuple

import aiohttp
import orjson

from zeke_bridge.config.proxy import proxy_for
from zeke_bridge.core.alarm import Patience
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.model.errors import (
    BadAnswerError,
    CoreError,
    InputError,
    TimedOutError,
    UnreachableError,
)
from zeke_bridge.wire import fault, sse

_ERROR_BYTES = 64 * 1024
# How long to wait for the end of the body after the last event, so that the connection is kept.
_FAREWELL = 0.2

Refusal = Callable[[int, bytes, str, Mapping[str, str]], CoreError]
"""(status, body, who, headers in lower case) to the error that stands for them."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A server: ``who`` names it in sentences; ``socket_path`` is used instead of TCP if set.

    ``lost`` makes the error for a connection that cannot be made or breaks off, ``refused`` the one
    for an answer whose status is not 200.
    """

    who: str
    base_url: str
    socket_path: str = ""
    lost: Callable[[str], CoreError] = UnreachableError
    refused: Refusal = fault.from_provider


class Asked(NamedTuple):
    """What is asked of a server; ``secret`` is taken out of what it says of it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None
    secret: str


class Http:
    """Requests to one server, over connections that are kept. Use it inside one event loop."""

    def __init__(self, peer: Peer, limits: Limits) -> None:
        self.peer = peer
        self.limits = limits
        self._session: aiohttp.ClientSession | None = None
        self._proxy = "" if peer.socket_path else proxy_for(peer.base_url)
        self.told = _Told(peer)

    def open(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        *,
        secret: str = "",
    ) -> Exchange:
        """The answer to a request, when its status and type are those of an answer.

        ``path`` is put behind the base URL; ``secret`` is taken out of errors. To be entered, which
        raises a ``CoreError``.
        """
        return Exchange(self, Asked(method, path, headers, body, secret))

    async def listing(
        self,
        path: str,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        *,
        secret: str = "",
    ) -> Any:
        """The parsed JSON of a call that has to be quick: a list of models, a probe.

        A GET, or with a ``body`` a POST.
        """
        method = "GET" if body is None else "POST"
        try:
            async with (
                asyncio.timeout(self.limits.listing),
                self.open(method, path, headers, body, secret=secret) as incoming,
            ):
                return incoming.json(await incoming.whole())
        except TimeoutError as error:
            raise TimedOutError(f"{self.peer.who} does not list its models in time.") from error

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(self, asked: Asked, patience: Patience) -> aiohttp.ClientResponse:
        """The head of the answer, whatever it says. Raises what aiohttp does."""
        sent = {"Accept-Encoding": "identity", **asked.headers}
        body, data = asked.body, None
        if body is not None:
            sent["Content-Type"] = "application/json"
            data = aiohttp.BytesPayload(_json(body))
        # A whole answer begins when all of it has been thought.
        streamed = body is None or bool(body.get("stream")) or "stream" in asked.path
        limit = self.limits.first_byte if streamed else self.limits.whole
        with patience.within(limit):
            return await self._client().request(
                asked.method,
                self.peer.base_url + asked.path,
                data=data,
                headers=sent,
                allow_redirects=False,
                proxy=self._proxy or None,
            )

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            path = self.peer.socket_path
            # llama.cpp says keep-alive and closes after a stream, so a kept connection may be dead.
            local = aiohttp.UnixConnector(path, limit=0, force_close=True) if path else None
            connector = local or aiohttp.TCPConnector(limit=0)
            times = aiohttp.ClientTimeout(
                total=None, connect=self.limits.connect, sock_connect=self.limits.connect
            )
            # No server of models sets cookies that another call would need.
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=times, cookie_jar=jar
            )
        return self._session


class Exchange:
    """One request and its answer; leaving it closes the connection, if it was not read to its end.

    Plain, because every question goes through it.
    """

    def __init__(self, http: Http, asked: Asked) -> None:
        self._http = http
        self._asked = asked
        self._patience = Patience()
        self._response: aiohttp.ClientResponse | None = None
        self._incoming: Incoming | None = None

    async def __aenter__(self) -> Incoming:
        try:
            with self._http.told:
                self._response = await self._http.request(self._asked, self._patience)
                self._incoming = await self._accepted(self._response)
                return self._incoming
        except BaseException:
            self._close()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is not None:
                self._http.told.tell(error)
            elif self._incoming is not None:
                await self._incoming.farewell()
        finally:
            self._close()

    async def _accepted(self, response: aiohttp.ClientResponse) -> Incoming:
        """What comes, if it is an answer. Raises a ``CoreError`` otherwise."""
        peer, who = self._http.peer, self._http.peer.who
        incoming = Incoming(response, self._http.limits, who, self._patience)
        if response.status != 200:
            said = await incoming.some(_ERROR_BYTES)
            error = peer.refused(response.status, said, who, _lowered(response.headers))
            raise without(self._asked.secret, error)
        if incoming.kind == "text/html":
            raise nonsense(who, "a web page")
        return incoming

    def _close(self) -> None:
        # Not released: what is left of a body that nobody wants must not be read.
        if self._response is not None:
            self._response.close()


class _Told:
    """While entered, what aiohttp raises becomes an error for a person."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.tell(error)

    def tell(self, error: BaseException | None) -> None:
        """Raise the error for a person, if there is one of ``error``."""
        # What aiohttp raises is its own or the system's; a timeout is one of the latter.
        if isinstance(error, aiohttp.ClientError | OSError):
            raise self._spoken(error) from error

    def _spoken(self, error: aiohttp.ClientError | OSError) -> CoreError:
        who, lost = self._peer.who, self._peer.lost
        match error:
            case aiohttp.ClientConnectorCertificateError():
                return lost(
                    f"{who} shows a certificate that this machine does not trust: name its "
                    "authority in $SSL_CERT_FILE."
                )
            case aiohttp.ConnectionTimeoutError() | aiohttp.ClientConnectorError():
                return lost(f"{who} cannot be reached: check its base_url and that it runs.")
            case TimeoutError():
                return TimedOutError(f"{who} has said nothing for too long: try again.")
            case aiohttp.ClientResponseError() | aiohttp.InvalidURL():
                return nonsense(who, "something that is not HTTP")
        return lost(f"{who} broke off the connection: try again.")


class Incoming:
    """One answer: time limits for each read and for all of it, and a size limit.

    A stream that sends a byte now and then, and never a whole line, is as good as silent. Only time
    spent waiting counts, so that a slow reader is not taken for a slow server.
    """

    def __init__(
        self, response: aiohttp.ClientResponse, limits: Limits, who: str, patience: Patience
    ) -> None:
        self.kind = response.content_type
        """The content type, without its parameters."""
        self._response = response
        self._content = response.content
        self._patience = patience
        self._who = who
        self._limits = limits
        self._began = False
        self._by_lines = self.kind == sse.MEDIA_TYPE
        self._since_line = self._waited = 0.0
        self._left = limits.answer_bytes

    async def next(self) -> bytes:
        """The next piece, empty at the end."""
        limits, clock = self._limits, self._patience.loop.time
        start, over = clock(), limits.total - self._waited
        patience = limits.silence - self._since_line if self._began else limits.first_byte
        try:
            with self._patience.until(start + min(patience, over)):
                piece = await self._content.readany()
        except TimeoutError as error:
            if patience < over:
                raise
            raise TimedOutError(
                f"{self._who} did not end its answer within {limits.total:g} s: ask for less."
            ) from error
        spent = clock() - start
        self._waited += spent
        self._since_line += spent
        if not self._began or not self._by_lines or b"\n" in piece:
            self._since_line = 0.0
        self._began = True
        self._left -= len(piece)
        if self._left < 0:
            raise nonsense(self._who, f"more than {limits.answer_bytes} bytes")
        return piece

    async def whole(self) -> bytes:
        """All of it."""
        pieces = [await self.next()]
        while not self._content.at_eof():
            pieces.append(await self.next())
        return b"".join(pieces)

    async def some(self, most: int) -> bytes:
        """The first ``most`` bytes, or what comes of them in a short time."""
        pieces: list[bytes] = []
        with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(self._limits.listing):
                while sum(map(len, pieces)) < most and (piece := await self.next()):
                    pieces.append(piece)
        return b"".join(pieces)[:most]

    def json(self, text: str | bytes) -> Any:
        """``text`` parsed; raises ``BadAnswerError``."""
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise nonsense(self._who, "something that is not JSON") from error

    async def farewell(self) -> None:
        """Wait a moment for the end of the body."""
        if self._content.at_eof():
            return
        soon = self._patience.within(_FAREWELL)
        with contextlib.suppress(TimeoutError, aiohttp.ClientError), soon:
            await self._content.readany()


def _json(body: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:
        # It reads deeper JSON than it writes.
        pass
    try:
        return json.dumps(body).encode()
    except RecursionError as error:
        raise InputError("The request cannot be sent on: it is nested too deeply.") from error


def nonsense(who: str, what: str) -> BadAnswerError:
    """The error for an answer that is not of the protocol."""
    return BadAnswerError(f"{who} sent {what}: try again, and check its base_url if it stays so.")


def without(secret: str, error: CoreError) -> CoreError:
    """``error`` with ``secret`` taken out of its sentence: some servers repeat it."""
    if secret and secret in error.message:
        error.message = error.message.replace(secret, "(key)")
        error.args = (error.message,)
    return error


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    """``headers`` in lower case, with the ``date`` that others among them are relative to."""
    lowered = {name.lower(): value for name, value in headers.items()}
    lowered.setdefault("date", formatdate(usegmt=True))
    return lowered
