"""A hunk that is taller than its window: the line with the keys is there whenever one goes to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, Hunk, hunk, old_file

TEXT = [f"line {number}" for number in range(1, 101)]
MANY = [f"new {number}" for number in range(1, 61)]
SMALL = hunk(1, ["line 1"], ["line one"])
INSERTED = hunk(51, [], MANY)
REPLACED = hunk(51, TEXT[50:52], MANY)
LONG = hunk(31, TEXT[30:80], ["short"])
AT_THE_TOP = hunk(1, [], MANY)
AT_THE_END = hunk(101, [], MANY)
REST = "more lines: `:Zeke review text` shows all of them"

ALL = [INSERTED, REPLACED, LONG, AT_THE_END]


def proposed(nvim: Nvim, broker: FakeBroker, sample: Path, hunks: Sequence[Hunk]) -> Author:
    sample.write_text("\n".join(TEXT) + "\n")
    nvim.command("edit!")
    author = Author(nvim, broker, ":ZekeEdit more<CR>")
    author.patch(*hunks)
    nvim.wait_screen(f"1/{len(hunks)}")
    return author


@pytest.mark.parametrize("tall", ALL, ids=["inserted", "replaced", "long", "at the end"])
@pytest.mark.parametrize("rows", [24, 8, 5])
def test_the_keys_are_seen_when_one_goes_there(
    nvim: Nvim, broker: FakeBroker, sample: Path, tall: Hunk, rows: int
) -> None:
    proposed(nvim, broker, sample, [SMALL, tall])
    nvim.resize(80, rows)
    nvim.feed("]h")
    nvim.wait_screen("Zeke 2/2 +")
    assert "ga accept" in nvim.screen.text
    # From below, too, and from where it is not seen whole.
    for keys in ("G", "50G<C-e><C-e>", "70Gzt"):
        nvim.feed(keys)
        nvim.settle()
        nvim.feed("gg]h[h]h")
        nvim.wait_screen("Zeke 2/2 +")


def test_so_they_are_at_the_top_of_a_file(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    proposed(nvim, broker, sample, [AT_THE_TOP, hunk(90, ["line 90"], [])])
    nvim.feed("]h")
    nvim.wait_screen("Zeke 2/2")
    nvim.feed("]h")
    text = nvim.wait_screen("Zeke 1/2 +60 −0  ga accept")
    assert "new 1" in text
    assert REST in text


def test_what_there_is_no_room_for_is_said(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    proposed(nvim, broker, sample, [SMALL, INSERTED])
    nvim.feed("]h")
    text = nvim.wait_screen("Zeke 2/2 +60 −0")
    shown = [line for line in nvim.screen.lines if line.startswith("new ")]
    assert f"{60 - len(shown)} {REST}" in text
    assert shown == MANY[: len(shown)]
    assert "line 51" in text
    nvim.resize(80, 80)
    nvim.wait_screen("new 60")
    nvim.wait_gone(REST)


def test_the_window_that_one_is_in_counts(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    proposed(nvim, broker, sample, [SMALL, INSERTED])
    nvim.command("belowright 5split")
    nvim.feed("]h")
    nvim.wait_screen(lambda screen: screen.row_of("line 51") > 12)
    assert nvim.screen.text.count("Zeke 2/2 +60 −0") == 1
    nvim.feed("<C-w>k]h")
    nvim.wait_screen(lambda screen: screen.row_of("Zeke 2/2 +60 −0") < 2)
    nvim.wait_screen("new 9")


def test_wrapped_lines_are_counted(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    long = [f"{number} " + "x" * 200 for number in range(20)]
    TEXT[50] = "y" * 200
    try:
        proposed(nvim, broker, sample, [SMALL, hunk(51, [], long)])
    finally:
        TEXT[50] = "line 51"
    nvim.feed("]h")
    text = nvim.wait_screen("Zeke 2/2 +20 −0")
    assert "yyy" in text
    assert REST in text


def test_a_file_that_is_not_open_is_shown_where_it_changes(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    other = sample.parent / "other.py"
    other.write_text("\n".join(TEXT) + "\n")
    author = Author(nvim, broker, ":ZekeCreate more<CR>")
    author.files(old_file(other, "\n".join(TEXT), INSERTED))
    text = nvim.wait_screen("Zeke 1/1 +60 −0")
    assert "new 1" in text


SCROLLOFF = "return vim.wo.scrolloff"
TEN = hunk(31, TEXT[30:40], [f"n{number}" for number in range(1, 8)])
LAST = hunk(96, TEXT[95:99], ["the last new one"])


@pytest.mark.parametrize("scrolloff", [8, 999])
@pytest.mark.parametrize("rows", [24, 10])
def test_scrolloff_hides_no_new_text(
    nvim: Nvim, broker: FakeBroker, sample: Path, scrolloff: int, rows: int
) -> None:
    nvim.command(f"set scrolloff={scrolloff}")
    proposed(nvim, broker, sample, [SMALL, TEN, LAST])
    nvim.resize(80, rows)
    nvim.feed("]h")
    nvim.wait_screen("Zeke 2/3 +7 −10")
    if rows == 24:
        nvim.wait_screen("n7")
        assert nvim.screen.row_of("Zeke 2/3") < nvim.screen.row_of("n7")
    nvim.feed("gha")  # and so is what one is brought to
    nvim.wait_screen("Zeke 3/3 +1 −4")
    nvim.wait_screen("the last new one")
    nvim.feed("j")
    nvim.settle()
    assert nvim.lua(SCROLLOFF) == 0
    nvim.feed("10G")
    nvim.settle()
    assert nvim.lua(SCROLLOFF) == scrolloff
    assert nvim.lua("return vim.go.scrolloff") == scrolloff


def test_scrolloff_hides_none_in_a_low_split(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    nvim.command("set scrolloff=8 splitbelow number signcolumn=yes cmdheight=0")
    proposed(nvim, broker, sample, [SMALL, TEN, LAST])
    nvim.feed(":8split<CR>2]h")
    nvim.wait_screen("Zeke 3/3 +1 −4")
    nvim.wait_screen(lambda screen: screen.row_of("the last new one") > 13)
    nvim.feed("<C-w>k2]h")
    nvim.wait_screen(lambda screen: screen.text.count("the last new one") == 2)


def test_scrolling_shows_each_line_that_there_is_room_for(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.command("set scrolloff=8")
    proposed(nvim, broker, sample, [SMALL, REPLACED])
    nvim.resize(80, 20)
    nvim.feed("]h")
    nvim.wait_screen("new 1")
    seen: set[str] = set()
    for _ in range(40):
        nvim.settle()
        seen.update(nvim.screen.lines)
        nvim.feed("<C-e>")
    numbers = [number for number in range(1, 61) if f"new {number}" in seen]
    assert numbers == list(range(1, len(numbers) + 1))
    assert any(line.strip().endswith(REST) for line in seen)


def test_scrolloff_is_back_with_the_end_of_a_review(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.command("setlocal scrolloff=5")
    author = proposed(nvim, broker, sample, [SMALL, TEN])
    nvim.feed("]h")
    nvim.wait_screen("Zeke 2/2")
    assert nvim.lua(SCROLLOFF) == 0
    nvim.feed("gR")
    broker.expect("edit.reject")
    author.settle("rejected")
    author.done(("app.py", "rejected", ""))
    nvim.wait_gone("Zeke 2/2")
    assert nvim.lua(SCROLLOFF) == 5


def test_another_file_in_the_window_has_its_scrolloff(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.command("set scrolloff=5 hidden")
    proposed(nvim, broker, sample, [SMALL, TEN])
    nvim.feed("]h")
    nvim.wait_screen("Zeke 2/2")
    nvim.feed(":vsplit<CR>:enew<CR>")
    nvim.settle()
    assert nvim.lua(SCROLLOFF) == 5
    nvim.feed("<C-w>p:enew<CR>")
    nvim.settle()
    assert nvim.lua(SCROLLOFF) == 5
