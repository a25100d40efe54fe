"""``zeke`` and ``ghostllm`` as processes that have everything loaded: forked off one that waits with it.

Loading is most of what a short test would cost. Such a process is like any other: it has the
arguments, the environment, the directory and the standard streams it was given, its own signals
and its own end. What only a fresh interpreter shows, tests start one for: what a command loads,
and flags of Python. ``/proc`` tells of the process that it was forked off, hence the ``mark``.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from asyncio.streams import FlowControlMixin
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from multiprocessing import reduction
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from typing import Any, Literal

_LOADED = (
    "zeke_bridge.cli.tree",
    "zeke_bridge.cli.broker",
    "zeke_bridge.cli.ghostllm",
    "zeke_bridge.app.assembly",
    "zeke_bridge.app.remote",
    "zeke_bridge.client.core",
    "zeke_bridge.client.look",
    "zeke_bridge.core.serving",
    "zeke_bridge.acp.serving",
    "zeke_bridge.agents.acp.host",
)
_MODULES = {"zeke": "zeke_bridge", "ghostllm": "zeke_bridge.cli.ghostllm"}
# Where every process is watched, each is a fresh one: it has to load the observer for itself.
_FRESH = "ZEKE_DENIED_LOG" in os.environ
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([*_LOADED, __name__])


class _Handle:
    """An open file that the new process gets, too."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return _number, (reduction.DupFd(self._number),)


def _number(handed: Any) -> Any:
    return handed.detach()


@dataclass(frozen=True, slots=True)
class Command:
    """What is to be run, where. The process keeps the directory ``mark`` open."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path
    mark: Path
    program: Literal["zeke", "ghostllm"] = "zeke"

    def begin(self, *streams: int) -> BaseProcess:
        """Start it, with these as its standard input, output and error output."""
        handles = [_Handle(number) for number in streams]
        process = _PROCESSES.Process(target=_be, args=(self, handles))
        process.start()
        return process

    def run(self, patience: float, typed: bytes = b"") -> CompletedProcess[bytes]:
        """Run it to its end; ``typed`` is on its standard input."""
        if _FRESH:
            return self.fresh(patience, typed)
        with (
            tempfile.TemporaryFile() as typing,
            tempfile.TemporaryFile() as said,
            tempfile.TemporaryFile() as complaint,
        ):
            typing.write(typed)
            typing.seek(0)
            process = self.begin(typing.fileno(), said.fileno(), complaint.fileno())
            status = _status(process, patience)
            if status is None:
                process.kill()
                raise TimeoutExpired([self.program, *self.arguments], patience)
            said.seek(0)
            complaint.seek(0)
            return CompletedProcess(self.arguments, status, said.read(), complaint.read())

    def fresh(self, patience: float, typed: bytes = b"") -> CompletedProcess[bytes]:
        """Run it to its end in an interpreter of its own."""
        return subprocess.run(
            self.argv,
            env=self.environment,
            cwd=self.directory,
            input=typed,
            capture_output=True,
            timeout=patience,
            check=False,
        )

    @property
    def argv(self) -> list[str]:
        """As a shell would start it."""
        return [sys.executable, "-m", _MODULES[self.program], *self.arguments]


@contextmanager
def running(command: Command) -> Iterator[Program | subprocess.Popen[str]]:
    """It runs, with nothing to read; it is killed in the end."""
    if _FRESH:
        with subprocess.Popen(
            command.argv,
            env=command.environment,
            cwd=command.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            yield process
            process.kill()
        return
    with closing(Program(command)) as forked:
        yield forked


class Program:
    """A command that runs, with as much of ``subprocess.Popen`` as tests use."""

    def __init__(self, command: Command) -> None:
        reads, writes = zip(os.pipe(), os.pipe(), strict=True)
        with Path(os.devnull).open("rb") as none:
            self._process = command.begin(none.fileno(), *writes)
        for end in writes:
            os.close(end)
        self.stdout, self.stderr = (os.fdopen(end, encoding="utf-8") for end in reads)
        self.returncode: int | None = None

    def send_signal(self, number: int) -> None:
        """Unless it has ended."""
        pid = self._process.pid
        if self._process.exitcode is None and pid is not None:
            os.kill(pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float) -> int:
        """Its status, once it has ended."""
        self.returncode = _status(self._process, timeout)
        if self.returncode is None:
            raise TimeoutExpired("wait", timeout)
        return self.returncode

    def communicate(self, timeout: float) -> tuple[str, str]:
        """What it has still to say, once it has ended; that is little."""
        self.wait(timeout)
        return self.stdout.read(), self.stderr.read()

    def close(self) -> None:
        """End it."""
        self.kill()
        self._process.join()
        self.stdout.close()
        self.stderr.close()


def _status(process: BaseProcess, patience: float) -> int | None:
    process.join(patience)
    return process.exitcode


@asynccontextmanager
async def piped(
    command: Command, patience: float
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """The standard output and input of ``command``, which is hung up on at the end."""
    if _FRESH:
        from acp.transports import spawn_stdio_transport

        argv, where = command.argv, command.directory
        async with spawn_stdio_transport(*argv, env=command.environment, cwd=where) as streams:
            yield streams[:2]
        return
    (their_input, our_output), (our_input, their_output) = os.pipe(), os.pipe()
    try:
        process = command.begin(their_input, their_output, 2)
    finally:
        os.close(their_input)
        os.close(their_output)
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    reading, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(our_input, "rb", 0)
    )
    writing, flow = await loop.connect_write_pipe(FlowControlMixin, os.fdopen(our_output, "wb", 0))
    writer = asyncio.StreamWriter(writing, flow, None, loop)
    try:
        yield reader, writer
    finally:
        writing.close()
        reading.close()
        await asyncio.to_thread(process.join, patience)
        gone = process.exitcode is not None
        if not gone:
            process.kill()
            await asyncio.to_thread(process.join)
        process.close()
        assert gone, "it does not end when it is hung up on"


def keeps(pid: int, mark: Path) -> bool:
    """Whether the process was begun here with this ``mark``, or is a child of such a one."""
    process = Path(f"/proc/{pid}")
    try:
        if b"multiprocessing.forkserver" not in (process / "cmdline").read_bytes():
            return False
        return any(handle.readlink() == mark for handle in (process / "fd").iterdir())
    except OSError:
        return False


def _be(command: Command, streams: list[int]) -> None:
    os.open(command.mark, os.O_RDONLY)
    for number, handle in enumerate(streams):
        os.dup2(handle, number)
        os.close(handle)
    os.environ.clear()
    os.environ.update(command.environment)
    os.chdir(command.directory)
    tempfile.tempdir = None
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = [command.program, *command.arguments]
    if command.program == "zeke":
        from zeke_bridge.cli.zeke import main
    else:
        from zeke_bridge.cli.ghostllm import main
    main()
