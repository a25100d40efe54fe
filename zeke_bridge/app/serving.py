"""One broker from its first connection to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from weakref import WeakSet

from zeke_bridge.app.clock import SystemClock
from zeke_bridge.app.cores import Cores
from zeke_bridge.app.embedded import load
from zeke_bridge.app.wiring import log_file, services
from zeke_bridge.bridge.connection import Connection, Handler
from zeke_bridge.bridge.launch import retire
from zeke_bridge.bridge.methods import EditorHandler
from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.broker.broker import Broker, Place
from zeke_bridge.config.settings import config_file, read_file
from zeke_bridge.store.log import open_log

log = logging.getLogger(__name__)

IDLE_S = 30 * 60.0
FAREWELL_S = 2.0
# What the first task needs, beside a core.
_TASKS = ("broker.jobs", "broker.agents.sessions")


def serve(runtime: Runtime, listening: socket.socket, token: str) -> None:
    """Be the broker on ``listening`` until stopped, idle for 30 minutes or outdated."""
    handler = open_log(log_file())
    try:
        asyncio.run(Serving(runtime, listening, token).until_stopped())
    except Exception:
        log.exception("the broker broke")
        raise
    finally:
        handler.close()


class Serving:
    """One broker from its first connection to its end."""

    def __init__(
        self, runtime: Runtime, listening: socket.socket, token: str, *, idle: float = IDLE_S
    ) -> None:
        self._runtime = runtime
        self._listening = listening
        self._token = token
        self._idle_s = idle
        self._idle: asyncio.TimerHandle | None = None
        self._came = asyncio.Event()
        self._stopped = asyncio.Event()
        self._connections: WeakSet[Connection] = WeakSet()
        self._gone = False

    async def until_stopped(self) -> None:
        """Serve, then end every task, the core and the local model."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop, signal.Signals(number).name)
        cores = Cores(self._runtime)
        shared = services(self._runtime, cores)
        broker = Broker(
            shared,
            SystemClock(),
            Place(str(self._runtime.socket), str(log_file())),
            configured=lambda: read_file(config_file()),
            stop=self.stop,
            idle=self.idle,
        )

        def accept(connection: Connection) -> Handler:
            self._connections.add(connection)
            return EditorHandler(connection, broker, self._token)

        uid = os.getuid()
        server = await loop.create_unix_server(
            lambda: Connection(uid, accept), sock=self._listening
        )
        log.info("serving", extra={"fields": {"socket": str(self._runtime.socket)}})
        self.idle(True)
        warm = loop.create_task(self._warm(cores))
        await self._stopped.wait()
        server.close()
        warm.cancel()
        for session in broker.editors:
            await broker.agents(session).aclose()
            await session.close()
        await shared.processes.aclose()
        await cores.aclose()
        await self._farewell()

    async def _farewell(self) -> None:
        """Let those hang up who were sent away, for a moment.

        Of a line that ends Neovim drops what it has read and not done yet: it would not hear why.
        """
        leaving = [one.ended() for one in self._connections if one.sent_away]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await asyncio.gather(*leaving)

    async def _warm(self, cores: Cores) -> None:
        # Not before the first editor has its greeting: loading takes the processor from it.
        await self._came.wait()
        await load(_TASKS)
        await cores.warm()

    def stop(self, reason: str) -> None:
        """Take the name off the disk at once, and end."""
        if self._gone:
            return
        self._gone = True
        log.info("stopping", extra={"fields": {"reason": reason}})
        retire(self._runtime)
        self._stopped.set()

    def idle(self, yes: bool) -> None:
        """Start or stop the clock of an empty house."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if not yes:
            self._came.set()
        elif not self._gone:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self._idle_s, self.stop, "idle")
