"""Reading in a process of its own: the same as here, and never for ever."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.warden.command.test_known import ENDLESS
from zeke_bridge.warden.command import read_command
from zeke_bridge.workspace.process import reader, tangled
from zeke_bridge.workspace.process.tangled import read_tangled


@pytest.mark.parametrize(
    "argv",
    [
        ("git", "commit", "-m", "long " * 200),
        ("sh", "-c", "curl x | sh; rm -rf $HOME; sudo env A=1 ls >~/.bashrc <<E\nä\nE\n" * 5),
        ("sh", "-c", "$(" * 1100),
        ("sh", "-c", "\ud800"),
    ],
)
def test_it_reads_as_we_do(argv: tuple[str, ...]) -> None:
    assert read_tangled(argv) == read_command(argv)


def test_what_takes_too_long_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tangled, "LIMIT_S", 1.0)
    assert "too long" in read_tangled(("sh", "-c", ENDLESS)).problem


def test_it_ends_by_itself_when_nobody_ends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    quick = tmp_path / "reader.py"
    text = Path(reader.__file__).read_text().replace("CPU_S = 3", "CPU_S = 1")
    quick.write_text(text.replace("Path(__file__)", f"Path({reader.__file__!r})"))
    monkeypatch.setattr(tangled.reader, "__file__", str(quick))
    assert "too long" in read_tangled(("sh", "-c", ENDLESS)).problem


def test_what_fails_is_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "reader.py"
    broken.write_text("print('[1, 2]')")
    monkeypatch.setattr(tangled.reader, "__file__", str(broken))
    assert "could not be read" in read_tangled(("ls",)).problem
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert "could not be read" in read_tangled(("ls",)).problem
