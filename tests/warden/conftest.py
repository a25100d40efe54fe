"""A project to judge actions in, built afresh for every case."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.model.action import ASSISTANT, Action, Op, Subject
from zeke_bridge.model.grant import Grant, Rules
from zeke_bridge.model.target import Places
from zeke_bridge.model.verdict import Verdict
from zeke_bridge.warden.command import keep, known, read_command
from zeke_bridge.warden.grants import Denies, Deny, GrantIndex, Grants
from zeke_bridge.warden.match import DenyPattern
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.rulebook import compile_rules
from zeke_bridge.workspace.files import Resolver

NOW = 1000.0
FILES = {
    "src/a.py": "a",
    "src/deep/b.py": "b",
    "README.md": "r",
    "docs/guide.md": "g",
    ".env": "KEY=1",
    ".env.example": "KEY=",
    ".git/config": "[core]",
    "../out/secret.txt": "s",
    "../project-evil/x.py": "x",
    "../state/trust.json": "t",
    "../keys/openai": "k",
}


class World:
    """A project on disk, and the verdict of a case of the corpus in it."""

    def __init__(self, base: Path) -> None:
        self.root = base / "project"
        self.out = base / "out"
        self.root.mkdir()
        self.places = Places(never=(str(base / "state"),), unreadable=(str(base / "keys"),))
        for path, text in FILES.items():
            self._write(path, text)

    def _write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def set_up(self, setup: dict[str, Any]) -> None:
        for path, text in setup.get("files", {}).items():
            self._write(path, text)
        for path, text in setup.get("links", {}).items():
            (self.root / path).symlink_to(self.fill(text))
        for path, existing in setup.get("hard", {}).items():
            (self.root / path).hardlink_to(self.root / existing)
        for path in setup.get("fifos", []):
            os.mkfifo(self.root / path)
        for path in setup.get("folders", []):
            (self.root / path).mkdir(parents=True)
        for path in setup.get("programs", []):
            self._write(path, "#!/bin/sh\n")
            (self.root / path).chmod(0o755)

    def fill(self, text: str) -> str:
        return text.replace("$ROOT", str(self.root)).replace("$OUT", str(self.out))

    def action(self, fields: dict[str, Any]) -> Action:
        texts = {
            name: self._text(fields[name])
            for name in ("path", "to", "url", "tool")
            if name in fields
        }
        if "bytes" in fields:
            texts["path"] = os.fsdecode(bytes.fromhex(fields["bytes"]))
        agent = fields.get("agent")
        return Action(
            op=Op(fields["op"]),
            root=str(self.root),
            subject=Subject("agent", agent, "f" * 64) if agent else ASSISTANT,
            argv=tuple(self._text(part) for part in fields.get("argv", [])),
            cwd=self.fill(fields.get("cwd", "")),
            env=tuple(
                (self._text(name), self._text(value)) for name, value in fields.get("env", [])
            ),
            **texts,
        )

    def _text(self, value: Any) -> str:
        if isinstance(value, dict):
            part, times = value["repeat"]
            return str(part) * int(times)
        return self.fill(value)

    def _aim(self, target: Any) -> str:
        """A command as grants name it: its parts in canonical JSON."""
        if isinstance(target, str):
            return target
        return self.fill(json.dumps(target, sort_keys=True, separators=(",", ":")))

    def judge(self, case: dict[str, Any], *, kernel: bool = True) -> Verdict:
        action = self.action(case["action"])
        resolver = Resolver(self.places, kernel=kernel)
        rules = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in case.get("rules", {}).items()
        }
        places = Places(
            self.places.never,
            self.places.unreadable,
            on_runtimepath=case.get("runtimepath", False),
        )
        grants = [
            Grant(f"grant-{number}", scope, Op(op), "assistant", self._aim(target), 0.0, *expires)
            for number, (scope, op, target, *expires) in enumerate(case.get("grants", []))
        ]
        # The gate has a process read what may take long; held, it is known to the policy.
        reading = keep(action.argv, read_command(action.argv))
        assert reading is known(action.argv)
        return decide(
            action,
            resolver.look(action),
            compile_rules(Rules(**rules), places),
            Grants(
                GrantIndex(grant for grant in grants if grant.scope == "session"),
                GrantIndex(grant for grant in grants if grant.scope == "project"),
            ),
            Denies(
                frozenset(
                    (family, self._aim(target)) for family, target in case.get("refused", [])
                ),
                tuple(Deny(Op(op), DenyPattern(text)) for op, text in case.get("denies", [])),
            ),
            now=NOW,
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
