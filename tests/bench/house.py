"""Private directories for one benchmark, its broker, and the Neovim that measures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zeke_bridge.cli.editor import find_nvim

REPOSITORY = Path(__file__).resolve().parents[2]
FRONT = Path(__file__).with_name("front.lua")


class House:
    """Runs things in an environment of their own."""

    def __init__(self, base: Path, environment: dict[str, str]) -> None:
        self.base = base
        self.environment = environment
        self.runtime = base / "run"

    def measure(self, what: str, **arguments: Any) -> Any:
        """Run one function of ``front.lua`` in a headless Neovim; what it returns (from JSON)."""
        done = subprocess.run(
            [find_nvim(), "--headless", "--clean", "-l", FRONT, what, json.dumps(arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("{")]
        if not lines:
            raise RuntimeError(f"{what}: {done.stdout} {done.stderr}")
        return json.loads(lines[-1])

    def zeke(self, *arguments: str) -> None:
        """Run the ``zeke`` command."""
        subprocess.run(
            [sys.executable, "-m", "zeke_bridge", *arguments],
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )


@contextmanager
def house(**variables: str) -> Iterator[House]:
    """A fresh one; its broker ends with it."""
    base = Path(tempfile.mkdtemp(prefix="zeke-bench-"))
    environment = {name: text for name, text in os.environ.items() if not name.startswith("ZEKE_")}
    environment |= {
        "ZEKE_RUNTIME_DIR": str(base / "run"),
        "ZEKE_STATE_DIR": str(base / "state"),
        "ZEKE_CONFIG_DIR": str(base / "config"),
        "ZEKE_CACHE_DIR": str(base / "cache"),
        "GHOSTLLM_CONFIG_DIR": str(base / "ghostllm"),
        "ZEKE_BENCH_ROOT": str(REPOSITORY),
        "ZEKE_BENCH_PYTHON": sys.executable,
        "PYTHONPATH": str(REPOSITORY),
    }
    for name in ("config", "data", "state"):
        environment[f"XDG_{name.upper()}_HOME"] = str(base / "nvim" / name)
    found = House(base, environment | variables)
    try:
        yield found
    finally:
        found.zeke("broker", "stop")
        shutil.rmtree(base, ignore_errors=True)
