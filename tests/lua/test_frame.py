"""The edges of windows: whatever is said of them, a window opens."""

from __future__ import annotations

import pytest

from tests.e2e.nvim import Nvim
from tests.e2e.person import shows
from tests.fakes.broker import FakeBroker
from tests.lua.prompts import READY, ask

# What passes the check, and Neovim does not take: "corner between used edges must be specified".
ODD = "require('zeke').setup({ ui = { border = { '', '-', '', '|' } } })"


def test_a_question_is_seen_with_an_edge_that_neovim_does_not_take(
    acting: Nvim, broker: FakeBroker
) -> None:
    acting.lua(ODD)
    ask(acting, broker)
    acting.wait_screen(READY)
    assert "╭" in acting.screen.text
    assert not broker.seen("consent.answer")
    acting.wait_for("vim.api.nvim_get_option_value('winfixbuf', { win = 0 })")
    ask(acting, broker, prompt="p2")
    acting.feed("1")
    assert broker.expect("consent.answer")["choice"] == "once"
    acting.wait_screen(READY)


@pytest.mark.parametrize("command", ["Zeke messages", "ZekeStatus", "ZekeConsents"])
def test_every_window_opens_with_an_edge_that_neovim_does_not_take(
    nvim: Nvim, broker: FakeBroker, command: str
) -> None:
    nvim.lua(ODD)
    nvim.feed(f":{command}<CR>")
    nvim.wait_for("vim.fn.maparg('q', 'n') ~= ''")
    nvim.settle()
    assert "Zeke itself failed" not in nvim.screen.text


@pytest.mark.parametrize(("said", "corner"), [("double", "╔"), ("", "")])
def test_an_empty_one_is_what_neovim_has_for_all(nvim: Nvim, said: str, corner: str) -> None:
    nvim.command(f"set winborder={said}")
    nvim.lua("require('zeke').setup({ ui = { border = '' } })")
    nvim.feed(":ZekeConsents<CR>")
    nvim.wait_for("vim.api.nvim_win_get_config(0).relative == 'editor'")
    shown = nvim.lua("return vim.api.nvim_win_get_config(0).border")
    assert (shown[0] if shown and shown != "none" else "") == corner


def test_a_question_that_cannot_be_shown_is_nobodys_no(acting: Nvim, broker: FakeBroker) -> None:
    acting.lua("require('zeke.prompt.view').open = function() error('no window') end")
    ask(acting, broker)
    assert broker.expect("consent.answer") == {"prompt": "p1", "choice": "unshown"}
    shows(acting, "Zeke itself failed at GhostWarden's question, which is denied")
