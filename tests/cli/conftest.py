"""A project, a state directory and a configuration of their own, and ``zeke`` at the shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.fakes import forked
from zeke_bridge.cli.tree import app
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.model.grant import Grant
from zeke_bridge.store.audit import Audit
from zeke_bridge.store.consents import ConsentStore
from zeke_bridge.store.format import Consents, dump

LIMIT = 60
COMMAND = [sys.executable, "-c", "from zeke_bridge.cli.zeke import main; main()", "warden"]


class Shell:
    """``zeke warden`` in an environment that has nothing of the user's."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.root = base / "project"
        self.state = base / "state"
        self.config = base / "config"
        self.file = self.root / ".zeke-consents.json"
        (self.root / ".git").mkdir(parents=True)
        (self.root / "src").mkdir()
        (self.root / "src" / "a.py").write_text("a\n")
        (self.root / ".env").write_text("KEY=1\n")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = kept | {
            "ZEKE_STATE_DIR": str(self.state),
            "ZEKE_CONFIG_DIR": str(self.config),
            "ZEKE_RUNTIME_DIR": str(base / "run"),
            "GHOSTLLM_CONFIG_DIR": str(base / "ghostllm"),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

    def configure(self, text: str) -> None:
        self.config.mkdir()
        (self.config / "config.toml").write_text(text)

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(
            [*COMMAND, *arguments], env=self.environment, cwd=self.base, **(pipes | options)
        )

    def run(self, *arguments: str, typed: bytes) -> subprocess.CompletedProcess[bytes]:
        """Run a command over ``typed`` to its end, in a process that has it loaded."""
        wanted = ("warden", *arguments)
        return forked.Command(wanted, self.environment, self.base, self.base).run(LIMIT, typed)

    def check(self, typed: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run ``check --json`` over ``typed`` in the project."""
        return self.run("check", "--project", str(self.root), "--json", *arguments, typed=typed)

    def verdicts(self, *actions: dict[str, Any], arguments: tuple[str, ...] = ()) -> list[Any]:
        """What ``check`` says of ``actions``."""
        lines = b"".join(json.dumps(action).encode() + b"\n" for action in actions)
        done = self.check(lines, *arguments)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def say(self, *arguments: str, status: int = 0) -> str:
        """Run a command in this process; what it says, an error included."""
        result = CliRunner().invoke(app, ["warden", *arguments], env=self.environment)
        if isinstance(result.exception, ZekeError):
            assert status == 1
            return result.output + result.exception.message
        assert result.exit_code == status, result.output
        return result.output

    def store(self) -> ConsentStore:
        return ConsentStore(self.state, lambda root: "")

    def grant(self, target: str, subject: str = "assistant", now: float = 1e9) -> Grant:
        """A project approval, as the broker keeps it."""
        return self.store().remember(str(self.root), Op.WRITE, subject, target, days=0, now=now)

    def strange(self, *targets: str, denies: tuple[tuple[Op, str], ...] = ()) -> list[str]:
        """A consent file that came with the project; returns the ids of its grants."""
        grants = [
            Grant(f"strange-{number}", "project", Op.WRITE, "assistant", target, 1e9)
            for number, target in enumerate(targets)
        ]
        self.file.write_bytes(dump(Consents(tuple(grants), denies)))
        return [grant.id for grant in grants]

    def audit(self) -> Audit:
        return Audit(self.state)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)
