"""What a program of an agent's writes is in its buffer; what a person has changed stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.agents import begun, ended, opened, update


@pytest.fixture
def task(nvim: Nvim, broker: FakeBroker, sample: Path) -> str:
    """A turn of an agent, whose project has a file that stands in a window."""
    opened(nvim, broker, root=str(sample.parent))
    nvim.feed("Gido it<Esc><CR>")
    running = begun(broker)
    sample.write_text("".join(f"line {number}\n" for number in range(1, 9)))
    nvim.feed(f":split {sample}<CR>:4<CR>")
    nvim.wait_screen("line 4")
    return running


def ran(broker: FakeBroker, task: str | None) -> None:
    """A program of its has ended."""
    fields = {"terminalId": "terminal-1", "command": "sed", "output": ""}
    update(broker, task, "_zeke/terminal", **fields, exit={"code": 0})


def rewrite(sample: Path) -> None:
    sample.write_text(sample.read_text().replace("line 1\n", "written by a program\n"))


@pytest.mark.parametrize("in_turn", [True, False])
def test_the_buffer_follows_a_program(
    nvim: Nvim, broker: FakeBroker, sample: Path, task: str, in_turn: bool
) -> None:
    rewrite(sample)
    ran(broker, task if in_turn else None)
    nvim.wait_screen("written by a program")
    assert nvim.lua("return vim.fn.line('.')") == 4
    assert not nvim.lua("return vim.bo.modified")
    nvim.feed("u")
    nvim.wait_gone("written by a program")


def test_it_follows_at_the_end_of_a_turn(
    nvim: Nvim, broker: FakeBroker, sample: Path, task: str
) -> None:
    rewrite(sample)
    ended(nvim, broker, task)
    nvim.wait_screen("written by a program")


def test_a_changed_buffer_stays_and_that_is_said_once(
    nvim: Nvim, broker: FakeBroker, sample: Path, task: str
) -> None:
    nvim.feed("Omine<Esc>")
    nvim.wait_screen("mine")
    nvim.lua("Said = {}; require('zeke.notice').warn = function(t) table.insert(Said, t) end")
    rewrite(sample)
    ran(broker, task)
    nvim.wait_for("#Said > 0")
    assert nvim.lua("return vim.fn.getline(1)") == "line 1"
    other = sample.parent / "other.py"
    other.write_text("old\n")
    nvim.feed(f":split {other}<CR>")
    nvim.wait_screen("old")
    other.write_text("new text\n")
    ran(broker, task)
    nvim.wait_screen("new text")
    said = nvim.lua("return Said")
    assert len(said) == 1
    assert "app.py has changed on disk" in said[0]


def test_without_autoread_it_is_said(
    nvim: Nvim, broker: FakeBroker, sample: Path, task: str
) -> None:
    nvim.lua("vim.o.autoread = false")
    rewrite(sample)
    ran(broker, task)
    nvim.wait_screen("app.py has changed on disk, and 'autoread' is off")
    assert nvim.lua("return vim.fn.getline(1)") == "line 1"
    assert nvim.lua("return vim.fn.mode()") == "n"


def test_a_file_of_another_project_is_left_alone(
    nvim: Nvim, broker: FakeBroker, sample: Path, task: str
) -> None:
    other = sample.parent.parent / "elsewhere.py"
    other.write_text("old\n")
    nvim.feed(f":split {other}<CR>")
    nvim.wait_screen("old")
    other.write_text("new text\n")
    rewrite(sample)
    ran(broker, task)
    nvim.wait_screen("written by a program")
    assert nvim.lua("return vim.fn.getline(1)") == "old"
