"""Nothing runs without a permit, and nothing but what it was given for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.process.bench import Bench, script
from zeke_bridge.model.action import Op
from zeke_bridge.model.ended import Ended
from zeke_bridge.model.errors import ChangedError, DeniedError
from zeke_bridge.workspace.process import processes
from zeke_bridge.workspace.process.terminal import Terminal

pytestmark = pytest.mark.anyio


async def ended(terminal: Terminal) -> Ended:
    return await asyncio.wait_for(terminal.wait(), 30)


async def test_a_permit_works_once(bench: Bench) -> None:
    action = bench.action("true")
    permit = bench.permit(action)
    await ended(bench.processes.start(permit, action))
    with pytest.raises(DeniedError, match="used already"):
        bench.processes.start(permit, action)


async def test_a_permit_is_for_one_action(bench: Bench) -> None:
    action = bench.action("true")
    for other in (
        replace(action, argv=("true", "x")),
        replace(action, env=(("A", "1"),)),
        replace(action, cwd="src"),
        replace(action, note="x"),
    ):
        with pytest.raises(DeniedError, match="another action"):
            bench.processes.start(bench.permit(action), other)


async def test_an_old_permit(bench: Bench) -> None:
    action = bench.action("true")
    permit = bench.permit(action)
    bench.now += 61
    with pytest.raises(ChangedError, match="over a minute"):
        bench.processes.start(permit, action)


async def test_a_permit_for_a_file(bench: Bench) -> None:
    (bench.root / "a").write_text("a")
    action = replace(bench.action("true"), op=Op.READ, path="a")
    with pytest.raises(DeniedError, match="something else"):
        bench.processes.start(bench.permit(action), action)


async def test_a_program_that_is_not_there(bench: Bench) -> None:
    action = bench.action("no-such-program")
    with pytest.raises(DeniedError, match="no such program"):
        bench.processes.start(bench.permit(action), action)


async def test_a_swapped_program(bench: Bench) -> None:
    script(bench.root / "run", "echo good")
    action = bench.action("./run")
    permit = bench.permit(action)
    script(bench.root / "evil", f"touch {bench.root}/x").replace(bench.root / "run")
    with pytest.raises(ChangedError, match="changed since"):
        bench.processes.start(permit, action)
    permit = bench.permit(action)
    (bench.root / "run").write_text(f"#!/bin/sh\ntouch {bench.root}/x\n# longer\n")
    with pytest.raises(ChangedError, match="changed since"):
        bench.processes.start(permit, action)
    permit = bench.permit(action)
    (bench.root / "run").unlink()
    (bench.root / "run").symlink_to("/bin/true")
    with pytest.raises(ChangedError, match="changed since"):
        bench.processes.start(permit, action)
    assert not (bench.root / "x").exists()


async def test_a_program_that_gets_in_front(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    action = bench.action("true")
    permit = bench.permit(action)
    script(tmp_path / "bin" / "true", "echo other")
    with pytest.raises(ChangedError):
        bench.processes.start(permit, action)


async def test_a_swapped_directory(bench: Bench, tmp_path: Path) -> None:
    action = bench.action("pwd", cwd="src")
    permit = bench.permit(action)
    (bench.root / "src").rename(bench.root / "moved")
    (bench.root / "src").mkdir()
    with pytest.raises(ChangedError):
        bench.processes.start(permit, action)
    permit = bench.permit(action)
    (bench.root / "src").rmdir()
    (bench.root / "src").symlink_to(tmp_path)
    with pytest.raises(ChangedError):
        bench.processes.start(permit, action)


async def test_it_runs_in_the_directory_that_is_held(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Swapped after the last look: the child is still where it was allowed to be."""
    action = bench.action("pwd", "-P", cwd="src")
    permit = bench.permit(action)
    original = processes.Leader

    def swapped(*values: Any) -> Any:
        (bench.root / "src").rename(bench.root / "moved")
        (bench.root / "src").mkdir()
        return original(*values)

    monkeypatch.setattr(processes, "Leader", swapped)
    terminal = bench.processes.start(permit, action)
    await ended(terminal)
    assert terminal.output().text == f"{bench.root}/moved\n"
