"""The servers that are measured, each in a process pinned to a core of its own."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.core.provider import MODEL
from tests.fakes.house import REPOSITORY

MEASURED, LOADING = 0, 1
"""The processor of the measured server, and that of the provider and the load."""
_PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Rival:
    """Something that answers chat completions at ``url``; ``pid`` 0: nothing of its own."""

    name: str
    url: str
    model: str
    key: str = ""
    pid: int = 0

    def memory_mb(self) -> float:
        """Its resident memory, with that of its children."""
        return sum(_resident(pid) for pid in _family(self.pid)) / 1e6


def pin(processor: int) -> Callable[[], None]:
    """What a child calls to stay on ``processor``."""

    def stay() -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setaffinity(0, {processor % (os.cpu_count() or 1)})

    return stay


@contextlib.contextmanager
def provider() -> Iterator[Rival]:
    """The provider itself: what direct calls cost."""
    command = [sys.executable, "-m", "tests.bench.core.provider"]
    with _process(command, {}, LOADING, REPOSITORY, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        base = process.stdout.readline().decode().strip()
        yield Rival("direct", f"{base}/chat/completions", MODEL)


@contextlib.contextmanager
def ghostllm(base_url: str, place: Path) -> Iterator[Rival]:
    """``ghostllm serve`` in front of ``base_url``, with its usage book and all else as it comes."""
    (place / "config.toml").write_text(
        f'[providers.bench]\nbase_url = "{base_url}"\nmodels = ["{MODEL}"]\n', encoding="utf-8"
    )
    port = _free_port()
    command = [sys.executable, "-m", "zeke_bridge.cli.ghostllm", "serve", "--port", str(port)]
    environment = {
        "GHOSTLLM_CONFIG_DIR": str(place),
        "GHOSTLLM_STATE_DIR": str(place / "state"),
        "ZEKE_CACHE_DIR": str(place / "cache"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    with _process(command, environment, MEASURED, REPOSITORY) as process:
        _wait_for(f"http://127.0.0.1:{port}/health", process)
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        yield Rival("GhostLLM", url, f"bench:{MODEL}", pid=process.pid)


@contextlib.contextmanager
def litellm(base_url: str, place: Path, program: Path) -> Iterator[Rival]:
    """A LiteLLM proxy with one worker in front of ``base_url``."""
    config = place / "litellm.yaml"
    config.write_text(
        f"model_list:\n  - model_name: {MODEL}\n    litellm_params:\n      model: openai/{MODEL}\n"
        f"      api_base: {base_url}\n      api_key: none\n",
        encoding="utf-8",
    )
    port, key = _free_port(), f"sk-{secrets.token_hex(16)}"
    command = [str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    environment = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_MASTER_KEY": key,
        "LITELLM_TELEMETRY": "False",
        "LITELLM_LOG": "ERROR",
    }
    with _process([*command, "--num_workers", "1"], environment, MEASURED, place) as process:
        _wait_for(f"http://127.0.0.1:{port}/health/liveliness", process)
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        yield Rival("LiteLLM", url, MODEL, key, process.pid)


@contextlib.contextmanager
def _process(
    command: list[str],
    environment: Mapping[str, str],
    processor: int,
    place: Path,
    stdout: int = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command,
        cwd=place,
        env={**os.environ, **environment},
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        preexec_fn=pin(processor),
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + _PATIENCE_S
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            # By the clock: the servers' output goes nowhere, so that writing it costs no side more.
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _family(pid: int) -> list[int]:
    """``pid`` and its children, theirs included."""
    if not pid:
        return []
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(child) for child in task.read_text().split()]
    return found


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0
