"""`:ZekeReview`: where its cursor is, and what keys do in which line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.e2e.person import says
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, hunk, new_file, old_file

BASE = "one\ntwo\nthree\n"
HUNK = hunk(2, ["two"], ["zwei"])


@pytest.fixture
def author(nvim: Nvim, broker: FakeBroker, sample: Path) -> Author:
    """A change of three files, in its tab page; the first is settled."""
    paths = [sample.with_name(name) for name in ("a.py", "b.py")]
    for path in paths:
        path.write_text(BASE)
    author = Author(nvim, broker, ":ZekeCreate a greeting<CR>")
    author.files(
        *(old_file(path, BASE, HUNK) for path in paths), new_file(sample.with_name("new.py"), "x")
    )
    nvim.wait_screen("Zeke review")
    nvim.feed("gR")
    broker.expect("edit.reject")
    author.settle("rejected", file=1)
    return author


@pytest.fixture
def listed(author: Author, nvim: Nvim) -> Nvim:
    """In the float of all changes, on the first tab page."""
    nvim.feed("gt:ZekeReview<CR>")
    nvim.wait_screen("Zeke: proposed changes")
    return nvim


def line(nvim: Nvim) -> str:
    nvim.settle()
    return str(nvim.lua("return vim.api.nvim_get_current_line()"))


def floats(nvim: Nvim) -> int:
    """How many windows that can be entered are in front of others."""
    return int(
        nvim.lua(
            "return #vim.tbl_filter(function(window)"
            " local config = vim.api.nvim_win_get_config(window)"
            " return config.relative ~= '' and config.focusable end, vim.api.nvim_list_wins())"
        )
    )


def test_it_opens_at_the_first_undecided_file(listed: Nvim, broker: FakeBroker) -> None:
    assert line(listed) == "  b.py"
    listed.feed("ga")
    assert broker.expect("edit.accept")["file"] == 2


def test_in_the_title_nothing_is_decided_for_one_file(listed: Nvim, broker: FakeBroker) -> None:
    listed.feed("ggga")
    title = "This is the whole change: go to a file of it, or `{}` takes all, `{}` leaves all."
    says(listed, title.format("ghA", "ghR"))
    listed.feed("gR<CR>")
    listed.wait_screen("No file stands in this line")
    assert not broker.seen("edit.accept")
    assert not broker.seen("edit.reject")
    listed.feed("ghA")
    assert [broker.expect("edit.accept")["file"] for _ in range(2)] == [2, 3]
    listed.feed("ghR")
    listed.wait_screen("Zeke: Nothing of this change is left to decide.")


def test_without_a_key_for_all_the_command_is_named(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke').setup({ keymaps = { accept_all = '', reject_all = '' } })")
    author = Author(nvim, broker, ":ZekeCreate a greeting<CR>")
    author.files(new_file(Path("/nowhere/new.py"), "x"))
    nvim.wait_screen("Zeke review")
    nvim.feed("gt:ZekeReview<CR>")
    nvim.wait_screen("Zeke: proposed changes")
    nvim.feed("ggga")
    nvim.wait_screen("`:ZekeReview")
    nvim.wait_screen("reject-all` leaves all.")
    nvim.feed(":ZekeReview accept-all<CR>")
    assert broker.expect("edit.accept")["file"] == 1


def test_what_is_settled_is_said(listed: Nvim, broker: FakeBroker) -> None:
    listed.feed("/a.py<CR>ga")
    listed.wait_screen("Zeke: a.py is settled: rejected.")
    assert not broker.seen("edit.accept")


def test_below_the_files_and_in_an_empty_list(listed: Nvim, author: Author) -> None:
    listed.feed("Gga")
    listed.wait_screen("No file stands in this line")
    listed.feed("q")
    author.done(("a.py", "rejected", ""))
    listed.feed(":ZekeReview<CR>")
    listed.wait_screen("No proposed change is open.")
    listed.feed("ggghA")
    listed.wait_screen("No file stands in this line")
    assert listed.lua("return vim.v.errmsg") == ""


def test_in_the_tab_page_it_is_the_list_there(author: Author, nvim: Nvim) -> None:
    before = nvim.lua("return vim.api.nvim_get_current_win()")
    nvim.feed(":ZekeReview<CR>")
    nvim.wait_for("vim.api.nvim_get_current_win() ~= ...", before)
    assert line(nvim).startswith("  ")
    assert nvim.lua("return vim.api.nvim_buf_get_name(0)").endswith("/files")
    assert floats(nvim) == 0
    nvim.feed(":ZekeReview<CR>")
    nvim.settle()
    assert floats(nvim) == 0


def test_another_change_is_in_the_float(author: Author, listed: Nvim) -> None:
    listed.feed(":ZekeReview<CR>")
    listed.settle()
    assert floats(listed) == 1


def test_the_cursor_stays_with_its_file(
    listed: Nvim, author: Author, broker: FakeBroker, sample: Path
) -> None:
    listed.feed("/new.py<CR>j")
    assert line(listed).startswith("    1 undecided")
    author.settle("failed", file=2, message="The disk is full.")
    listed.wait_screen("The disk is full.")
    assert line(listed).startswith("    1 undecided")
    listed.feed("ga")
    assert broker.expect("edit.accept")["file"] == 3


def test_an_empty_list_names_no_keys_and_goes_to_what_comes(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.feed(":ZekeReview<CR>")
    nvim.wait_screen("No proposed change is open.")
    assert nvim.lines() == ["No proposed change is open.", "", "q closes"]
    path = sample.with_name("a.py")
    path.write_text(BASE)
    nvim.lua("vim.g.float = vim.api.nvim_get_current_win()")
    author = Author(nvim, broker, ":ZekeCreate a greeting<CR>")
    author.files(old_file(path, BASE, HUNK))
    cursor = "vim.api.nvim_win_call(vim.g.float, vim.api.nvim_get_current_line)"
    nvim.wait_for(f"{cursor} == '  a.py'")
