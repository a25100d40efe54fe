"""One user's surroundings: directories of their own, a project in git, and the broker in them.

Nothing in it is of the user who runs the tests. The broker is a real process; its models are those
of a fake provider, or what else the environment names.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path

from tests.fakes import forked
from tests.fakes.provider import FakeProvider
from zeke_bridge.bridge.launch import peer

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 20.0
SAMPLE = "def f():\n    return 1\n"


class House:
    """Where everything of one test lives. ``variables`` go into the environment on top."""

    def __init__(self, base: Path, provider: FakeProvider | None, **variables: str) -> None:
        self.base = base
        self.runtime = base / "run"
        self.state = base / "state"
        self.project = base / "project"
        self._provider = provider
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "HOME": str(base),
            "ZEKE_RUNTIME_DIR": str(self.runtime),
            "ZEKE_STATE_DIR": str(self.state),
            "ZEKE_CONFIG_DIR": str(base / "config"),
            "ZEKE_CACHE_DIR": str(base / "cache"),
            "GHOSTLLM_CONFIG_DIR": str(base / "ghostllm"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        if provider is not None:
            self.environment["OPENAI_BASE_URL"] = provider.base_url
            self.environment["OPENAI_API_KEY"] = "sk-fake"
        self.environment |= variables
        self.project.mkdir()
        subprocess.run(["git", "init", "-q"], cwd=self.project, check=True)
        (self.project / "a.py").write_text(SAMPLE)

    @property
    def provider(self) -> FakeProvider:
        """The fake provider; a house without one has nothing to ask of it."""
        assert self._provider is not None
        return self._provider

    def zeke(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the ``zeke`` command to its end, in a process that has it loaded."""
        done = self._command(arguments).run(60)
        said, complaint = done.stdout.decode(), done.stderr.decode()
        return subprocess.CompletedProcess(arguments, done.returncode, said, complaint)

    def piped(
        self, *arguments: str
    ) -> AbstractAsyncContextManager[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """The output and input of the ``zeke`` command, in a process that has it loaded."""
        return forked.piped(self._command(arguments), PATIENCE)

    def _command(self, arguments: tuple[str, ...]) -> forked.Command:
        return forked.Command(arguments, self.environment, REPOSITORY, self.base)

    def start(self) -> None:
        """Start the broker, or find it."""
        done = self.zeke("broker", "run", "--detach")
        assert done.stdout == f"ready {self.runtime / 'broker.sock'}\n", done.stderr

    def pid(self) -> int:
        """The broker's process."""
        with self._connected() as probe:
            return peer(probe)[0]

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send the broker a signal."""
        os.kill(self.pid(), number)

    @contextmanager
    def still(self) -> Iterator[None]:
        """The broker stands still meanwhile, and then hears all at once what was said to it."""
        pid = self.pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def end(self) -> None:
        """End the broker, if one runs, and wait until it is gone; also one that hangs."""
        try:
            probe = self._connected()
        except OSError:
            return
        # It may be about to end by itself.
        with probe, contextlib.suppress(ConnectionResetError, ProcessLookupError):
            pid = peer(probe)[0]
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, signal.SIGTERM)
            try:
                _read_to_the_end(probe)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)

    def sweep(self) -> None:
        """Kill every process that lives in this house; where there is no /proc, none is found.

        A Neovim that has lost its broker starts another, which may come up when all is over.
        """
        while found := [pid for pid in _processes() if self._lives_here(pid)]:
            for pid in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _lives_here(self, pid: int) -> bool:
        mark = f"ZEKE_RUNTIME_DIR={self.runtime}".encode()
        return mark in _environment(pid) or forked.keeps(pid, self.base)

    def _connected(self) -> socket.socket:
        probe = socket.socket(socket.AF_UNIX)
        probe.settimeout(PATIENCE)
        try:
            probe.connect(str(self.runtime / "broker.sock"))
        except OSError:
            probe.close()
            raise
        return probe


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _read_to_the_end(probe: socket.socket) -> None:
    while probe.recv(65536):
        pass


@contextmanager
def house(provider: FakeProvider | None = None, **variables: str) -> Iterator[House]:
    """A fresh one; its broker ends with it. Its path is short, because a socket's has to be."""
    base = Path(tempfile.mkdtemp(prefix="zeke-"))
    found = House(base, provider, **variables)
    try:
        yield found
    finally:
        if provider is not None:
            provider.release()
        found.end()
        found.sweep()
        shutil.rmtree(base, ignore_errors=True)
