"""A project, programs in it, and permits without the gate."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.ended import Ended
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.target import Places
from zeke_bridge.model.verdict import Risk, Ruling, Verdict
from zeke_bridge.workspace.files import Resolver
from zeke_bridge.workspace.process.child import Child
from zeke_bridge.workspace.process.containment import Contain
from zeke_bridge.workspace.process.processes import Processes
from zeke_bridge.workspace.process.terminal import Limits, Terminal

YES = Verdict(Ruling.ALLOW, Risk.HIGH, "person", "Yes.", "x")
QUICK = Limits(grace_s=0.2, seconds=60)


def script(path: Path, text: str = "exit 7") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


class Bench:
    def __init__(self, root: Path, own: Places = Places()) -> None:  # noqa: B008
        self.root = root
        self.now = 100.0
        self.resolver = Resolver()
        self.processes = Processes(self.resolver, own)

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

    async def open(
        self,
        *argv: str,
        environment: Mapping[str, str] = MappingProxyType({}),
        env: tuple[tuple[str, str], ...] = (),
        contain: Contain | None = None,
    ) -> Child:
        action = self.action(*argv, env=env)
        permit = self.permit(action)
        return await self.processes.open(permit, action, environment, contain=contain)

    async def run(
        self, *argv: str, cwd: str = "", env: tuple[tuple[str, str], ...] = ()
    ) -> tuple[str, Ended]:
        terminal = self.start(*argv, cwd=cwd, env=env)
        ended = await asyncio.wait_for(terminal.wait(), 30)
        return terminal.output().text, ended
