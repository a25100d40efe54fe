"""One child process with one loaded model: starting it, asking whether it lives, ending it.

Does not know when that should happen.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from zeke_bridge.core.local import child
from zeke_bridge.core.providers.base import Endpoint
from zeke_bridge.model.errors import CoreError, NoModelError, ProviderError, TimedOutError

_FAREWELL_S = 3.0
_TAIL_BYTES = 16 * 1024

# -P: a directory that happens to be current must not be imported from.
CHILD = (sys.executable, "-P", str(Path(child.__file__)))


@dataclass(frozen=True, slots=True)
class Load:
    """What to load and how: ``context`` tokens for each of ``slots`` answers at a time."""

    name: str
    model: Path
    socket: Path
    log: Path
    context: int
    slots: int
    limit_s: float


class Child:
    """A process that has loaded its model. Made by ``start``."""

    def __init__(self, process: Process, load: Load, endpoint: Endpoint) -> None:
        self._process = process
        self._load = load
        self.endpoint = endpoint

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether it takes connections now."""
        if self._process.returncode is not None:
            return False
        # Asked of the socket, because asyncio hears of a death a little later.
        with socket.socket(socket.AF_UNIX) as probe:
            probe.setblocking(False)
            try:
                probe.connect(self.endpoint.socket_path)
            except BlockingIOError:
                return True  # alive, with many waiting
            except OSError:
                return False
        return True

    async def end(self) -> None:
        """End the process, by force if it does not go; its memory and socket are free after."""
        await _end(self._process)
        self._load.socket.unlink(missing_ok=True)


async def start(load: Load, command: Sequence[str] = CHILD) -> Child:
    """Start a child and wait until it has loaded its model and listens.

    Raises ``NoModelError`` without llama.cpp, ``TimedOutError`` after ``load.limit_s`` and
    ``ProviderError`` when it dies, with what it said last. Cancelling ends the process.
    """
    endpoint = Endpoint(str(load.socket), secrets.token_hex(16))
    with _new_log(load.log) as log:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=log, cwd=load.socket.parent
        )
    try:
        async with asyncio.timeout(load.limit_s):
            answer = await _handshake(process, load, endpoint)
        if answer == "ready":
            return Child(process, load, endpoint)
        raise await _refusal(process, load, answer)
    except TimeoutError as error:
        await _kill(process)
        raise TimedOutError(
            f"{load.name} did not load in {load.limit_s:g} seconds: try a smaller model."
        ) from error
    except BaseException:
        await _kill(process)
        raise


async def _handshake(process: Process, load: Load, endpoint: Endpoint) -> str:
    stdin, stdout = _pipes(process)
    config = {
        "model": str(load.model),
        "name": load.name,
        "socket": endpoint.socket_path,
        "api_key": endpoint.api_key,
        "context": load.context,
        "slots": load.slots,
    }
    with contextlib.suppress(ConnectionError):  # it died: the end of stdout tells
        stdin.write(json.dumps(config).encode() + b"\n")
        await stdin.drain()
    return (await stdout.readline()).decode().strip()


def _pipes(process: Process) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    """The two pipes, which are there because ``start`` asked for them."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the child has no pipes")
    return process.stdin, process.stdout


async def _refusal(process: Process, load: Load, answer: str) -> CoreError:
    await _end(process)
    if answer == "missing":
        return NoModelError(
            'llama.cpp is not installed: run `pip install "zeke-bridge[local]"` with '
            f"{sys.executable}."
        )
    if answer.startswith("unusable "):
        return NoModelError(
            f"llama.cpp does not load: {answer.removeprefix('unusable ')}. Install what it misses "
            "(for libgomp.so.1 on Debian: `apt-get install libgomp1`)."
        )
    killed = "it was killed; is there enough memory?" if process.returncode == -9 else ""
    return ProviderError(
        f"{load.name} could not be loaded: {_complaint(load.log) or killed or 'it ended'}. "
        f"Install it again (`zeke model remove {load.name}`, then install); the log is {load.log}."
    )


async def _end(process: Process) -> None:
    """Ask by closing stdin, then by force."""
    _pipes(process)[0].close()
    try:
        async with asyncio.timeout(_FAREWELL_S):
            await process.wait()
    except TimeoutError:
        await _kill(process)


async def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    _pipes(process)[0].close()
    # One that the kernel does not let go of at once is left to it.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_FAREWELL_S):
            await process.wait()


def _new_log(path: Path) -> IO[bytes]:
    """An empty log, 0600; the last one is kept beside it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        path.replace(path.with_name(f"{path.name}.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _complaint(log: Path) -> str:
    """The first error that llama.cpp logged (the rest follow from it), else the last line.

    A line is ``0.00.030.848 E function: sentence``.
    """
    with log.open("rb") as file:
        lines = file.read(_TAIL_BYTES).decode("utf-8", errors="replace").splitlines()
    errors = [line.split(" E ", 1)[1] for line in lines if " E " in line]
    said = errors[:1] or [line for line in lines if line.strip()][-1:]
    return " ".join(said[0].split()) if said else ""
