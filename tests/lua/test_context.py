"""Bad input: one clear sentence, nothing sent, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

ALL = ["ZekeExplain", "ZekeEdit x", "ZekeAnalyze security"]


def refused(nvim: Nvim, broker: FakeBroker, command: str, sentence: str) -> None:
    nvim.feed(f":{command}<CR>")
    nvim.wait_screen(sentence)
    assert not broker.seen("task.submit")
    assert nvim.lua("return vim.v.errmsg") == ""


@pytest.mark.parametrize("command", ALL)
def test_an_empty_buffer(nvim: Nvim, broker: FakeBroker, command: str) -> None:
    nvim.command("enew")
    refused(nvim, broker, command, "the buffer is empty")


@pytest.mark.parametrize("command", ["6,7" + command for command in ALL])
def test_an_empty_range(nvim: Nvim, broker: FakeBroker, command: str) -> None:
    refused(nvim, broker, command, "the range is empty")


@pytest.mark.parametrize("command", ["ZekeEdit", "ZekeEdit ''", 'ZekeEdit " "', "%Zeke edit"])
def test_an_empty_instruction(nvim: Nvim, broker: FakeBroker, command: str) -> None:
    refused(nvim, broker, command, "Say what to do")


@pytest.mark.parametrize("command", ALL)
def test_a_binary_file(nvim: Nvim, broker: FakeBroker, sample: Path, command: str) -> None:
    sample.write_bytes(b"ab\ncd\x00ef\n")
    nvim.command("edit!")
    refused(nvim, broker, command, "Line 2 holds a NUL byte")
    nvim.command("edit! ++bin")
    refused(nvim, broker, command, "This buffer is binary")


@pytest.mark.parametrize("command", ALL)
def test_a_file_that_is_not_utf_8(
    nvim: Nvim, broker: FakeBroker, sample: Path, command: str
) -> None:
    sample.write_bytes("größer\n".encode("latin-1"))
    nvim.command("edit!")
    refused(nvim, broker, command, "This buffer is latin1, not UTF-8")
    nvim.command("edit! ++enc=utf-8")
    refused(nvim, broker, command, "not UTF-8")
    assert sample.read_bytes() == "größer\n".encode("latin-1")


def test_invalid_bytes_name_their_line(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'ok', 'ä', 'a\\255b' })")
    refused(nvim, broker, "ZekeExplain", "Line 3 holds bytes that are not UTF-8")


@pytest.mark.parametrize("text", ["grün 日本語 🎉", "a\ttab", "e\u0301"])
def test_unicode_travels(nvim: Nvim, broker: FakeBroker, text: str) -> None:
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, { ... })", text)
    nvim.feed(":ZekeExplain<CR>")
    assert broker.expect("task.submit")["buffer"]["text"] == text


def test_a_huge_buffer_is_not_copied(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("""
      local lines = {}
      for i = 1, 1000 do lines[i] = ('x'):rep(50) end
      for _ = 1, 1000 do vim.api.nvim_buf_set_lines(0, -1, -1, false, lines) end""")
    used = nvim.lua("collectgarbage() return collectgarbage('count')")
    refused(nvim, broker, "ZekeEdit faster", "This buffer is over 2 MiB")
    refused(nvim, broker, "ZekeExplain", "are over 256 KiB: select a smaller range")
    refused(nvim, broker, "%ZekeAnalyze", "are over 256 KiB: select a smaller range")
    assert nvim.lua("return collectgarbage('count')") - used < 5000
    nvim.feed(":1000,1005ZekeExplain<CR>")
    assert len(broker.expect("task.submit")["buffer"]["text"]) == 6 * 51 - 1


@pytest.mark.parametrize("command", ALL)
def test_a_terminal(nvim: Nvim, broker: FakeBroker, command: str) -> None:
    nvim.lua("vim.cmd.enew() vim.fn.jobstart({ 'cat' }, { term = true })")
    refused(nvim, broker, command, "A terminal buffer has no text to work on")


def test_a_help_page_is_explained_and_not_edited(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.command("help help-summary")
    refused(nvim, broker, "ZekeEdit shorter", "This buffer is not a file")
    nvim.feed(":1,9ZekeExplain<CR>")
    buffer = broker.expect("task.submit")["buffer"]
    assert buffer["path"].endswith("/doc/usr_02.txt")
    assert buffer["is_file"] is False


@pytest.mark.parametrize(
    ("option", "sentence"), [("readonly", "is read-only"), ("nomodifiable", "cannot be changed")]
)
def test_a_buffer_that_must_not_change(
    nvim: Nvim, broker: FakeBroker, option: str, sentence: str
) -> None:
    nvim.command(f"setlocal {option}")
    refused(nvim, broker, "ZekeEdit better", sentence)


def test_no_file_name(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.command("enew")
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'x = 1' })")
    nvim.feed(":ZekeEdit better<CR>")
    buffer = broker.expect("task.submit")["buffer"]
    assert (buffer["path"], buffer["name"]) == ("", "[No Name]")


def test_a_range_of_the_lua_interface(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke.explain').run({ buffer = 1, first = 90, last = 99 })")
    nvim.wait_screen("There are no lines 90 to 99 here: the buffer")
    nvim.lua("require('zeke.explain').run({ buffer = 1, first = 8, last = 99 })")
    assert broker.expect("task.submit")["buffer"]["end_line"] == 8


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ('"optimize this"', "optimize this"),
        ("'optimize this'", "optimize this"),
        ('say "hi" and "ho"', 'say "hi" and "ho"'),
        ('"foo" or "bar"', '"foo" or "bar"'),
        ("'foo' or 'bar'", "'foo' or 'bar'"),
        ('"unfinished', '"unfinished'),
        ("a | b % # \\ c", "a | b % # \\ c"),
    ],
)
def test_quotes_around_an_instruction(
    nvim: Nvim, broker: FakeBroker, typed: str, meant: str
) -> None:
    nvim.feed(f":ZekeEdit {typed}<CR>")
    assert broker.expect("task.submit")["instruction"] == meant


def test_an_unknown_analysis(nvim: Nvim, broker: FakeBroker) -> None:
    refused(nvim, broker, "ZekeAnalyze securty", "There is no analysis securty: did you mean")
    refused(nvim, broker, "ZekeAnalyze beauty", "There is no analysis beauty: there are changed,")
