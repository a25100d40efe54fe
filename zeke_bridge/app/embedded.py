"""An embedded routing core: in this process, on a private unix socket, from the first question on.

Does not know what the core is made of, nor which question it gets.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from zeke_bridge.model.exchange import Audience

if TYPE_CHECKING:
    from zeke_bridge.client.core import CoreClient
    from zeke_bridge.core.assemble import Core
    from zeke_bridge.core.serving import Served

_CORE = (
    "app.assembly",
    "client.core",
    "client.look",
    "core.assemble",
    "core.local.server",
    "core.serving",
)


async def load(modules: Iterable[str] = _CORE) -> None:
    """Import ``modules`` of ours without stopping the loop for as long as that takes."""
    for name in modules:
        await asyncio.to_thread(importlib.import_module, f"zeke_bridge.{name}")


class EmbeddedCore:
    """The core that ``assemble`` makes, at ``socket``. Implements ``app.late.Source``."""

    def __init__(self, socket: Path, assemble: Callable[[], Core]) -> None:
        self._socket = socket
        self._assemble = assemble
        self._starting = asyncio.Lock()
        self._client: CoreClient | None = None
        self._core: Core | None = None
        self._served: Served | None = None

    async def client(self, audience: Audience | None = None, *, anew: bool = False) -> CoreClient:
        """A client of the running core, which is started first when it is not."""
        async with self._starting:
            if self._client is None:
                await load()
                self._client = await self._start()
        return self._client

    def where(self) -> str:
        """What and where the core is."""
        return "embedded"

    def doubt(self) -> None:
        """Nothing: it is here, whatever it answers."""

    async def aclose(self) -> None:
        """End client, server, providers and the local model, in this order."""
        if self._client is not None:
            await self._client.aclose()
        if self._served is not None:
            await self._served.aclose()
            self._socket.unlink(missing_ok=True)
        if self._core is not None:
            await self._core.aclose()
        self._client = self._served = self._core = None

    async def _start(self) -> CoreClient:
        from zeke_bridge.client.core import CoreClient
        from zeke_bridge.core.serving import serve_unix

        core = self._assemble()
        try:
            self._served = await serve_unix(core.app, self._socket)
        except BaseException:
            await core.aclose()
            raise
        self._core = core
        return CoreClient(socket_path=self._socket)
