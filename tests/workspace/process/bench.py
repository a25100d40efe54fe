"""A project, programs in it, and permits without the gate."""

from __future__ import annotations

import asyncio
from pathlib import Path

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.verdict import Risk, Ruling, Verdict
from zeke_bridge.workspace.files import Resolver
from zeke_bridge.workspace.process.processes import Processes
from zeke_bridge.workspace.process.terminal import Exit, Limits, Terminal

YES = Verdict(Ruling.ALLOW, Risk.HIGH, "person", "Yes.", "x")
QUICK = Limits(grace_s=0.2, seconds=60)


def script(path: Path, text: str = "exit 7") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


class Bench:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.now = 100.0
        self.resolver = Resolver()
        self.processes = Processes(self.resolver)

    def action(self, *argv: str, cwd: str = "", env: tuple[tuple[str, str], ...] = ()) -> Action:
        return Action(Op.EXECUTE, str(self.root), argv=argv, cwd=cwd, env=env)

    def permit(self, action: Action) -> Permit:
        facts, held = self.resolver.hold(action)
        return Permit(action, facts, YES, held, lambda: self.now)

    def start(
        self,
        *argv: str,
        cwd: str = "",
        env: tuple[tuple[str, str], ...] = (),
        limits: Limits = QUICK,
    ) -> Terminal:
        action = self.action(*argv, cwd=cwd, env=env)
        return self.processes.start(self.permit(action), action, limits)

    async def run(
        self, *argv: str, cwd: str = "", env: tuple[tuple[str, str], ...] = ()
    ) -> tuple[str, Exit]:
        terminal = self.start(*argv, cwd=cwd, env=env)
        ended = await asyncio.wait_for(terminal.wait(), 30)
        return terminal.output().text, ended
