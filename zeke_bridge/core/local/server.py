"""The local model as a server: started when it is needed, shared, ended when nobody needs it.

Implements ``core.providers.base.LocalServer``. Does not know what is asked of the model.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import platformdirs

from zeke_bridge.core.local.launch import CHILD, Child, Load, start
from zeke_bridge.core.local.shelf import Shelf
from zeke_bridge.core.providers.base import Endpoint
from zeke_bridge.model.errors import NoModelError, ProviderError, UnknownModelError

# sun_path holds 108 bytes on Linux and 104 on macOS, with the closing NUL.
_MAX_SOCKET_PATH = 100


class Timer(Protocol):
    """Something that was put off, and can be called off."""

    def cancel(self) -> None:
        """Call it off."""
        ...


Schedule = Callable[[float, Callable[[], None]], Timer]


@dataclass(frozen=True, slots=True)
class LlamaLimits:
    """Tokens of context for each of ``slots`` answers at a time; seconds to load a model."""

    context: int = 8192
    slots: int = 2
    load_s: float = 80.0


def _later(seconds: float, call: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(seconds, call)


class LlamaServer:
    """One child process at a time. Use it inside one event loop.

    ``models_dir`` is the shelf, ``runtime_dir`` a private directory for the socket, ``log`` where
    llama.cpp complains. After ``idle_s`` seconds with nothing in flight the process is ended.
    """

    def __init__(
        self,
        models_dir: Path,
        runtime_dir: Path,
        idle_s: float = 900.0,
        *,
        limits: LlamaLimits | None = None,
        log: Path | None = None,
        schedule: Schedule = _later,
        command: Sequence[str] = CHILD,
    ) -> None:
        self._shelf = Shelf(models_dir.absolute())
        self._runtime_dir = runtime_dir.absolute()
        self._idle_s = idle_s
        self._limits = limits or LlamaLimits()
        self._log = log or _default_log()
        self._schedule = schedule
        self._command = command
        self._file: Path | None = None
        self._starting: asyncio.Task[Endpoint] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._child: Child | None = None
        self._changing = asyncio.Lock()
        self._in_flight = 0
        self._timer: Timer | None = None
        self._short_dir: tempfile.TemporaryDirectory[str] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the child, if one is loaded."""
        return self._child.pid if self._child is not None else None

    def installed(self) -> list[str]:
        """The ids of the models on the shelf that may be used."""
        return self._shelf.installed()

    async def ensure(self, model: str) -> Endpoint:
        """The endpoint of a process that has loaded ``model``.

        Callers that come at the same time share one start; a dead process is started anew; one
        with another model is ended, and what is in flight there fails. Raises ``NoModelError``,
        ``UnknownModelError``, and as ``launch.start`` does.
        """
        path = self._path(model)
        task = self._starting
        if task is None or self._file != path or self._is_dead(task):
            task = asyncio.create_task(self._replace(model, path))
            task.add_done_callback(_heard)
            self._starting, self._file = task, path
        try:
            # Shielded: a caller who leaves must not end what others wait for.
            endpoint = await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise ProviderError("The local model was stopped: run it again.") from None
            raise
        finally:
            self.touch()
        return endpoint

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """While entered, the process is not ended for idleness."""
        self._in_flight += 1
        self.touch()
        try:
            yield
        finally:
            self._in_flight -= 1
            self.touch()

    def touch(self) -> None:
        """Begin to count idle time from now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._starting is not None and self._in_flight == 0:
            self._timer = self._schedule(self._idle_s, self._idle)

    async def stop(self) -> None:
        """End the process, a start that is under way, and an end that is under way."""
        starting = self._let_go()
        if starting is not None and not starting.done():
            starting.cancel()
            await asyncio.wait([starting])
        if self._ending is not None:
            await asyncio.wait([self._ending])
        await self._end()
        if self._short_dir is not None:
            self._short_dir.cleanup()
            self._short_dir = None

    def _path(self, model: str) -> Path:
        path = self._shelf.find(model)
        if path is not None:
            return path
        there = self.installed()
        if not there:
            raise NoModelError("No local model is installed: run `zeke model install`.")
        raise UnknownModelError(
            f"{model} is not installed: choose one of {', '.join(there)}, or run "
            "`zeke model install`."
        )

    def _is_dead(self, starting: asyncio.Task[Endpoint]) -> bool:
        """Whether the start is over and nothing came of it, or it died since."""
        return starting.done() and (self._child is None or not self._child.alive())

    async def _replace(self, model: str, path: Path) -> Endpoint:
        limits = self._limits
        async with self._changing:
            await self._end_child()
            load = Load(
                name=model,
                model=path,
                socket=self._socket(),
                log=self._log,
                context=limits.context,
                slots=limits.slots,
                limit_s=limits.load_s,
            )
            self._child = await start(load, self._command)
            return self._child.endpoint

    async def _end(self) -> None:
        async with self._changing:
            await self._end_child()

    async def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.end()

    def _let_go(self) -> asyncio.Task[Endpoint] | None:
        """From now on, ``ensure`` starts another one."""
        starting, self._starting = self._starting, None
        self.touch()
        return starting

    def _idle(self) -> None:
        self._timer = None
        if self._in_flight == 0 and self._starting is not None and self._starting.done():
            self._let_go()
            self._ending = asyncio.create_task(self._end())

    def _socket(self) -> Path:
        # Two cores of one user may run at once, so the name is this process's own.
        name = f"model-{os.getpid()}.sock"
        self._runtime_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._runtime_dir / name
        if len(os.fsencode(path)) <= _MAX_SOCKET_PATH:
            return path
        if self._short_dir is None:
            self._short_dir = tempfile.TemporaryDirectory(prefix="zeke-", dir="/tmp")
        return Path(self._short_dir.name) / name


def _default_log() -> Path:
    state = os.environ.get("ZEKE_STATE_DIR") or platformdirs.user_state_dir("zeke")
    return Path(state) / "model.log"


def _heard(task: asyncio.Task[Endpoint]) -> None:
    """A start that failed while nobody waited any more is not worth a warning."""
    if not task.cancelled():
        task.exception()
