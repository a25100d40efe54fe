"""A diff of several hunks: going through them, deciding each, and what is said to the broker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, hunk

TEXT = [f"line {number}" for number in range(1, 31)]
FIRST = hunk(3, ["line 3"], ["line three"])
SECOND = hunk(10, [], ["line between", "and another"])
THIRD = hunk(20, ["line 20", "line 21"], [])
HUNKS = (FIRST, SECOND, THIRD)


@pytest.fixture
def author(nvim: Nvim, broker: FakeBroker, sample: Path) -> Author:
    sample.write_text("\n".join(TEXT) + "\n")
    nvim.command("edit!")
    author = Author(nvim, broker, ":ZekeEdit count<CR>")
    author.patch(*HUNKS)
    nvim.wait_screen("1/3")
    return author


def where(nvim: Nvim) -> int:
    return int(nvim.lua("return vim.fn.line('.')"))


def test_what_stands_above_each_hunk(author: Author, nvim: Nvim) -> None:
    text = nvim.wait_screen("Zeke 1/3 +1 −1  ga accept  gR reject  gha/ghr this one  ]h next")
    assert "ghw rest: why" in text
    nvim.wait_screen(" 2/3 +2 −0")
    nvim.feed("<C-e><C-e><C-e><C-e><C-e><C-e><C-e>")
    nvim.wait_screen(" 3/3 +0 −2")
    assert max(len(line) for line in nvim.screen.lines) <= 80


def test_words_that_changed_are_marked(author: Author, nvim: Nvim) -> None:
    nvim.wait_screen(lambda screen: "DiffText" in screen.groups_at("three"))
    assert "DiffAdd" in nvim.screen.groups_at("line three")
    row = nvim.screen.row_of("line 3")
    groups = nvim.screen.groups_at("line 3")
    assert "DiffDelete" in groups
    assert "DiffText" not in groups
    assert row >= 0


def test_words_can_be_left_unmarked(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke').setup({ review = { words = false } })")
    Author(nvim, broker, ":ZekeEdit x<CR>").patch(hunk(2, ["    result = 0"], ["    result = 1"]))
    nvim.wait_screen("result = 1")
    nvim.wait_screen(lambda screen: "DiffAdd" in screen.groups_at("result = 1"))
    assert nvim.lua("return #vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { type = 'highlight' })")
    marks = "vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { details = true })"
    groups = nvim.lua(f"return vim.tbl_map(function(m) return m[4].hl_group or '' end, {marks})")
    assert "ZekeDeleteWord" not in groups


def test_going_through_with_counts_and_round_the_end(author: Author, nvim: Nvim) -> None:
    for keys, line in (("]h", 3), ("]h", 10), ("]h", 20)):
        nvim.feed(keys)
        nvim.settle()
        assert where(nvim) == line
    nvim.feed("]h")
    nvim.wait_screen("That was the last hunk, on from the first.")
    assert where(nvim) == 3
    nvim.feed("[h")
    nvim.wait_screen("That was the first hunk, on from the last.")
    assert where(nvim) == 20
    nvim.feed("2[h")
    nvim.settle()
    assert where(nvim) == 3
    nvim.wait_screen("Zeke 1/3")
    nvim.feed("gg3]h")
    nvim.settle()
    assert where(nvim) == 20
    nvim.wait_screen("Zeke 3/3")


def test_the_last_decision_settles_the_file(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("]hgha")
    nvim.wait_screen("1/3 ✓ accepted")
    assert where(nvim) == 10
    nvim.feed("ghr")
    nvim.wait_screen("2/3 ✗ rejected")
    assert where(nvim) == 20
    assert not broker.seen("edit.accept")
    nvim.feed("gha")
    said = broker.expect("edit.accept")
    assert said["hunks"] == [1, 3]
    assert (said["file"], said["round"], said["version"]) == (1, 1, 1)
    nvim.wait_screen("accepted, GhostWarden decides")
    assert nvim.lines() == TEXT


def test_all_rejected_is_a_reject(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("ggghrghrghr")
    said = broker.expect("edit.reject")
    assert "reason" not in said
    nvim.wait_gone("line three")
    assert nvim.lua("return vim.fn.maparg('gha', 'n')") == ""


def test_all_accepted_names_no_hunks(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("gggha")
    nvim.settle()
    nvim.feed("ghagha")
    assert "hunks" not in broker.expect("edit.accept")


def test_a_decision_can_be_taken_back(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("]hghr")
    nvim.wait_screen("1/3 ✗ rejected")
    nvim.feed("[h")
    nvim.wait_screen("Zeke 1/3 +1 −1 ✗ rejected  ghu undecide")
    nvim.feed("ghu")
    nvim.wait_screen("Zeke 1/3 +1 −1  ga accept")
    nvim.feed("ga")
    assert "hunks" not in broker.expect("edit.accept")


def test_the_rest_is_accepted(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("]h]hghrga")
    assert broker.expect("edit.accept")["hunks"] == [1, 3]


def test_the_rest_is_rejected(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("]hghagR")
    nvim.wait_screen("Zeke 2/3  rejected")
    assert broker.expect("edit.accept")["hunks"] == [1]


def test_the_rest_is_rejected_with_a_reason(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("]hghaghw")
    nvim.wait_screen("Why not? (rejects the rest of app.py)")
    nvim.feed("too terse<CR>")
    said = broker.expect("edit.accept")
    assert (said["hunks"], said["reason"]) == ([1], "too terse")


def test_no_reason_given_rejects_nothing(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("ghw")
    nvim.wait_screen("Why not?")
    nvim.feed("<Esc>")
    nvim.settle()
    assert not broker.seen("edit.reject")
    nvim.wait_screen("ga accept")
    nvim.feed("ghw<CR>")
    assert "reason" not in broker.expect("edit.reject")


def test_a_reason_may_come_late(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("vim.ui.input = function(_, done) _G.answered = done end")
    nvim.feed("ghw")
    nvim.wait_for("_G.answered ~= nil")
    nvim.feed("gR")
    broker.expect("edit.reject")
    nvim.lua("_G.answered('too late')")
    nvim.wait_screen("It was decided meanwhile")
    assert not broker.seen("edit.reject")


def test_what_is_out_of_sight_is_not_decided(
    author: Author, nvim: Nvim, broker: FakeBroker
) -> None:
    nvim.lua("vim.api.nvim_buf_set_lines(0, -1, -1, false, vim.fn['repeat']({ 'x' }, 200))")
    nvim.feed("Ggha")
    nvim.wait_screen("Hunk 3 of 3 was out of sight, and is not decided: this is it.")
    assert where(nvim) == 20
    nvim.wait_screen("Zeke 3/3")


def test_what_is_asked_about_can_be_withdrawn(
    author: Author, nvim: Nvim, broker: FakeBroker
) -> None:
    nvim.feed("ga")
    broker.expect("edit.accept")
    nvim.feed("ga")
    nvim.wait_screen("Accepted already: GhostWarden decides.")
    nvim.feed("gR")
    broker.expect("edit.reject")
    nvim.wait_gone("line three")


def test_decisions_outlive_a_new_diff(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("]hghaghr")
    nvim.wait_screen("2/3 ✗ rejected")
    nvim.feed("ggOmine<Esc>")
    fresh = broker.expect("edit.rebase")["buffer"]
    assert fresh["text"].startswith("mine\nline 1\n")
    moved = [{**one, "start_line": one["start_line"] + 1} for one in HUNKS]
    author.patch(*moved, changedtick=fresh["changedtick"], note="This is the new diff.")
    nvim.wait_screen("1/3 +1 −1 ✓ accepted")
    assert "2/3 ✗ rejected" in nvim.screen.text
    assert "This is the new diff." not in nvim.screen.text
    nvim.feed("ga")
    assert broker.expect("edit.accept")["hunks"] == [1, 3]


def test_the_commands_and_maps_do_the_same(author: Author, nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("vim.keymap.set('n', 'Q', '<Plug>(zeke-next-hunk)', { remap = true })")
    nvim.feed("2Q")
    nvim.settle()
    assert where(nvim) == 10
    nvim.feed(":Zeke review accept-hunk<CR>")
    nvim.wait_screen("2/3 ✓ accepted")
    nvim.feed(":Zeke review reject say more<CR>")
    said = broker.expect("edit.accept")
    assert (said["hunks"], said["reason"]) == ([2], "say more")
    nvim.feed(":Zeke review acept<CR>")
    nvim.wait_screen("There is no `:Zeke review acept`: did you")
    found = nvim.lua("return vim.fn.getcompletion('Zeke review undec', 'cmdline')")
    assert found == ["undecide-hunk"]


def test_no_reason_is_asked_for_what_is_not_there(nvim: Nvim, broker: FakeBroker) -> None:
    for keys in (":Zeke accept", ":Zeke reject", ":Zeke review next-hunk"):
        nvim.feed(f"{keys}<CR>")
        nvim.wait_screen("No proposed change is shown in this buffer.")
    assert not broker.seen("hello")
