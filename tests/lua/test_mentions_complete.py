"""Completion after an ``@``: by Neovim's own keys, by nvim-cmp and by blink.cmp.

The two plugins are tried as they really are where their repositories are in ``build/peers``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import REPOSITORY, Nvim
from tests.fakes.broker import FakeBroker

PEERS = REPOSITORY / "build" / "peers"
FILES = ["README.md", "app.py", "src/a b.py", "src/main.py"]
# What the chat does: it knows where its person was, and says that its buffer is one to complete in.
CHAT = """
package.loaded["zeke.chat.origin"] = { get = function() return { buffer = 1 } end }
vim.cmd.new()
vim.bo.buftype = "nofile"
require("zeke.mentions.complete").attach(0)
"""
ITEMS = """
local line, origin = ...
origin = origin or {}
origin.base = vim.fn.getcwd()
return require("zeke.mentions.complete").items(line, origin)
"""


@pytest.fixture
def chat(nvim: Nvim, broker: FakeBroker, sample: Path) -> Nvim:
    broker.states["files"] = {"root": str(sample.parent), "files": FILES, "whole": True}
    nvim.lua(CHAT)
    return nvim


@pytest.fixture
def known(chat: Nvim) -> Nvim:
    """The names are there already."""
    chat.lua(
        "require('zeke.mentions.places').refresh(vim.fn.getcwd(), function() vim.g.came = 1 end)"
    )
    chat.wait_for("vim.g.came")
    return chat


def words(nvim: Nvim, line: str) -> list[str] | None:
    found = nvim.lua(ITEMS, line, {"buffer": 1})
    return None if found is None else [item["word"] for item in found["items"]]


def test_what_there_is_to_mention(known: Nvim) -> None:
    every = words(known, "see @")
    assert every is not None
    assert every == [
        "@file:",
        "@buffer",
        "@selection",
        "@diagnostics",
        "@diff",
        "@quickfix",
        "@symbol:",
    ]
    assert words(known, "@di") == ["@diagnostics", "@diff"]
    assert words(known, "@diff") == ["@diff"]
    assert words(known, "@mai") == ["@file:src/main.py"]
    assert known.lua(ITEMS, "é @di")["start"] == 3


def test_names_after_the_colon(known: Nvim) -> None:
    assert words(known, "@file:") == [
        "@file:README.md",
        "@file:app.py",
        '@file:"src/a b.py"',
        "@file:src/main.py",
    ]
    assert words(known, "@file:src/ma") == ["@file:src/main.py"]
    assert words(known, '@file:"src/a b') == ['@file:"src/a b.py"']
    assert words(known, "@buffer:") == ["@buffer:app.py"]
    assert words(known, "@quickfix:l") == ["@quickfix:location"]
    assert words(known, "@selection:") == []


@pytest.mark.parametrize("line", ["", "me@fi", "`@fi", "\\@fi", "@file:a b", "@nothing:a", "@@"])
def test_where_nothing_is_mentioned(known: Nvim, line: str) -> None:
    assert words(known, line) is None


def test_names_from_below_the_root(known: Nvim, sample: Path, broker: FakeBroker) -> None:
    (sample.parent / "src").mkdir()
    known.command(f"cd {sample.parent}/src")
    known.lua(
        "require('zeke.mentions.places').refresh(vim.fn.getcwd(), function() vim.g.came = 2 end)"
    )
    known.wait_for("vim.g.came == 2")
    assert words(known, "@file:") == [
        "@file:../README.md",
        "@file:../app.py",
        '@file:"a b.py"',
        "@file:main.py",
    ]
    gather = "return require('zeke.mentions').gather(..., { base = vim.fn.getcwd() })"
    said = known.lua(gather, "@file:../app.py")
    assert said[0]["path"] == str(sample)


def test_many_names_are_no_burden(chat: Nvim, broker: FakeBroker) -> None:
    broker.states["files"]["files"] = [f"src/part{number}.py" for number in range(4000)]
    chat.lua(
        "require('zeke.mentions.places').refresh(vim.fn.getcwd(), function() vim.g.came = 1 end)"
    )
    chat.wait_for("vim.g.came")
    found = words(chat, "@file:part39")
    assert found is not None
    assert 0 < len(found) <= 200


def test_the_omnifunc_asks_and_shows(chat: Nvim, broker: FakeBroker) -> None:
    chat.command("set completeopt=menu,menuone,noselect")
    chat.feed("isee @<C-x><C-o>")
    chat.wait_screen("what changed in the project")
    chat.feed("<C-e>file:src<C-x><C-o>")
    # The names were asked for meanwhile; a menu that was wanted too early is shown again.
    chat.wait_screen("src/main.py")
    chat.feed("/ma<C-x><C-o><C-n>")
    chat.wait_screen("see @file:src/main.py")
    chat.feed("<C-y> and @qu<C-x><C-o><C-n><C-y>")
    chat.wait_screen("and @quickfix")
    assert chat.lines() == ["see @file:src/main.py and @quickfix"]


def test_a_slash_does_not_end_the_native_menu(known: Nvim) -> None:
    known.command("set completeopt=menu,menuone,noselect")
    known.feed("i@file:s<C-x><C-o>")
    known.wait_for("vim.fn.pumvisible() == 1")
    known.feed("rc/")
    known.wait_for("vim.api.nvim_get_current_line() == '@file:src/'")
    known.wait_for("vim.fn.pumvisible() == 1")
    known.feed("<C-n><C-y>")
    known.wait_for("vim.api.nvim_get_current_line() == '@file:src/main.py'")
    known.feed(" a<C-x><C-n><C-e>/")
    known.settle()
    assert known.lua("return vim.fn.pumvisible()") == 0


def test_the_first_names_come_while_one_waits(chat: Nvim, broker: FakeBroker) -> None:
    chat.command("set completeopt=menu,menuone,noselect")
    chat.feed("i@file:<C-x><C-o>")
    chat.wait_screen("src/main.py")
    assert chat.lines() == ["@file:"]


def test_the_omnifunc_leaves_other_words_alone(known: Nvim) -> None:
    known.feed("iplain<C-x><C-o>")
    known.settle()
    assert known.lines() == ["plain"]
    assert known.lua("return vim.v.errmsg") == ""


def test_completion_without_a_broker(chat: Nvim, broker: FakeBroker) -> None:
    broker.start_error = "it is broken"
    broker.die()
    chat.feed("i@bu<C-x><C-o>")
    chat.wait_screen("@buffer")
    assert chat.lines()[0].startswith("@bu")


ASK_CMP = """
local source = require("zeke.mentions.cmp").new()
local line = ...
local answer
source:complete({ context = { cursor_before_line = line, cursor = { row = 3, col = #line + 1 } } },
  function(response) answer = response end)
return { answer, source:is_available(), source:get_trigger_characters(),
  source:get_position_encoding_kind(), source:get_debug_name(), source:get_keyword_pattern() }
"""


def test_the_interface_of_nvim_cmp(known: Nvim) -> None:
    answer, available, triggers, encoding, name, pattern = known.lua(ASK_CMP, "é @file:src/m")
    assert (available, encoding, name) == (True, "utf-8", "zeke")
    assert "@" in triggers
    [item] = answer["items"]
    assert answer["isIncomplete"] is True
    assert item["kind"] == 17
    assert item["textEdit"] == {
        "newText": "@file:src/main.py",
        "range": {"start": {"line": 2, "character": 3}, "end": {"line": 2, "character": 14}},
    }
    assert known.lua("return vim.regex(...):match_str('see @file:a/b.py') == 4", pattern)
    assert known.lua(ASK_CMP, "plain")[0]["items"] == []
    known.command("wincmd p")
    assert known.lua(ASK_CMP, "@")[1] is False


def test_it_is_registered_once_and_only_where_nvim_cmp_is(chat: Nvim) -> None:
    chat.feed("i<Esc>")
    chat.settle()
    assert chat.lua("return require('zeke.mentions.cmp').register()") is False
    chat.lua("""
      _G.names = {}
      package.loaded.cmp = { register_source = function(name) table.insert(names, name) end }""")
    chat.feed("i<Esc>")
    chat.wait_for("#names > 0")
    chat.feed("i<Esc>")
    chat.settle()
    assert chat.lua("return names") == ["zeke"]


ASK_BLINK = """
local provider = require("zeke.mentions.blink").new({}, {})
local line = ...
_G.answers = {}
_G.cancel = provider:get_completions({ cursor = { 1, #line }, line = line .. " rest" },
  function(response) table.insert(answers, response) end)
return { provider:enabled(), provider:get_trigger_characters(), type(cancel) }
"""


def test_the_interface_of_blink(known: Nvim) -> None:
    enabled, triggers, cancel = known.lua(ASK_BLINK, "@file:src/m")
    assert (enabled, cancel) == (True, "function")
    assert "@" in triggers
    [answer] = known.lua("return answers")
    assert answer["is_incomplete_forward"] is True
    [item] = answer["items"]
    assert item["label"] == item["filterText"] == "src/main.py"
    assert item["textEdit"]["newText"] == "@file:src/main.py"
    assert item["textEdit"]["range"]["start"] == {"line": 0, "character": 0}


def test_what_was_cancelled_says_nothing(chat: Nvim, broker: FakeBroker) -> None:
    chat.lua(ASK_BLINK.replace("return", "cancel() return"), "@file:")
    chat.lua(
        "require('zeke.mentions.places').refresh(vim.fn.getcwd(), function() vim.g.came = 1 end)"
    )
    chat.wait_for("vim.g.came")
    assert list(chat.lua("return answers")) == []


def peer(nvim: Nvim, name: str) -> None:
    path = PEERS / name
    if not path.is_dir():
        pytest.skip(f"{name} is not in build/peers")
    nvim.lua("vim.opt.runtimepath:append(...)", str(path))
    for script in sorted(path.glob("plugin/*.lua")):
        nvim.command(f"source {script}")


def type_slowly(nvim: Nvim, text: str) -> None:
    """As people do: a menu hears of every letter."""
    for letter in text:
        nvim.feed(letter)
        nvim.settle()


def choose(nvim: Nvim, *, keys: str) -> Any:
    nvim.feed("i")
    nvim.settle()
    nvim.feed("@")
    nvim.wait_screen("@selection")
    type_slowly(nvim, "file:sr")
    nvim.wait_screen("src/main.py")
    type_slowly(nvim, "c/main")
    nvim.wait_screen(lambda screen: "a b.py" not in screen.text and "src/main.py" in screen.text)
    nvim.feed(keys)
    nvim.wait_for("vim.api.nvim_get_current_line() == '@file:src/main.py'")


def test_nvim_cmp_itself(chat: Nvim) -> None:
    peer(chat, "nvim-cmp")
    chat.lua("""
      local cmp = require("cmp")
      cmp.setup({ sources = { { name = "zeke" } }, mapping = cmp.mapping.preset.insert({
        ["<C-y>"] = cmp.mapping.confirm({ select = true }) }) })
      require("zeke.mentions.cmp").register()""")
    choose(chat, keys="<C-y>")


def test_blink_itself(chat: Nvim) -> None:
    peer(chat, "blink.cmp")
    chat.lua("""
      require("blink.cmp").setup({
        fuzzy = { implementation = "lua" },
        keymap = { preset = "default", ["<C-y>"] = { "select_and_accept" } },
        sources = { default = { "zeke" },
          providers = { zeke = { name = "Zeke", module = "zeke.mentions.blink" } } },
      })""")
    choose(chat, keys="<C-y>")
