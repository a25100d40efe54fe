"""The core that ``ghostllm.base_url`` leads to, whatever answers there.

A core of ours is asked directly. Any other server has no tasks, no figures and no costs: an
embedded core does these, with that server as its only provider. What it is is found out with the
first question and remembered until a question fails. Text of a project that must stay on this
machine is only given to a core of ours that is on it, else to the user's own local model.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from zeke_bridge.app.embedded import EmbeddedCore
from zeke_bridge.client.core import CoreClient
from zeke_bridge.client.limits import Limits
from zeke_bridge.client.look import Found, look
from zeke_bridge.client.transport import Transport
from zeke_bridge.config.proxy import is_here
from zeke_bridge.config.servers import TITLES
from zeke_bridge.config.settings import Settings
from zeke_bridge.model.errors import AuthError, CoreError, NoModelError
from zeke_bridge.model.exchange import Audience

if TYPE_CHECKING:
    from zeke_bridge.core.assemble import Core

_LOCAL = "local"


class Remote:
    """Implements ``app.late.Source`` for the ``base_url`` of ``settings``.

    ``own`` is the embedded core of the user's own providers, which stays open; ``socket`` names a
    new place for another one. Raises ``ConfigError`` when ``base_url`` is no URL.
    """

    def __init__(self, settings: Settings, own: EmbeddedCore, socket: Callable[[], Path]) -> None:
        self._settings = settings
        self._url = settings.base_url or ""
        variable = settings.api_key_env
        self._key = os.environ.get(variable, "").strip() if variable else ""
        self._limits = Limits(silence=settings.timeout)
        self._http = Transport(self._url, None, self._key, self._limits)
        self._own = own
        self._socket = socket
        self._looking: asyncio.Task[CoreClient | EmbeddedCore] | None = None
        self._found: Found | None = None
        self._way_there: CoreClient | EmbeddedCore | None = None
        self._doubted = False

    async def client(self, audience: Audience | None = None, *, anew: bool = False) -> CoreClient:
        """A client of the core that may be asked.

        Raises as ``client.look.look`` does, and ``AuthError`` when a key is wanted there and the
        variable that should hold it is empty.
        """
        who = audience or Audience()
        if who.local_only:
            return await self._staying(who)
        way = await self._way(anew)
        if isinstance(way, CoreClient):
            if self._found is not None and not self._found.version:
                self._need_key()  # a core that keeps us out does not say its version
            return way
        # That name means the model here; the server knows none of it.
        provider = who.model.partition(":")[0]
        if provider == _LOCAL:
            return await self._own.client()
        self._need_key()
        return await way.client()

    def where(self) -> str:
        """What was found there last."""
        found = self._found
        if found is None:
            return self._url
        if found.server == "ghostllm":
            return " ".join(filter(None, ("remote GhostLLM", found.version, "at", self._url)))
        return f"{TITLES[found.server]} at {self._url} through the embedded core"

    def doubt(self) -> None:
        """Look again before the next question."""
        self._doubted = True

    async def aclose(self) -> None:
        """Free the connections, and end the embedded core that was made for the server."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])
        await self._http.aclose()
        await self._forget()

    def _need_key(self) -> None:
        """Raise ``AuthError`` when a variable is named that holds no key."""
        variable = self._settings.api_key_env
        if variable and not self._key:
            raise AuthError(
                f"${variable} is not set where the broker runs: run `zeke broker stop`, then try "
                "again."
            )

    async def _staying(self, who: Audience) -> CoreClient:
        """A client for text that must not leave this machine."""
        if is_here(self._url):
            try:
                # What was there a while ago may be something else now.
                way = await self._way(anew=True)
            except CoreError:
                way = self._own
            if isinstance(way, CoreClient):
                return way
        provider = who.model.partition(":")[0]
        if provider in TITLES:
            raise NoModelError(
                f"This project allows only models on this machine, and {self._url} is not known "
                "to be one: choose a local one with `:ZekeSetModel`."
            )
        return await self._own.client()

    async def _way(self, anew: bool) -> CoreClient | EmbeddedCore:
        """A core of ours over there, or the embedded one in front of whatever else it is."""
        if self._looking is None:
            if self._way_there is not None and not self._doubted and not anew:
                return self._way_there
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(self._looked)
        # Shielded: a caller who leaves must not end what others wait for.
        return await asyncio.shield(self._looking)

    async def _look(self) -> CoreClient | EmbeddedCore:
        found = await look(self._http)
        way = self._way_there
        if way is None or found != self._found:
            await self._forget()
            way = await self._new(found)
            self._found, self._way_there = found, way
        self._doubted = False
        return way

    def _looked(self, task: asyncio.Task[CoreClient | EmbeddedCore]) -> None:
        self._looking = None
        if not task.cancelled():
            task.exception()  # it is no loss when nobody waits for it any more

    async def _new(self, found: Found) -> CoreClient | EmbeddedCore:
        if found.server == "ghostllm":
            return CoreClient(self._url, key=self._key, limits=self._limits)
        socket, settings = self._socket(), self._settings
        base_url = self._http.url + found.path

        def assemble() -> Core:
            from zeke_bridge.app.assembly import server_core

            keys = socket.with_suffix(".keys")
            return server_core(found.server, base_url, settings.api_key_env, settings.timeout, keys)

        core = EmbeddedCore(socket, assemble)
        with contextlib.suppress(CoreError):
            # What its models can do is to be known with the first question.
            await (await core.client()).models()
        return core

    async def _forget(self) -> None:
        """End what was made for what was found before; what it still answers is cut off."""
        way, self._way_there, self._found = self._way_there, None, None
        if way is not None:
            await way.aclose()
