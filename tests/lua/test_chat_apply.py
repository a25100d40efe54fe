"""Code of a chat on its way into a file: what was seen of the file goes with it, byte for byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, hunk
from tests.lua.chats import answer
from tests.lua.conftest import SAMPLE

CODE = "`{}`:\n\n```python\nx = 1\n```"
HOLD = "vim.ui.select = function(items, _, done) _G.items, _G.pick = items, done end"
PICK = """
local wanted = ...
for _, item in ipairs(_G.items) do
  if item.text:find(wanted, 1, true) then return _G.pick(item) end
end
"""


def asked(nvim: Nvim, broker: FakeBroker, name: str) -> None:
    """A chat with code for a file, whose place there the person is being asked for."""
    nvim.lua(HOLD)
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, CODE.format(name))
    nvim.feed("gg/x = 1<CR>gA")
    nvim.wait_for("_G.pick ~= nil")


def picked(nvim: Nvim, broker: FakeBroker, choice: str) -> dict[str, Any]:
    nvim.lua(PICK, choice)
    return broker.expect("task.submit")


def test_what_is_saved_while_the_place_is_asked_for_stays(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    asked(nvim, broker, "app.py")
    nvim.command(f"call appendbufline('{sample}', 0, 'mine')")
    task = picked(nvim, broker, "replace all")
    assert task["edits"] == [{"first": 1, "last": 8, "lines": ["x = 1"]}]
    assert task["base"] == SAMPLE.removesuffix("\n")
    assert task["buffer"]["text"] == f"mine\n{SAMPLE}".removesuffix("\n")


def test_the_end_is_where_it_is_by_then(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    asked(nvim, broker, "app.py")
    nvim.command(f"call appendbufline('{sample}', '$', 'mine')")
    task = picked(nvim, broker, "at the end")
    assert task["edits"] == [{"first": 10, "last": 9, "lines": ["", "x = 1"]}]
    assert task["base"] == task["buffer"]["text"]


def test_a_file_that_is_opened_meanwhile(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    other = sample.with_name("b.py")
    other.write_bytes(SAMPLE.replace("\n", "\r\n").encode())
    asked(nvim, broker, "b.py")
    nvim.lua("vim.fn.bufload(vim.fn.bufadd(...))", str(other))
    nvim.command(f"call appendbufline('{other}', 0, 'mine')")
    task = picked(nvim, broker, "replace all")
    assert task["base"] == SAMPLE.removesuffix("\n")
    assert task["buffer"]["text"].startswith("mine\n")


@pytest.mark.parametrize(
    ("content", "last"),
    [
        (b"\xef\xbb\xbfa\nb\n", 2),
        (b"a\r\nb\nc\r\n", 3),
        (b"a\r\nb", 2),
        ("größer\n".encode(), 1),
    ],
)
def test_the_bytes_of_a_file_are_told_as_they_are(
    nvim: Nvim, broker: FakeBroker, sample: Path, content: bytes, last: int
) -> None:
    sample.with_name("b.py").write_bytes(content)
    asked(nvim, broker, "b.py")
    task = picked(nvim, broker, "at the end")
    assert task["base"].encode() == content
    assert task["edits"] == [{"first": last + 1, "last": last, "lines": ["", "x = 1"]}]
    assert "buffer" not in task


def test_a_file_that_is_not_utf_8_is_named(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    sample.with_name("b.py").write_bytes("größer\n".encode("latin-1"))
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, CODE.format("b.py"))
    nvim.feed("gg/x = 1<CR>gA")
    nvim.wait_screen("b.py is not UTF-8 text: nothing can be put into it.")
    assert not broker.seen("task.submit")


def test_an_open_file_without_text_is_made(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.command(f"edit {sample.with_name('b.py')} | edit {sample}")
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, CODE.format("b.py"))
    nvim.feed("gg/x = 1<CR>gA")
    task = broker.expect("task.submit")
    assert task["path"].endswith("/b.py")
    assert task["edits"] == [{"first": 1, "last": 0, "lines": ["x = 1"]}]


def test_a_buffer_that_is_wiped_out_while_its_change_is_made(
    nvim: Nvim, broker: FakeBroker
) -> None:
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, "```python app.py\nprint(total([1, 2, 3]))\n```")
    author = Author(nvim, broker, "gg/```<CR>gD")
    nvim.command("bwipeout! app.py")
    author.patch(hunk(2, ["    result = 0"], ["    result = 1"]))
    nvim.wait_screen("app.py was closed")
    broker.expect("edit.reject")
