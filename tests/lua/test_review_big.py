"""A diff of 200 hunks: Neovim's loop never stands still for it, and a decision costs next to
nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.loop import BOUND_MS, never_stalls
from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, hunk

COUNT = 200
LINES = [f"value_{number} = compute(first_{number}, second)" for number in range(COUNT * 25)]
HUNKS = [
    hunk(
        number * 25 + 5,
        LINES[number * 25 + 4 : number * 25 + 8],
        [line.replace("second", "third") for line in LINES[number * 25 + 4 : number * 25 + 9]],
    )
    for number in range(COUNT)
]


@pytest.fixture
def author(nvim: Nvim, broker: FakeBroker, sample: Path) -> Author:
    sample.write_text("\n".join(LINES) + "\n")
    nvim.command("edit!")
    author = Author(nvim, broker, ":ZekeEdit more<CR>")
    with never_stalls(nvim):
        author.patch(*HUNKS)
        nvim.wait_screen("Zeke 1/200")
        nvim.wait_for("""#vim.api.nvim_buf_get_extmarks(0,
          vim.api.nvim_get_namespaces()["zeke-review-bodies"], { 4980, 0 }, -1, {}) > 0""")
    return author


def test_each_decision_is_quick(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    spent = nvim.lua("""
      local review, spent = require("zeke.review"), {}
      for _ = 1, 150 do
        local from = os.clock()
        review.accept_hunk(0)
        table.insert(spent, os.clock() - from)
      end
      table.sort(spent)
      return { spent[75] * 1000, spent[150] * 1000 }
    """)
    # Aimed at are 5 ms; the machine may be busy.
    assert spent[0] < 5
    assert spent[1] < BOUND_MS
    nvim.wait_screen("Zeke 151/200")
    nvim.feed("gR")
    assert broker.expect("edit.accept")["hunks"] == list(range(1, 151))


def test_all_of_it_at_once(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    with never_stalls(nvim):
        nvim.feed("3]h[h")
        nvim.wait_screen("Zeke 2/200")
        nvim.feed("ga")
        nvim.wait_screen("GhostWarden decides")
        broker.expect("edit.accept")


def test_of_one_huge_hunk_the_beginning_is_shown(
    author: Author, nvim: Nvim, broker: FakeBroker
) -> None:
    nvim.feed("gR")
    broker.expect("edit.reject")
    author.settle("rejected")
    author.done(("app.py", "rejected", ""))
    huge = hunk(10, LINES[9:10], [f"new {number}" for number in range(3000)])
    Author(nvim, broker, ":ZekeEdit all<CR>").patch(huge)
    nvim.wait_screen("Zeke 1/1 +3000 −1")
    nvim.feed("9Gzt4<C-e>")
    text = nvim.wait_screen("… 2960 more lines: `:Zeke review text`")
    assert "new 39" in text
    nvim.feed(":Zeke review text<CR>")
    nvim.wait_screen("Hunk 1 of 1, line 10: undecided")
    nvim.feed("G")
    nvim.wait_screen("+ new 2999")
    nvim.feed("qga")
    assert "hunks" not in broker.expect("edit.accept")
