"""The notice window: never over what the person is at, and always to be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.inbox import Inbox
from tests.lua.prompts import ASK, WAITS

PLACE = """
local place = {}
for _, window in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
  local config = vim.api.nvim_win_get_config(window)
  if config.relative ~= "" and config.zindex == 190 then
    place = { top = config.row - config.height, bottom = config.row, width = config.width }
  end
end
local at = vim.fn.screenpos(0, vim.fn.line("."), vim.fn.col(".")).row - 1
return vim.tbl_extend("error", place, { cursor = at, rows = vim.o.lines - vim.o.cmdheight - 1 })"""
LONG = "Something long was said of which nobody knows why it had to be said at such a length. "


def fill(nvim: Nvim) -> None:
    lines = [str(number) for number in range(100, 200)]
    nvim.request("nvim_buf_set_lines", 0, 0, -1, False, lines)


@pytest.fixture
def many(nvim: Nvim) -> Nvim:
    """A screen full of lines, the cursor in the first."""
    fill(nvim)
    nvim.feed("gg")
    nvim.settle()
    return nvim


def say(nvim: Nvim, text: str) -> None:
    nvim.lua("require('zeke.notice').info(...)", text)


def place(nvim: Nvim) -> dict[str, Any]:
    """Where the notice and the cursor are, once the keys are worked off."""
    nvim.settle()
    found: dict[str, Any] = nvim.lua(PLACE)
    return found


def apart(found: dict[str, Any]) -> bool:
    """Whether the notice leaves the line of the cursor free, and two above and below."""
    return bool(found["bottom"] <= found["cursor"] - 2 or found["cursor"] + 3 <= found["top"])


def test_it_is_at_the_bottom_unless_somebody_is_there(many: Nvim) -> None:
    say(many, "It is said.")
    many.wait_screen("It is said.")
    assert place(many)["bottom"] == 22
    many.feed("L")
    found = place(many)
    assert (found["top"], found["cursor"]) == (0, 21)
    many.wait_screen(lambda screen: "It is said." in screen.lines[0])
    many.feed("M")
    assert place(many)["top"] == 0
    many.feed("H")
    assert place(many)["bottom"] == 22
    many.wait_screen(lambda screen: "It is said." in screen.lines[21])


def test_it_is_not_said_over_the_line_that_is_typed(many: Nvim) -> None:
    many.feed("Goa line that goes on and on")
    say(many, LONG)
    text = many.wait_screen("Something long")
    assert "a line that goes on and on" in text
    assert apart(place(many))
    many.feed("<CR>another")
    assert apart(place(many))
    many.feed("<C-o>gg")
    assert apart(place(many))


@pytest.mark.parametrize("count", [1, 4])
def test_wherever_the_cursor_goes(many: Nvim, count: int) -> None:
    for number in range(count):
        say(many, f"{number}. {LONG}")
    for keys in ("H", "L", "M", "zt", "zb", "zz", "5j", "5k", "<C-d>", "<C-u>", "G", "gg"):
        many.feed(keys)
        found = place(many)
        assert apart(found), (keys, found)
        assert found["top"] >= 0
        assert found["bottom"] <= found["rows"]
        many.wait_screen(f"Zeke: {count - 1}. Something long")


def test_a_line_that_takes_many_rows(many: Nvim) -> None:
    many.feed("Go" + "word " * 100)
    say(many, "It is said.")
    many.wait_screen("It is said.")
    assert apart(place(many))
    many.command("normal! 0")
    many.feed("<Esc>0")
    assert apart(place(many))


def test_the_oldest_gives_way_where_there_is_no_room(many: Nvim) -> None:
    for number in range(4):
        say(many, f"{number}. {LONG * 2}")
    many.feed("M")
    assert apart(place(many))
    text = many.wait_screen("Zeke: 3. Something")
    assert "Zeke: 0. Something" not in text
    many.feed(":Zeke messages<CR>")
    many.wait_screen("╭ Zeke messages")
    assert "Zeke: 0. Something" in "\n".join(many.lines())


def test_beside_a_window_at_the_right_it_may_stay(many: Nvim) -> None:
    many.command("set nosplitright | vsplit | vertical resize 30")
    say(many, "Short.")
    many.feed("L")
    assert place(many)["bottom"] == 22
    many.feed("<C-w>l")
    many.feed("L")
    assert place(many)["top"] == 0


@pytest.mark.parametrize("before", [True, False])
def test_the_last_message_is_not_under_it(many: Nvim, before: bool) -> None:
    if not before:
        many.feed(":Zeke messages<CR>")
        many.wait_screen("╭ Zeke messages")
    for number in range(4):
        say(many, f"{number}. {LONG}")
    if before:
        many.feed(":Zeke messages<CR>")
    many.wait_screen(lambda screen: "3. Something" in screen.text and "╰───" in screen.text)
    assert apart(place(many))


def test_the_keys_of_a_list_are_not_under_it(inbox: Inbox) -> None:
    inbox.open()
    nvim = inbox.nvim
    for number in range(4):
        say(nvim, f"{number}. {LONG}")
    nvim.wait_screen(lambda screen: "3. Something" in screen.text and "╰ <Space>" in screen.text)
    assert apart(place(nvim))


def test_a_menu_is_not_under_it(many: Nvim) -> None:
    many.command("set completeopt=menuone,noinsert pumheight=15")
    many.feed("5GO")
    say(many, LONG)
    many.feed("1<C-n>")
    many.wait_for("vim.fn.pumvisible() == 1")
    many.wait_for(
        f"""(function()
          local place, menu = (function() {PLACE} end)(), vim.fn.pum_getpos()
          return place.bottom <= menu.row or place.top >= menu.row + menu.height
        end)()"""
    )
    many.wait_screen("Something long")


@pytest.mark.parametrize("keys", ["gg", "L"])
def test_beside_a_question(typing: Nvim, broker: FakeBroker, keys: str) -> None:
    typing.command("only")
    fill(typing)
    say(typing, "It is said.")
    typing.feed(keys)
    typing.settle()
    broker.send("consent.asked", **ASK)
    text = typing.wait_screen(WAITS)
    for part in ("GhostWarden ─ 1 of 2", "[1] Allow once", "+new line"):
        assert part in text
    typing.wait_screen("It is said.")
    assert apart(place(typing))


def test_on_a_small_screen_it_is_there(many: Nvim) -> None:
    many.resize(40, 8)
    many.wait_screen(lambda screen: len(screen.lines) == 8)
    say(many, LONG)
    many.wait_screen("Zeke: Something")
    many.feed("M")
    many.settle()
    many.wait_screen("Zeke: Something")
    assert many.lua("return vim.v.errmsg") == ""


def test_it_is_on_the_tab_page_that_is_looked_at(many: Nvim) -> None:
    say(many, "It is said.")
    many.wait_screen("It is said.")
    many.feed(":tabnew<CR>")
    many.wait_screen(lambda screen: "[No Name]" in screen.text and "It is said." in screen.text)
    many.feed("gT")
    many.wait_screen(lambda screen: "100" in screen.text and "It is said." in screen.text)


def test_nothing_is_left_of_it(many: Nvim) -> None:
    many.lua("require('zeke.notice').instead(nil, 'a step')")
    many.wait_screen("Zeke: a step")
    many.lua("require('zeke.notice').over('a step')")
    many.wait_gone("Zeke: a step")
    assert many.lua("return vim.api.nvim_get_autocmds({ group = 'zeke-notice' })") == []


def test_where_rows_are_read_it_is_always_at_the_bottom(
    open_nvim: Callable[..., Nvim],
) -> None:
    nvim = open_nvim(init="vim.g.zeke = { ui = { plain = true } }")
    fill(nvim)
    nvim.feed("L")
    say(nvim, "It is said.")
    nvim.wait_screen("It is said.")
    found = place(nvim)
    assert (found["bottom"], found["width"]) == (22, 80)
    nvim.feed("HL")
    assert place(nvim)["bottom"] == 22
