"""Which files have changes that are not saved: the broker is told, and once for each change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker


def connect(nvim: Nvim, broker: FakeBroker) -> list[str]:
    """Connect; the paths that the greeting tells."""
    nvim.lua("require('zeke.connection').ensure()")
    nvim.wait_for("require('zeke.connection').phase() == 'ready'")
    found: list[str] = broker.expect("hello")["unsaved"]
    return found


def told(broker: FakeBroker) -> list[str]:
    """The paths that it was told of next."""
    found: list[str] = broker.expect("editor.unsaved")["paths"]
    return found


def quiet(nvim: Nvim, broker: FakeBroker) -> bool:
    """Whether nothing was told by now."""
    nvim.settle()
    nvim.lua("require('zeke.connection').notify('nothing', {})")
    broker.expect("nothing")
    return not broker.seen("editor.unsaved")


@pytest.fixture
def other(nvim: Nvim, sample: Path) -> int:
    """A buffer that is in no window."""
    path = sample.with_name("other.py")
    path.write_text("value = 0\n", encoding="utf-8")
    buffer: int = nvim.lua("local b = vim.fn.bufadd(...) vim.fn.bufload(b) return b", str(path))
    return buffer


def test_nobody_is_told_before_there_is_a_connection(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.feed("ihello<Esc>")
    nvim.wait_for("vim.bo.modified and vim.fn.mode() == 'n'")
    assert nvim.lua("return package.loaded['zeke.unsaved'] == nil")
    assert connect(nvim, broker) == [str(sample)]


def test_typing_tells_once_and_saving_again(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    assert connect(nvim, broker) == []
    nvim.feed("ihello")
    assert told(broker) == [str(sample)]
    nvim.feed(" there<CR>and<Esc>dd")
    nvim.wait_for("vim.fn.mode() == 'n'")
    assert quiet(nvim, broker)
    nvim.command("silent write")
    assert told(broker) == []
    nvim.feed("x")
    assert told(broker) == [str(sample)]
    nvim.feed("u")
    assert told(broker) == []
    nvim.command("set modified")
    assert told(broker) == [str(sample)]
    nvim.command("edit!")
    assert told(broker) == []
    assert quiet(nvim, broker)


def test_a_change_and_a_key_that_waits_at_once(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    connect(nvim, broker)
    nvim.feed("xg")
    assert told(broker) == [str(sample)]
    while not nvim.request("nvim_get_mode")["blocking"]:
        pass


def test_a_buffer_that_nobody_looks_at(
    nvim: Nvim, broker: FakeBroker, sample: Path, other: int
) -> None:
    """As a language server changes it that renames something."""
    there = str(sample.with_name("other.py"))
    connect(nvim, broker)
    for _ in range(2):
        nvim.lua("vim.api.nvim_buf_set_lines(..., 0, 0, false, { 'mine' })", other)
        assert told(broker) == [there]
        nvim.lua("vim.api.nvim_buf_set_lines(..., 0, 0, false, { 'mine' })", other)
        assert quiet(nvim, broker)
        nvim.command("silent wall")
        assert told(broker) == []
    nvim.lua("vim.api.nvim_buf_set_lines(..., 0, 0, false, { 'mine' })", other)
    assert told(broker) == [there]
    nvim.command(f"bwipeout! {other}")
    assert told(broker) == []


def test_what_a_command_would_change(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.lua("""
      local function preview()
        vim.api.nvim_buf_set_lines(0, 0, 0, false, { "what would be" })
        return 1
      end
      vim.api.nvim_create_user_command("Try", "", { nargs = 1, preview = preview })""")
    connect(nvim, broker)
    nvim.feed(":Try it")
    nvim.wait_screen("what would be")
    nvim.feed("<Esc>")
    nvim.wait_gone("what would be")
    assert quiet(nvim, broker)
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, 0, false, { 'mine' })")
    assert told(broker) == [str(sample)]


def test_a_file_that_was_loaded_later(
    nvim: Nvim, broker: FakeBroker, sample: Path, other: int
) -> None:
    connect(nvim, broker)
    nvim.command(f"bunload {other}")
    nvim.lua("vim.fn.bufload(...)", other)
    nvim.lua("vim.api.nvim_buf_set_lines(..., 0, 0, false, { 'mine' })", other)
    assert told(broker) == [str(sample.with_name("other.py"))]


def test_a_file_that_was_read_again(
    nvim: Nvim, broker: FakeBroker, sample: Path, other: int
) -> None:
    """As one is that somebody else has written, also where its person gives their changes up."""
    there = sample.with_name("other.py")
    connect(nvim, broker)
    there.write_text("value = 'another one'\n", encoding="utf-8")
    nvim.command(f"set autoread | checktime {other}")
    assert nvim.lines(other) == ["value = 'another one'"]
    assert quiet(nvim, broker)
    nvim.lua("vim.api.nvim_buf_set_lines(..., 0, 0, false, { 'mine' })", other)
    assert told(broker) == [str(there)]
    there.write_text("value = 'yet another one'\n", encoding="utf-8")
    nvim.command("autocmd FileChangedShell * let v:fcs_choice = 'reload'")
    nvim.command(f"checktime {other}")
    assert told(broker) == []
    nvim.lua("vim.api.nvim_buf_set_lines(..., 0, 0, false, { 'mine' })", other)
    assert told(broker) == [str(there)]


def test_a_file_that_is_not_there_yet(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    connect(nvim, broker)
    nvim.lua("""
      local buffer = vim.fn.bufadd("new.py")
      vim.fn.bufload(buffer)
      vim.api.nvim_buf_set_lines(buffer, 0, 0, false, { "mine" })""")
    assert told(broker) == [str(sample.with_name("new.py"))]


def test_another_name_and_what_a_plugin_writes(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    connect(nvim, broker)
    nvim.feed("x")
    assert told(broker) == [str(sample)]
    nvim.command("file new.py")
    assert told(broker) == [str(sample.with_name("new.py"))]
    nvim.command("set buftype=nofile")
    assert told(broker) == []
    nvim.command("set buftype=acwrite")
    assert told(broker) == [str(sample.with_name("new.py"))]
    nvim.command("set nomodified")
    assert told(broker) == []


def test_a_link_and_where_it_leads(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    folder = sample.parent.with_name("linked")
    folder.symlink_to(sample.parent)
    connect(nvim, broker)
    nvim.edit(folder / "gone" / "new.py")
    nvim.feed("ix<Esc>")
    assert sorted(told(broker)) == [
        str(folder / "gone" / "new.py"),
        str(sample.parent / "gone" / "new.py"),
    ]


def test_another_broker_is_told_from_the_beginning(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    connect(nvim, broker)
    broker.die()
    nvim.wait_for("require('zeke.connection').phase() == 'idle'")
    nvim.feed("x")
    nvim.wait_for("vim.bo.modified")
    assert nvim.lua("return require('zeke.connection').phase()") == "idle"
    assert connect(nvim, broker) == [str(sample)]
    nvim.command("silent write")
    assert told(broker) == []
