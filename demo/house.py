"""The demo's own surroundings: temporary directories, so that nothing of the user's is touched.

Only the model comes from the user's cache, where a second run finds it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.sample import make_sample
from zeke_bridge.core.local.shelf import models_directory

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class House:
    """Where the sample project is, and the environment that everything in the demo runs in."""

    project: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> None:
        """Run ``zeke`` with these arguments in the demo's environment."""
        subprocess.run(
            [sys.executable, "-m", "zeke_bridge", *arguments],
            env=self.environment,
            cwd=self.project,
            check=True,
            timeout=60,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def house() -> Iterator[House]:
    """A fresh sample project and its own broker, both gone afterwards."""
    # Short, because a socket's path has to be.
    base = Path(tempfile.mkdtemp(prefix="zeke-demo-"))
    project = make_sample(base / "orders")
    # Without the user's keys: the demo stays on this machine and costs nothing.
    environment = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("ZEKE_", "GHOSTLLM_")) and not name.endswith(("_KEY", "_TOKEN"))
    }
    environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    if "ZEKE_NVIM" in os.environ:
        environment["ZEKE_NVIM"] = os.environ["ZEKE_NVIM"]
    environment["ZEKE_CACHE_DIR"] = str(models_directory().parent)
    environment["ZEKE_RUNTIME_DIR"] = str(base / "run")
    environment["ZEKE_STATE_DIR"] = str(base / "state")
    environment["ZEKE_CONFIG_DIR"] = str(base / "config")
    environment["GHOSTLLM_CONFIG_DIR"] = str(base / "ghostllm")
    environment["PYTHONPATH"] = str(REPOSITORY)
    for name in ("config", "data", "state"):
        environment[f"XDG_{name.upper()}_HOME"] = str(base / "nvim" / name)
    found = House(project, environment)
    try:
        yield found
    finally:
        found.run("broker", "stop")
        shutil.rmtree(base, ignore_errors=True)
