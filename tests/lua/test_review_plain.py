"""`ui.plain`: a review as lines of text, for those to whom a screen is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, hunk
from tests.lua.conftest import SAMPLE

FIRST = hunk(2, ["    result = 0"], ["    result = 1"])
SECOND = hunk(8, ["print(total([1, 2, 3]))"], [])


@pytest.fixture
def author(nvim: Nvim, broker: FakeBroker) -> Author:
    nvim.lua("require('zeke').setup({ ui = { plain = true } })")
    author = Author(nvim, broker, ":ZekeEdit count<CR>")
    author.patch(FIRST, SECOND)
    nvim.wait_screen("Hunk 1 of 2")
    return author


def text(nvim: Nvim) -> list[str]:
    return nvim.lines(nvim.lua("return vim.fn.bufnr('zeke://review/1/1/')"))


def test_it_is_text_and_nothing_is_virtual(author: Author, nvim: Nvim) -> None:
    assert text(nvim) == [
        "app.py: 2 hunks. ga accepts the rest, gR rejects it, gha and ghr decide one hunk, "
        "]h goes on.",
        "",
        "Hunk 1 of 2, line 2: undecided",
        "-     result = 0",
        "+     result = 1",
        "",
        "Hunk 2 of 2, line 8: undecided",
        "- print(total([1, 2, 3]))",
    ]
    code = "vim.api.nvim_buf_get_extmarks(1, -1, 0, -1, { details = true })"
    assert nvim.lua(f"return {code}") == []
    assert nvim.lines(1) == SAMPLE.removesuffix("\n").split("\n")


def test_deciding(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("]hgha")
    nvim.wait_screen("Hunk 1 of 2, line 2: accepted")
    assert nvim.lua("return vim.fn.line('.')") == 7
    nvim.feed("ghr")
    assert broker.expect("edit.accept")["hunks"] == [1]
    nvim.wait_screen("app.py: accepted, GhostWarden decides.")


def test_written(author: Author, nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.feed("ga")
    assert author.consent()["fits"] is True
    sample.write_text(SAMPLE.replace("result = 0", "result = 1"))
    author.settle("written", FIRST)
    author.done(("app.py", "written", ""))
    nvim.wait_for("vim.fn.getline(2) == '    result = 1'")
    assert nvim.lua("return #vim.api.nvim_list_tabpages()") == 1


def test_a_buffer_that_changes_gets_a_new_diff(
    author: Author, nvim: Nvim, broker: FakeBroker
) -> None:
    nvim.feed("]hghagtggOmine<Esc>")
    fresh = broker.expect("edit.rebase")["buffer"]
    moved = [{**one, "start_line": one["start_line"] + 1} for one in (FIRST, SECOND)]
    author.patch(*moved, changedtick=fresh["changedtick"])
    nvim.feed("gt")
    nvim.wait_screen("Hunk 1 of 2, line 3: accepted")
