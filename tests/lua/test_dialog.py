"""Lists and lines that are asked for, whoever shows them, and leaving them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim

SELECT = """
require("zeke.dialog").select({ "a", "b" }, { prompt = "Which?" }, function(one, index)
  _G.chosen = { one = one, index = index, called = (_G.chosen or { called = 0 }).called + 1 }
end)
"""


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        ("2<CR>", {"one": "b", "index": 2, "called": 1}),
        ("<Esc>", {"called": 1}),
        ("<C-c>", {"called": 1}),
    ],
)
def test_a_list_of_neovim_is_chosen_from_or_left(
    nvim: Nvim, keys: str, chosen: dict[str, object]
) -> None:
    nvim.lua("_G.ask = function() " + SELECT + " end")
    nvim.feed(":lua ask()<CR>")
    nvim.wait_screen("Which?")
    nvim.feed(keys)
    nvim.wait_for("_G.chosen")
    assert nvim.lua("return _G.chosen") == chosen


def test_a_list_that_is_shown_later_is_chosen_from(nvim: Nvim) -> None:
    nvim.lua("vim.ui.select = function(items, _, done) _G.pick = done end")
    nvim.lua(SELECT)
    nvim.lua("_G.pick('b', 2)")
    assert nvim.lua("return _G.chosen") == {"one": "b", "index": 2, "called": 1}


@pytest.mark.parametrize("broken", ["error('broken')", "done(items[1])"])
def test_what_fails_otherwise_is_not_hidden(nvim: Nvim, broken: str) -> None:
    nvim.lua(f"vim.ui.select = function(items, _, done) {broken} end")
    done = "function() error('Keyboard interrupt, and broken') end"
    ok, problem = nvim.lua(
        f"return {{ pcall(require('zeke.dialog').select, {{ 'a' }}, {{}}, {done}) }}"
    )
    assert not ok
    assert "broken" in problem


@pytest.mark.parametrize(("keys", "said"), [("it<CR>", "it"), ("<Esc>", ""), ("<C-c>", "")])
def test_a_line_is_typed_or_left(nvim: Nvim, keys: str, said: str) -> None:
    nvim.lua(
        "_G.ask = function() require('zeke.dialog').input({ prompt = 'What? ' }, "
        "function(text) _G.said = { text } _G.called = true end) end"
    )
    nvim.feed(":lua ask()<CR>")
    nvim.wait_screen("What?")
    nvim.feed(keys)
    nvim.wait_for("_G.called")
    assert nvim.lua("return _G.said[1] or ''") == said


def test_nothing_else_of_the_product_asks_neovim_itself() -> None:
    lua = Path(__file__).parents[2] / "lua"
    asking = [
        path.name
        for path in lua.rglob("*.lua")
        if re.search(r"vim\.ui\.(select|input)\(", path.read_text(encoding="utf-8"))
    ]
    assert asking == ["dialog.lua"]
