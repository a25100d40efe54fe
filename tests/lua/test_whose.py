"""Whose text goes to the broker from a buffer that is not simply a file's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import answer

NAMED = "vim.api.nvim_buf_set_name(0, (...)) vim.bo.buftype = 'nofile'"
WHOSE = "return require('zeke.context').whose(0)"
KINDS = ["acwrite", "nowrite", "nofile", "help", "prompt"]


def sent(nvim: Nvim, broker: FakeBroker, command: str) -> Any:
    nvim.feed(f":{command}<CR>")
    return broker.expect("task.submit")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", ["ZekeExplain", "ZekeTest", "ZekeAnalyze quality"])
def test_it_is_its_file_s_whatever_kind_of_buffer_it_is(
    nvim: Nvim, broker: FakeBroker, sample: Path, kind: str, command: str
) -> None:
    nvim.command(f"set buftype={kind}")
    buffer = sent(nvim, broker, command)["buffer"]
    assert (buffer["path"], buffer["is_file"]) == (str(sample), False)


def test_a_file_s_own_buffer_is_the_file(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    buffer = sent(nvim, broker, "ZekeExplain")["buffer"]
    assert (buffer["path"], buffer["is_file"]) == (str(sample), True)


@pytest.mark.parametrize("command", ["ZekeEdit better", "ZekeRefactor better"])
def test_an_edit_is_no_change_of_the_file(
    nvim: Nvim, broker: FakeBroker, sample: Path, command: str
) -> None:
    nvim.command("set buftype=acwrite")
    buffer = sent(nvim, broker, command)["buffer"]
    assert (buffer["path"], buffer["is_file"]) == (str(sample), False)


def test_what_failed_is_a_file_s_too(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.command("set buftype=nofile")
    task = sent(nvim, broker, "%ZekeTerminal debug")
    assert task["buffer"]["path"] == str(sample)
    assert "output" not in task["shell"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("fugitive:///p/.git//0123/private/.env", "/p/.git/0123/private/.env"),
        ("gitsigns:///p/.git//HEAD:.env", "/p/.git/HEAD/.env"),
        ("zipfile:///p/x.zip::.env", "/p/x.zip/.env"),
        ("oil:///p/sub/", "/p/sub"),
        ("file:///p/%2Eenv", "/p/.env"),
        ("/p/../q/.env", "/q/.env"),
        ("scp://me@host/.env", "{cwd}/me/host/.env"),
        ("[Scratch]", "{cwd}/[Scratch]"),
    ],
)
def test_an_address_holds_a_path(nvim: Nvim, sample: Path, name: str, path: str) -> None:
    nvim.command("enew")
    nvim.lua(NAMED, name)
    assert nvim.lua(WHOSE) == path.format(cwd=sample.parent)
    assert nvim.lua("return require('zeke.context').path_of(0)") == ""


def test_what_has_no_name_was_typed_here(nvim: Nvim) -> None:
    nvim.command("enew")
    assert nvim.lua(WHOSE) == ""


def test_what_shows_a_file_or_tells_of_it_is_as_secret(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    sent(nvim, broker, "ZekeExplain")
    nvim.lua("""
      for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
        if vim.startswith(vim.api.nvim_buf_get_name(buffer), "zeke://explain") then
          vim.api.nvim_win_set_buf(0, buffer)
        end
      end""")
    assert nvim.lua(WHOSE) == str(sample)
    assert nvim.lua("return require('zeke.context').path_of(0)") == ""
    saved = sample.with_name("notes.md")
    nvim.command(f"set buftype= | saveas {saved}")
    assert nvim.lua(WHOSE) == str(saved)


@pytest.mark.parametrize("command", ["ZekeExplain", "ZekeAnalyze", "%ZekeTerminal debug"])
def test_a_window_of_questions_and_findings_is_no_text(
    nvim: Nvim, broker: FakeBroker, command: str
) -> None:
    """It may hold lines of any file, such as those of a change that waits for a yes."""
    nvim.lua("require('zeke.panel').open('consents', 'Consents')")
    nvim.wait_for("vim.startswith(vim.api.nvim_buf_get_name(0), 'zeke://consents')")
    nvim.feed(f":{command}<CR>")
    nvim.wait_screen("This window of Zeke's has no text to work on")
    assert not broker.seen("task.submit")


def test_lines_in_a_chat_are_mentioned_and_not_kept_there(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.command("set buftype=acwrite")
    [message] = sent(nvim, broker, "2,3ZekeChat what is it")["messages"]
    [attachment] = message["attachments"]
    assert message["content"] == "@buffer:#1:2-3\nwhat is it"
    assert (attachment["path"], attachment["is_file"]) == (str(sample), False)
    assert (attachment["first"], attachment["last"]) == (2, 3)
    assert attachment["text"] == "    result = 0\n    for value in values:"


def test_a_text_is_not_what_lies_on_the_disk(nvim: Nvim, sample: Path) -> None:
    """It goes along as it stands, and is not kept to be read again from there."""
    nvim.command("set buftype=acwrite")
    gather = "return require('zeke.mentions').gather(...)"
    [one] = nvim.lua(gather, "@buffer:#1", {"base": str(sample.parent)})
    assert (one["path"], one["is_file"]) == (str(sample), False)
    assert one["text"].startswith("def total")
    kept = """
      local meant = require("zeke.chat.meant").new(0)
      meant:keep(1, ...)
      return meant:saved()"""
    assert nvim.lua(kept, [one]) == []
    [file] = nvim.lua(kept, [{**one, "is_file": True}])
    assert "text" not in file["meant"][0]


@pytest.mark.parametrize("mention", ["@quickfix", "@diagnostics", "@selection", "@symbol:total"])
def test_every_mention_says_whose_text_it_is(nvim: Nvim, sample: Path, mention: str) -> None:
    nvim.command("set buftype=acwrite")
    nvim.lua("""
      vim.fn.setqflist({ { bufnr = 1, lnum = 1, text = "odd" } })
      local one = { lnum = 0, col = 0, message = "odd" }
      vim.diagnostic.set(vim.api.nvim_create_namespace("t"), 1, { one })
      vim.treesitter.get_parser(1, "python", { error = false })""")
    origin = {
        "base": str(sample.parent),
        "buffer": 1,
        "cursor": [1, 0],
        "range": {"buffer": 1, "first": 1, "last": 2},
    }
    if mention.startswith("@symbol"):
        nvim.lua("""
          local one = { name = "total", what = "function", first = 1, last = 5 }
          require("zeke.mentions.symbols").of = function() return { one } end""")
    [one] = nvim.lua("return require('zeke.mentions').gather(...)", mention, origin)
    assert (one["path"], one["is_file"]) == (str(sample), False)


def test_code_of_a_chat_goes_into_the_buffer_that_a_plugin_writes(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.command("set buftype=acwrite")
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, "`app.py`:\n\n```python\nprint(total([1]))\n```")
    nvim.lua("""
      vim.ui.select = function(items, _, done) done(items[#items]) end
      require("zeke.review").propose = function(change) _G.proposed = change end""")
    nvim.feed("gg/^```<CR>gA")
    nvim.wait_for("_G.proposed ~= nil")
    assert nvim.lua("return { _G.proposed.buffer, _G.proposed.path }") == [1, ""]


def test_a_plugin_s_unsaved_work_is_not_passed_over(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.lua("require('zeke.connection').ensure()")
    nvim.wait_for("require('zeke.connection').phase() == 'ready'")
    nvim.command("set buftype=acwrite")

    def told(number: int) -> Any:
        broker.send("editor.asked", ask=number, what="text", params={"path": str(sample)})
        return broker.expect("editor.answer")

    assert told(1)["error"] == ""
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, 0, false, { 'mine' })")
    assert told(2)["error"] == "A plugin writes this file from a buffer of its own."
