"""The embedded routing core, and the client that starts it with the first question."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.config.paths import ghostllm_keys
from zeke_bridge.model.exchange import (
    Analysis,
    AnalyzeAsk,
    ChatAsk,
    CodeAsk,
    CoreHealth,
    ModelInfo,
    Piece,
)
from zeke_bridge.store.paths import state_dir

if TYPE_CHECKING:
    from zeke_bridge.client.core import CoreClient
    from zeke_bridge.core.assemble import Core
    from zeke_bridge.core.serving import Served


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
