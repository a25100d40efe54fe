"""``ghostllm`` at the shell, with one provider that listens, and nothing of the user's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.fakes import forked
from tests.fakes.house import REPOSITORY
from tests.fakes.provider import FakeProvider
from zeke_bridge.cli.ghostllm import app
from zeke_bridge.core.system_keyring import SystemKeyring
from zeke_bridge.model.errors import ZekeError

KEY = "sk-very-secret"
LIMIT = 30
COMMAND = [sys.executable, "-m", "zeke_bridge.cli.ghostllm"]


class Shell:
    """``ghostllm`` in an environment of its own; ``far`` is its one provider."""

    def __init__(self, base: Path, far: FakeProvider) -> None:
        self.far = far
        self.directory = base / "ghostllm"
        self.file = self.directory / "config.toml"
        self.directory.mkdir()
        self.text = (
            f'[providers.far]\nbase_url = "{far.base_url}"\napi_key_env = "FAR_KEY"\n'
            'models = ["echo", "wrong"]\n[models]\nfar_preferred = "echo"\n'
        )
        self.file.write_text(self.text)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = kept | {
            "GHOSTLLM_CONFIG_DIR": str(self.directory),
            "GHOSTLLM_STATE_DIR": str(base / "usage"),
            "ZEKE_CACHE_DIR": str(base / "cache"),
            "ZEKE_STATE_DIR": str(base / "state"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONPATH": str(Path(__file__).parents[3]),
        }

    def run(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end, in this process; an error as ``main`` would say it."""
        gone = dict.fromkeys(set(os.environ) - set(self.environment))
        done = CliRunner(env={**gone, **self.environment}).invoke(app, arguments, input=typed)
        error = done.exception
        if isinstance(error, ZekeError):
            said = f"{done.stderr}ghostllm: {error.message}\n"
            return subprocess.CompletedProcess(arguments, 1, done.stdout, said)
        if error is not None and not isinstance(error, SystemExit):
            raise error
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)

    def process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, in a process of its own."""
        return subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[tuple[Any, str]]:
        """A running ``serve`` and its address, without ``/v1``; killed when left running."""
        wanted = ("serve", "--port", "0", *arguments)
        command = forked.Command(wanted, self.environment, REPOSITORY, self.directory, "ghostllm")
        with forked.running(command) as process:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith("GhostLLM listens at http://"), process.communicate(LIMIT)
            yield process, said.split()[-1].removesuffix("/v1")


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the keyring of whoever runs the tests out of them."""
    monkeypatch.setattr(SystemKeyring.__init__, "__defaults__", (lambda: None, 3.0))


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with FakeProvider(key=KEY) as far:
        yield Shell(tmp_path, far)
