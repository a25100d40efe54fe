"""The composition root: the only module that sees every floor.

Everything that the broker's use cases know as a Protocol is made and handed in here. What is slow
to import (HTTP, the routing core) is imported by the functions that need it, because an editor
waits for the broker's first answer.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import signal
import socket
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from zeke_bridge.bridge.connection import Connection, Handler
from zeke_bridge.bridge.launch import retire
from zeke_bridge.bridge.methods import EditorHandler
from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.broker.broker import Broker, Place
from zeke_bridge.broker.collector import Collector
from zeke_bridge.broker.consents import ConsentDesk
from zeke_bridge.broker.gate import ConsentGate
from zeke_bridge.broker.ports import ModelClient
from zeke_bridge.broker.services import Services
from zeke_bridge.config.paths import ghostllm_directory, ghostllm_keys
from zeke_bridge.config.settings import Settings, config_file, read_file
from zeke_bridge.model.exchange import (
    Analysis,
    AnalyzeAsk,
    ChatAsk,
    CodeAsk,
    CoreHealth,
    ModelInfo,
    Piece,
)
from zeke_bridge.model.target import Places
from zeke_bridge.store.audit import Audit
from zeke_bridge.store.consents import ConsentStore
from zeke_bridge.store.log import open_log
from zeke_bridge.store.paths import private_dir, state_dir
from zeke_bridge.workspace.files.effects import Files
from zeke_bridge.workspace.files.resolve import Resolver
from zeke_bridge.workspace.project import (
    consents_forbidden,
    find_root,
    project_id,
    project_places,
)

if TYPE_CHECKING:
    from zeke_bridge.client.core import CoreClient
    from zeke_bridge.core.assemble import Core
    from zeke_bridge.core.serving import Served

log = logging.getLogger(__name__)

IDLE_S = 30 * 60.0


class SystemClock:
    """Seconds since the epoch."""

    def now(self) -> float:
        """Now, UTC."""
        return time.time()


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
        self._stopped = asyncio.Event()
        self._gone = False

    async def until_stopped(self) -> None:
        """Serve, then end every task, the core and the local model."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop, signal.Signals(number).name)
        cores = Cores(self._runtime)
        broker = Broker(
            services(self._runtime, cores),
            SystemClock(),
            Place(str(self._runtime.socket), str(log_file())),
            configured=lambda: read_file(config_file()),
            stop=self.stop,
            idle=self.idle,
        )

        def accept(connection: Connection) -> Handler:
            return EditorHandler(connection, broker, self._token)

        uid = os.getuid()
        server = await loop.create_unix_server(
            lambda: Connection(uid, accept), sock=self._listening
        )
        log.info("serving", extra={"fields": {"socket": str(self._runtime.socket)}})
        self.idle(True)
        warm = loop.create_task(cores.warm())
        await self._stopped.wait()
        server.close()
        warm.cancel()
        for session in list(broker.sessions):
            await session.tasks.close()
        await cores.aclose()

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
        if yes and not self._gone:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self._idle_s, self.stop, "idle")


def log_file() -> Path:
    """The broker's log."""
    return state_dir() / "broker.log"


def services(runtime: Runtime, cores: Cores) -> Services:
    """The consent engine over the user's own directories, and what acts on files."""
    state = private_dir(state_dir())
    never = Places(
        never=tuple(
            os.path.realpath(path)
            for path in (state, runtime.directory, config_file().parent, ghostllm_directory())
        ),
        unreadable=(os.path.realpath(runtime.token), os.path.realpath(ghostllm_keys())),
    )
    resolver = Resolver(never)
    store = ConsentStore(state, consents_forbidden)

    def places(root: str, runtimepath: Sequence[str]) -> Places:
        return project_places(root, never, runtimepath)

    gate = ConsentGate(resolver, store, Audit(state), SystemClock(), places)
    return Services(gate, ConsentDesk(store), cores, Files(resolver), FoundProjects())


class FoundProjects:
    """Projects as git and the file system have them."""

    def root(self, path: str, cwd: str) -> str:
        """The git root above ``path`` or ``cwd``, else ``cwd``."""
        return find_root(path, cwd)

    def opaque_id(self, root: str) -> str:
        """A hash of the root's path."""
        return project_id(root)


class Cores:
    """The clients of routing cores, one for each address; the embedded core is made when asked.

    ``api_keys`` of the editors' settings are merged: they are all of one user.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._embedded = EmbeddedCore(runtime)
        self._clients: dict[str, ModelClient] = {}
        self._collectors: dict[str, Collector] = {}

    async def warm(self) -> None:
        """Load what the first question will need, while nobody waits for it."""
        await self._embedded.load()

    def client(self, settings: Settings) -> ModelClient:
        """The client of the core that ``settings`` name."""
        self._embedded.keys.update(settings.api_keys)
        address = settings.base_url or ""
        if address not in self._clients:
            self._clients[address] = self._new(settings)
        return self._clients[address]

    def collector(self, settings: Settings) -> Collector:
        """Where analyses for that core are gathered."""
        address = settings.base_url or ""
        if address not in self._collectors:
            self._collectors[address] = Collector(self.client(settings), settings.batch_window)
        return self._collectors[address]

    def store_key(self, provider: str, key: str) -> str:
        """Keep a key in the core's own file; returns its path."""
        from zeke_bridge.core.keys import KeyFile

        file = KeyFile(ghostllm_keys())
        file.set(provider, key)
        return str(file.path)

    async def aclose(self) -> None:
        """Free every connection and end the embedded core."""
        for client in self._clients.values():
            await client.aclose()
        await self._embedded.aclose()

    def _new(self, settings: Settings) -> ModelClient:
        if settings.base_url is None:
            return EmbeddedClient(self._embedded)
        from zeke_bridge.client.core import CoreClient
        from zeke_bridge.client.limits import Limits

        key = os.environ.get(settings.api_key_env, "") if settings.api_key_env else ""
        return CoreClient(settings.base_url, key=key, limits=Limits(silence=settings.timeout))


class EmbeddedCore:
    """The core that ``ghostllm serve`` runs, in this process, on a private unix socket."""

    def __init__(self, runtime: Runtime) -> None:
        self.keys: dict[str, str] = {}
        self._runtime = runtime
        self._starting = asyncio.Lock()
        self._client: CoreClient | None = None
        self._core: Core | None = None
        self._served: Served | None = None

    async def load(self) -> None:
        """Import the core without stopping the loop for as long as that takes."""
        for name in ("client.core", "core.assemble", "core.serving", "core.local.server"):
            await asyncio.to_thread(importlib.import_module, f"zeke_bridge.{name}")

    async def client(self) -> CoreClient:
        """A client of the running core, which is started first when it is not."""
        async with self._starting:
            if self._client is None:
                await self.load()
                self._client = await self._start()
        return self._client

    async def aclose(self) -> None:
        """End client, server, providers and the local model, in this order."""
        if self._client is not None:
            await self._client.aclose()
        if self._served is not None:
            await self._served.aclose()
        if self._core is not None:
            await self._core.aclose()

    async def _start(self) -> CoreClient:
        from zeke_bridge.client.core import CoreClient
        from zeke_bridge.config.ghostllm import load
        from zeke_bridge.core.assemble import build_core
        from zeke_bridge.core.keys import KeyFile
        from zeke_bridge.core.local.server import LlamaServer
        from zeke_bridge.core.local.shelf import models_directory
        from zeke_bridge.core.serving import serve_unix

        local = LlamaServer(
            models_directory(), self._runtime.directory, log=state_dir() / "model.log"
        )
        self._core = build_core(load(), KeyFile(ghostllm_keys()), local, self.keys)
        self._served = await serve_unix(self._core.app, self._runtime.core_socket)
        return CoreClient(socket_path=self._runtime.core_socket)


class EmbeddedClient:
    """A ``ModelClient`` of the embedded core that starts it with the first question."""

    def __init__(self, core: EmbeddedCore) -> None:
        self._core = core

    async def chat(self, ask: ChatAsk) -> AsyncGenerator[Piece, None]:
        """See ``ModelClient``."""
        client = await self._core.client()
        async with aclosing(client.chat(ask)) as pieces:
            async for piece in pieces:
                yield piece

    async def code(self, ask: CodeAsk) -> AsyncGenerator[Piece, None]:
        """See ``ModelClient``."""
        client = await self._core.client()
        async with aclosing(client.code(ask)) as pieces:
            async for piece in pieces:
                yield piece

    async def analyze(self, ask: AnalyzeAsk) -> Analysis:
        """See ``ModelClient``."""
        return await (await self._core.client()).analyze(ask)

    async def models(self) -> list[ModelInfo]:
        """See ``ModelClient``."""
        return await (await self._core.client()).models()

    async def health(self) -> CoreHealth:
        """See ``ModelClient``."""
        return await (await self._core.client()).health()

    async def aclose(self) -> None:
        """Nothing: the core is closed by who owns it."""
