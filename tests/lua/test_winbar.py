"""``require("zeke").winbar()``: what concerns the buffer of a window, and nothing in any other."""

from __future__ import annotations

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

TEXT = "return require('zeke').winbar()"
HUNKS = [
    {"start_line": 2, "old": ["    result = 0"], "new": ["    result = 1"]},
    {"start_line": 8, "old": ["print(total([1, 2, 3]))"], "new": ["print(6)"]},
]


@pytest.fixture
def barred(nvim: Nvim) -> Nvim:
    nvim.command("set winbar=%{%v:lua.require'zeke'.winbar()%}")
    return nvim


def test_nothing_where_nothing_is(barred: Nvim) -> None:
    assert barred.lua(TEXT) == ""
    assert barred.lua("return package.loaded['zeke.review'] == nil") is True


def test_a_change_that_is_looked_at(barred: Nvim, broker: FakeBroker) -> None:
    barred.feed(":ZekeEdit count from one<CR>")
    task = broker.expect("task.submit")
    broker.send(
        "task.patch",
        id=task["id"],
        round=1,
        version=1,
        file=1,
        files=1,
        path=task["buffer"]["path"],
        name="app.py",
        kind="change",
        title="count from one",
        changedtick=task["buffer"]["changedtick"],
        eol=True,
        hunks=HUNKS,
        note="",
        problem="",
    )
    barred.wait_screen("Zeke: change 1/2")
    barred.feed("8G")
    barred.wait_for("require('zeke').winbar() == 'Zeke: change 2/2'")
    barred.command("new")
    assert barred.lua(TEXT) == ""


def test_findings_are_counted(barred: Nvim) -> None:
    barred.lua(
        "package.loaded['zeke.analyze.publish'] = {}"
        " local one = { lnum = 0, col = 0, message = 'x' }"
        " for kind, count in pairs({ quality = 2, security = 1 }) do"
        "  local space = vim.api.nvim_create_namespace('zeke-analyze-' .. kind)"
        "  require('zeke').winbar()"
        "  vim.diagnostic.set(space, 0, vim.fn['repeat']({ one }, count)) end"
    )
    barred.wait_for("require('zeke').winbar() == 'Zeke: 3 findings'")


def test_a_suggestion_that_comes(barred: Nvim) -> None:
    barred.lua(
        "package.loaded['zeke.complete.ask'] = {"
        " asking = function(buffer) return buffer == vim.api.nvim_get_current_buf() end }"
    )
    assert barred.lua(TEXT) == "Zeke: completing"
    barred.command("new")
    assert barred.lua(TEXT) == "Zeke: completing"


def test_it_costs_next_to_nothing(barred: Nvim) -> None:
    took = barred.lua(
        "local zeke, began = require('zeke'), os.clock()"
        " for _ = 1, 1000 do zeke.winbar() end return (os.clock() - began) * 1000"
    )
    assert took < 200  # a thousand of them, in ms
