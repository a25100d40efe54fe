"""Serving an ASGI app in the caller's event loop: on a private unix socket, or on a port.

No signal handlers, no access log, no timer while idle. Does not know what the app is.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from zeke_bridge.core.crowd import Crowd
from zeke_bridge.core.protocol import Protocol
from zeke_bridge.model.errors import CoreError

_BACKLOG = 2048
# How many connections asyncio takes at one go.
_AT_ONCE = 128
_FAREWELL = 5.0


class Served:
    """A running server; ``address`` is the path or the URL under which it answers."""

    def __init__(
        self, app: ASGIApp, listening: socket.socket, address: str, most: int | None = None
    ) -> None:
        self.address = address
        self._listening = listening
        self._crowd = Crowd(most)
        self._unwatch: Callable[[], None] | None = None
        config = uvicorn.Config(
            app,
            http=partial(Protocol, crowd=self._crowd),  # type: ignore[arg-type]
            backlog=_AT_ONCE,
            lifespan="off",
            proxy_headers=False,
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            ws="none",
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when requests are accepted."""
        self._unwatch = self._crowd.watch(asyncio.get_running_loop())
        self._task = asyncio.create_task(self._server.serve(sockets=[self._listening]))
        await self._server.ready.wait()
        # asyncio lets no more wait than it takes at one go.
        self._listening.listen(_BACKLOG)

    async def wait_closed(self) -> None:
        """Return when the server has ended."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def aclose(self) -> None:
        """End it: running answers are cancelled, connections closed."""
        self._server.leave.set()
        await self.wait_closed()
        if self._unwatch is not None:
            self._unwatch()


class _Server(uvicorn.Server):
    """Uvicorn's server without its signal handlers, and without waiting by the clock."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.leave = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        """Wait for the end."""
        await self.leave.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every connection, which tells what still runs that its client has left."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        if running := list(self.server_state.tasks):
            await asyncio.wait(running, timeout=_FAREWELL)


async def serve_unix(app: ASGIApp, path: Path) -> Served:
    """Serve ``app`` at ``path`` (0600), taking the place of an older socket there."""
    served = Served(app, _listen_unix(path), str(path))
    await served.start()
    return served


async def serve_port(app: ASGIApp, host: str, port: int, most: int | None = None) -> Served:
    """Serve ``app`` at ``host:port`` (port 0: any free one). Raises ``CoreError``.

    ``most`` connections at once; None: as many as there is room for.
    """
    listening = _listen_port(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listening.getsockname()[1]}"
    served = Served(app, listening, address, most)
    await served.start()
    return served


def _listen_unix(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        path.unlink(missing_ok=True)
        listening.bind(str(path))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise CoreError(f"The core cannot listen at {path}: {error.strerror or error}.") from error
    finally:
        os.umask(before)
    return listening


def _listen_port(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle off on what is accepted: else small answers wait.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise CoreError(
            f"The core cannot listen at {host} port {port} ({error.strerror or error}): "
            "choose another with --port."
        ) from error
    return listening
