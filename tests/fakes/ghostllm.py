"""``ghostllm`` as a process of its own, in a house."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.house import REPOSITORY, House

_MAIN = "from zeke_bridge.cli.ghostllm import main; main()"


@contextmanager
def serving(house: House, port: str = "0") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``ghostllm serve``, and the address it prints."""
    with subprocess.Popen(
        [sys.executable, "-c", _MAIN, "serve", "--port", port],
        env=house.environment,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        try:
            yield process, said.removeprefix("GhostLLM listens at ").strip()
        finally:
            process.kill()


def lasting_port() -> str:
    """One that is free now, and stays so: systems give programs that name none a higher one."""
    for port in range(30_000 - os.getpid() % 10_000, 32_000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return str(port)
    raise AssertionError("no port is free")


def ghostllm(house: House, *arguments: str) -> str:
    """Run one command to its end; what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", _MAIN, *arguments],
        env=house.environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
