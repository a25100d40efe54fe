"""The door of a core that listens on a port: who comes in, and with which request.

Host and Origin, the size of headers and body, and the client's key are looked at before anything
else is done; what passes has its ``Client`` in ``scope["zeke.client"]``. Plain ASGI, because every
request pays for it. Does not know the endpoints. A key goes nowhere from here.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import time
from collections.abc import Callable, Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from zeke_bridge.config.ghostllm.schema import Serving
from zeke_bridge.core.access import refusal
from zeke_bridge.core.access.body import Counted
from zeke_bridge.core.access.clients import ANYONE, MASTER, Client
from zeke_bridge.core.access.head import Head
from zeke_bridge.core.access.keys import ClientKeys
from zeke_bridge.core.access.origin import Places
from zeke_bridge.core.access.pages import preflight, readable
from zeke_bridge.core.access.refusal import Refusal
from zeke_bridge.model.errors import AccessError, ConfigError, InputError

_log = logging.getLogger(__name__)

MAX_BODY = 16 * 1024 * 1024
CLIENT = "zeke.client"
"""Where in the scope the ``Client`` is."""

_LONGEST_PATH = 8 * 1024
_OPEN = frozenset({"/health"})
_LOOKING = frozenset({"GET", "HEAD"})


def is_loopback(host: str) -> bool:
    """Whether ``host``, an address or ``localhost``, can be reached from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refuse_strangers(host: str, clients: ClientKeys, serving: Serving, now: float) -> None:
    """Raise ``InputError`` when ``host`` can be reached by others and no client has a key."""
    if is_loopback(host) or serving.master_key or clients.usable(now):
        return
    raise InputError(
        f"Others can reach {host}, and no client has a key: make one with "
        "`ghostllm keys create NAME`, or listen on 127.0.0.1."
    )


def guard(
    app: ASGIApp,
    clients: ClientKeys,
    serving: Serving,
    *,
    loopback: bool,
    max_body: int = MAX_BODY,
    open_paths: Collection[str] = _OPEN,
    clock: Callable[[], float] = time.time,
) -> ASGIApp:
    """``app`` behind the door.

    ``loopback`` says that only this machine can reach it: then it needs no key as long as none was
    ever made and ``serving`` names none, and ``open_paths`` need none to be looked at. ``clock``
    gives seconds since the epoch.
    """
    return Guard(
        app,
        clients,
        serving,
        loopback=loopback,
        max_body=max_body,
        open_paths=frozenset(open_paths),
        clock=clock,
    )


class Guard:
    """See ``guard``."""

    def __init__(
        self,
        app: ASGIApp,
        clients: ClientKeys,
        serving: Serving,
        *,
        loopback: bool,
        max_body: int,
        open_paths: frozenset[str],
        clock: Callable[[], float],
    ) -> None:
        self._app = app
        self._clients = clients
        self._places = Places(serving.host, serving.origins)
        self._master = _digest(serving.master_key) if serving.master_key else b""
        self._loopback = loopback
        self._max_body = max_body
        self._too_long = refusal.too_long(max_body)
        self._open_paths = open_paths
        self._clock = clock
        self._told: ConfigError | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        head = Head.read(scope["headers"])
        if head is None:
            await refusal.HEADERS(send)
            return
        if refused := self._shape(scope, head):
            await refused(send)
            return
        origin = head.values.get(b"origin")
        if origin is not None and self._places.named(origin):
            send = readable(send, origin)
            if scope["method"] == "OPTIONS" and b"access-control-request-method" in head.values:
                await preflight(send, head)
                return
        client = self._client(scope, head)
        if isinstance(client, Refusal):
            await client(send)
            return
        scope[CLIENT] = client
        if head.chunked() or (head.length() is None and scope["method"] not in _LOOKING):
            counted = Counted(receive, send, self._max_body, self._too_long)
            receive, send = counted.receive, counted.send
        await self._app(scope, receive, send)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What is no request: the app's start and end pass, a web socket does not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    def _shape(self, scope: Scope, head: Head) -> Refusal | None:
        """Why the request is refused whoever sends it."""
        path = scope.get("raw_path") or scope["path"]
        if len(path) + len(scope.get("query_string", b"")) > _LONGEST_PATH:
            return refusal.ADDRESS
        host, origin = head.values.get(b"host"), head.values.get(b"origin")
        if host is None or b"host" in head.twice:
            return refusal.ONE_HOST
        if not self._places.serves(host, keyless=self._loopback):
            return refusal.HOST
        if origin is not None and (
            b"origin" in head.twice or not self._places.allows(origin, host)
        ):
            return refusal.ORIGIN
        length = head.length() or 0
        if length < 0:
            return refusal.LENGTH
        return self._too_long if length > self._max_body else None

    def _client(self, scope: Scope, head: Head) -> Client | Refusal:
        if self._loopback and scope["method"] in _LOOKING and scope["path"] in self._open_paths:
            return ANYONE
        try:
            if self._loopback and not self._master and not self._clients.any():
                return ANYONE
            secret = head.secret()
            if not secret:
                return refusal.NO_KEY_PAGE if scope["path"] == "/" else refusal.NO_KEY
            return self._holder(secret)
        except AccessError:
            return refusal.EXPIRED
        except ConfigError as error:
            if error is not self._told:
                self._told = error
                _log.error("The keys of clients cannot be read: %s", error.message)
            return refusal.UNREADABLE

    def _holder(self, secret: str) -> Client | Refusal:
        """Whose key it is. A wrong one costs the same work as a right one."""
        if hmac.compare_digest(_digest(secret), self._master):
            return MASTER
        client = self._clients.find(secret, self._clock())
        return refusal.WRONG_KEY if client is None else client


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
