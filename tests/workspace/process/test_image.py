"""The file that was approved is the one that is executed."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.process.bench import Bench, script
from tests.workspace.process.conftest import open_handles
from zeke_bridge.model.errors import ChangedError
from zeke_bridge.workspace.process import image, processes
from zeke_bridge.workspace.process.containment import Contain, unavailable
from zeke_bridge.workspace.process.image import open_image
from zeke_bridge.workspace.process.program import find_program

ECHO = Path(os.path.realpath("/bin/echo"))
FALSE = Path(os.path.realpath("/bin/false"))


@pytest.fixture
def binary(root: Path) -> Path:
    shutil.copy(ECHO, root / "run")
    return root / "run"


def mark(path: Path) -> tuple[int, ...]:
    return find_program(str(path), str(path.parent), str(path.parent), {}).mark


def test_a_binary_is_executed_by_its_handle(binary: Path) -> None:
    before = open_handles()
    held = open_image(str(binary), mark(binary))
    binary.rename(binary.with_name("moved"))
    assert os.path.realpath(held.executable()) == str(binary.with_name("moved"))
    held.close()
    held.close()
    assert open_handles() == before


def test_a_script_is_executed_by_its_name(root: Path) -> None:
    path = script(root / "run")
    held = open_image(str(path), mark(path))
    assert held.executable() == str(path)
    held.close()


def test_another_file_is_refused(binary: Path, root: Path) -> None:
    before, approved = open_handles(), mark(binary)
    shutil.copy(FALSE, root / "other")
    (root / "other").replace(binary)
    with pytest.raises(ChangedError):
        open_image(str(binary), approved)
    binary.unlink()
    binary.symlink_to(ECHO)
    with pytest.raises(ChangedError):
        open_image(str(binary), mark(ECHO))
    assert open_handles() == before


def test_where_there_are_no_handles(binary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(image.os, "O_PATH")
    assert open_image(str(binary), mark(binary)).executable() == str(binary)


@pytest.mark.anyio
@pytest.mark.parametrize("contained", [False, True])
async def test_swapped_after_the_last_look(
    bench: Bench, binary: Path, monkeypatch: pytest.MonkeyPatch, contained: bool
) -> None:
    if contained and unavailable():
        pytest.skip(unavailable())
    action = bench.action("./run", "good")
    permit = bench.permit(action)
    original = processes.Leader

    def swapped(*values: Any) -> Any:
        shutil.copy(FALSE, binary.with_name("evil"))
        binary.with_name("evil").replace(binary)
        return original(*values)

    monkeypatch.setattr(processes, "Leader", swapped)
    contain = Contain() if contained else None
    child = await bench.processes.open(permit, action, {}, contain=contain)
    assert await asyncio.wait_for(child.reader.read(), 30) == b"good\n"
    await asyncio.wait_for(child.aclose(), 30)
