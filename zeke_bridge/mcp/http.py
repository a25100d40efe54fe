"""``zeke mcp`` over HTTP: on this machine alone, for who shows the token.

Streamable HTTP (https://modelcontextprotocol.io/specification/2025-11-25/basic/transports) by the
SDK. Before it, ``Door`` looks at ``Host`` and ``Origin``, so that no web page can have a browser of
this machine ask in its place (DNS rebinding), and then at the token.
"""

from __future__ import annotations

import hmac
import os
import socket
from collections.abc import Iterable

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from zeke_bridge.model.errors import BrokerError

HOST = "127.0.0.1"
PATH = "/mcp"
_LEAVE_S = 2


class Door:
    """Lets requests to ``app`` through that are meant for it and may be made."""

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self._app = app
        self._hosts = {f"{name}:{port}".encode() for name in (HOST, "localhost")}
        self._origins = {b"http://" + host for host in self._hosts}
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it. A request that is refused gets 421, 403 or 401."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refused = self._refused(scope["headers"])
        if refused is None and scope["type"] == "http":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            status, words = refused or (404, "There is nothing here.")
            headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
            await PlainTextResponse(words, status, headers)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _refused(self, headers: Iterable[tuple[bytes, bytes]]) -> tuple[int, str] | None:
        given: dict[bytes, list[bytes]] = {b"host": [], b"origin": [], b"authorization": []}
        for name, value in headers:
            if name.lower() in given:
                given[name.lower()].append(value)
        hosts, origins = given[b"host"], given[b"origin"]
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return 421, "This is not the server of that host."
        if origins and (len(origins) != 1 or origins[0].lower() not in self._origins):
            return 403, "No page of that origin may ask."
        if not self._shows_token(given[b"authorization"]):
            return 401, "Show the token: `Authorization: Bearer TOKEN`."
        return None

    def _shows_token(self, given: list[bytes]) -> bool:
        if len(given) != 1:
            return False
        scheme, _, token = given[0].partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), self._token)


def listening(port: int) -> socket.socket:
    """A socket of this machine alone; ``port`` 0 is any. Raises ``BrokerError``."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        # The library adds the address to what the system says.
        why = os.strerror(error.errno) if error.errno else str(error)
        raise BrokerError(f"Port {port} cannot be used: {why}. `--port` takes another.") from error


def application(server: MCPServer, port: int, token: str) -> ASGIApp:
    """What is served on ``port``."""
    names = [f"{name}:{port}" for name in (HOST, "localhost")]
    security = TransportSecuritySettings(
        allowed_hosts=names, allowed_origins=[f"http://{name}" for name in names]
    )
    return Door(
        server.streamable_http_app(streamable_http_path=PATH, transport_security=security),
        port,
        token,
    )


def run(server: MCPServer, taken: socket.socket, token: str) -> None:
    """Serve until somebody ends this process."""
    app = application(server, taken.getsockname()[1], token)
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_LEAVE_S,
    )
    uvicorn.Server(config).run(sockets=[taken])
