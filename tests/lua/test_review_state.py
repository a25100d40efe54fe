"""What a person has set up is as it was, whatever a review does; and nothing slips past a yes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.loop import never_stalls
from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, hunk

TEXT = [f"line {number}" for number in range(1, 41)]
FIRST = hunk(5, ["line 5"], ["line five", "and a half"])
SECOND = hunk(20, ["line 20"], [])
NEW = [*TEXT[:4], "line five", "and a half", *TEXT[5:19], *TEXT[20:]]

STATE = """
local function register(name) return { vim.fn.getreg(name), vim.fn.getregtype(name) } end
local jumps, at = unpack(vim.fn.getjumplist())
-- The text there, because lines move when others come and go above them.
local function text(place)
  local name = place[1] == 0 and vim.api.nvim_get_current_buf() or place[1]
  return { vim.fn.getbufoneline(name, place[2]), place[3] }
end
return {
  registers = vim.tbl_map(register, vim.split([["0123456789abz-./:+*]], "")),
  jumps = vim.tbl_map(function(jump) return text({ jump.bufnr, jump.lnum, jump.col }) end, jumps),
  at = at,
  search = { vim.fn.getreg("/"), vim.v.hlsearch, vim.v.searchforward },
  alternate = vim.fn.bufnr("#"),
  windows = vim.fn.winlayout(),
  previous = vim.fn.winnr("#"),
  quote = text(vim.fn.getpos("''")),
  visual = { text(vim.fn.getpos("'<")), text(vim.fn.getpos("'>")) },
  quickfix = vim.fn.getqflist(),
  options = { vim.o.undolevels, vim.bo.undolevels, vim.o.undoreload, vim.o.eventignore },
  mode = vim.api.nvim_get_mode().mode,
}
"""
VIEW = "return { vim.fn.winsaveview(), vim.fn.getmarklist(vim.api.nvim_get_current_buf()) }"


@pytest.fixture
def settled(nvim: Nvim, sample: Path) -> Nvim:
    """A Neovim in which a person has worked for a while."""
    sample.write_text("\n".join(TEXT) + "\n")
    sample.with_name("other.py").write_text("x\n")
    nvim.command("edit! | edit other.py | edit # | split | wincmd p")
    nvim.feed('2G"ayy10G"byw/line 1<CR>30Gma8Gmb8GVj<Esc>15Gzz')
    nvim.settle()
    return nvim


def edit(nvim: Nvim, broker: FakeBroker) -> Author:
    # By a map, as somebody's own: the command line itself goes into a register.
    nvim.lua("vim.keymap.set('n', 'Q', '<Cmd>ZekeEdit count<CR>')")
    author = Author(nvim, broker, "Q")
    author.patch(FIRST, SECOND)
    nvim.wait_for("vim.fn.maparg('gha', 'n') ~= ''")
    return author


def written(author: Author, sample: Path) -> None:
    author.consent()
    sample.write_text("\n".join(NEW) + "\n")
    author.settle("written", FIRST, SECOND)
    author.done(("app.py", "written", ""))


def test_a_rejected_change_leaves_no_trace(settled: Nvim, broker: FakeBroker) -> None:
    before = settled.lua(STATE), settled.lua(VIEW), settled.lua("return vim.fn.undotree()")
    tick = settled.lua("return vim.b.changedtick")
    author = edit(settled, broker)
    settled.feed("gR")
    broker.expect("edit.reject")
    author.settle("rejected")
    author.done(("app.py", "rejected", ""))
    now = settled.lua(STATE), settled.lua(VIEW), settled.lua("return vim.fn.undotree()")
    assert now == before
    assert settled.lua("return vim.b.changedtick") == tick


@pytest.mark.parametrize("keys", ["ga", "gghagha"])
def test_an_accepted_change_moves_what_it_must(
    settled: Nvim, broker: FakeBroker, sample: Path, keys: str
) -> None:
    before = settled.lua(STATE)
    settled.lua("_G.was = vim.fn.winsaveview()")
    author = edit(settled, broker)
    settled.feed(keys if keys == "ga" else "[hghagha")
    written(author, sample)
    assert settled.lines() == NEW
    now = settled.lua(STATE)
    if keys == "ga":
        assert settled.lua("return vim.fn.line('.')") == 16
    assert now == before
    marks = settled.lua('return { vim.fn.line("\'a"), vim.fn.line("\'b") }')
    assert marks == [30, 9]
    settled.feed("u")
    settled.settle()
    assert settled.lines() == TEXT
    settled.feed("<C-r>")
    settled.settle()
    assert settled.lines() == NEW


def folds(nvim: Nvim) -> Any:
    code = "vim.tbl_map(function(l) return vim.fn.foldclosed(l) end, vim.fn.range(1, 41))"
    return nvim.lua(f"return {code}")


def test_folds_stay_closed_and_where_they_are(
    settled: Nvim, broker: FakeBroker, sample: Path
) -> None:
    settled.command("set foldmethod=manual | normal! zE")
    settled.command("2,8fold | 18,22fold | 30,35fold | 8foldclose")
    closed = folds(settled)
    assert closed[3] == 2
    author = edit(settled, broker)
    settled.feed("gg]h")
    settled.wait_screen("Zeke 1/2")
    assert settled.lua("return vim.fn.foldclosed(5)") == -1
    settled.feed("ga")
    written(author, sample)
    now = folds(settled)
    assert now[3] == 2
    assert now[19] == 19
    assert (now[28], now[29]) == (-1, 30)


def test_going_through_hunks_is_no_jump(settled: Nvim, broker: FakeBroker) -> None:
    before = settled.lua(STATE)
    edit(settled, broker)
    settled.feed("]h]h[h]h")
    settled.settle()
    assert settled.lua(STATE) == before


@pytest.mark.parametrize("how", ["fileformat", "unsaved"])
def test_an_unsaved_buffer_is_changed_as_one_step(
    settled: Nvim, broker: FakeBroker, how: str
) -> None:
    settled.feed("40Gomine<Esc>15Gzz")
    settled.settle()
    before = settled.lua(STATE)
    author = edit(settled, broker)
    if how == "fileformat":
        settled.command("set nomodifiable")
    settled.feed("ga")
    assert author.consent()["modified"] is True
    author.settle("applied", FIRST, SECOND, message="Applied, not saved.")
    author.done(("app.py", "applied", "Applied, not saved."))
    assert settled.lines() == [*NEW, "mine"]
    assert settled.lua(STATE) == before
    assert settled.lua("return vim.fn.line('.')") == 16
    assert settled.lua("return vim.bo.modifiable") is (how == "unsaved")
    settled.command("set modifiable")
    settled.feed("u")
    settled.settle()
    assert settled.lines() == [*TEXT, "mine"]


def test_a_buffer_that_was_locked_meanwhile(
    settled: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = edit(settled, broker)
    settled.command("set nomodifiable readonly")
    settled.feed("ga")
    with never_stalls(settled):
        written(author, sample)
        settled.settle()
    assert settled.lines() == NEW
    options = "return { vim.bo.modifiable, vim.bo.readonly, vim.bo.modified }"
    assert settled.lua(options) == [False, True, False]


def test_neither_w_nor_auto_save_accepts(settled: Nvim, broker: FakeBroker, sample: Path) -> None:
    settled.command("set autowriteall updatetime=1")
    settled.command("autocmd CursorHold,InsertLeave,TextChanged,BufLeave * silent! wall")
    edit(settled, broker)
    settled.feed(":w<CR>:wall<CR>jj")
    settled.settle()
    settled.command("doautocmd CursorHold")
    assert not broker.seen("edit.accept")
    assert sample.read_text() == "\n".join(TEXT) + "\n"


def test_q_rejects(nvim: Nvim, broker: FakeBroker, sample: Path) -> None:
    sample.write_text("\n".join(TEXT) + "\n")
    nvim.command("edit! | split | below new")
    nvim.command("wincmd t")
    author = edit(nvim, broker)
    nvim.feed(":q<CR>")
    nvim.settle()
    assert not broker.seen("edit.reject")
    nvim.feed("<C-w>b:q<CR>")
    assert broker.expect("edit.reject")["id"] == author.id
    nvim.wait_screen("The change of app.py was rejected: its window was closed.")
    assert nvim.lua("return vim.v.errmsg") == ""


def test_q_of_a_modified_buffer_is_refused_by_neovim_alone(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    nvim.command("set nohidden | below new | wincmd t")
    nvim.feed("Gomine<Esc>")
    author = Author(nvim, broker, ":ZekeEdit x<CR>")
    author.patch(hunk(1, ["def total(values):"], ["def all(values):"]))
    nvim.wait_screen("def all")
    nvim.feed(":q<CR>")
    nvim.wait_screen("E37")
    assert not broker.seen("edit.reject")
    nvim.feed("<CR>:q!<CR>")
    broker.expect("edit.reject")


def test_another_file_in_the_window_is_no_answer(settled: Nvim, broker: FakeBroker) -> None:
    author = edit(settled, broker)
    settled.command("only | edit other.py")
    settled.settle()
    assert not broker.seen("edit.reject")
    settled.feed(":ZekeReview<CR>")
    settled.wait_screen("2 undecided")
    settled.feed("<CR>")
    settled.wait_screen("Zeke 1/2")
    settled.feed("ga")
    assert broker.expect("edit.accept")["id"] == author.id


def test_without_hidden_leaving_the_buffer_unloads_and_rejects(
    settled: Nvim, broker: FakeBroker
) -> None:
    edit(settled, broker)
    settled.command("set nohidden | only | edit other.py")
    broker.expect("edit.reject")
    settled.wait_screen("its buffer was closed")


def test_the_file_read_again_gets_a_new_diff(
    settled: Nvim, broker: FakeBroker, sample: Path
) -> None:
    author = edit(settled, broker)
    sample.write_text("first\n" + "\n".join(TEXT) + "\n")
    settled.feed(":edit!<CR>")
    fresh = broker.expect("edit.rebase")["buffer"]
    assert fresh["text"].startswith("first\nline 1\n")
    moved = [{**one, "start_line": one["start_line"] + 1} for one in (FIRST, SECOND)]
    author.patch(*moved, changedtick=fresh["changedtick"])
    settled.feed("gg]h")
    settled.wait_screen("and a half")


def test_the_colours_outlive_a_colour_scheme(settled: Nvim, broker: FakeBroker) -> None:
    edit(settled, broker)
    settled.feed("gg]h")
    settled.wait_screen("and a half")
    for scheme in ("blue", "default"):
        settled.command(f"colorscheme {scheme}")
        settled.wait_screen(lambda screen: "DiffAdd" in screen.groups_at("and a half"))
        link = settled.lua("return vim.api.nvim_get_hl(0, { name = 'ZekeAccepted' }).link")
        assert link == "DiagnosticOk"


def test_with_lazyredraw_and_a_small_screen(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.command("set lazyredraw")
    nvim.resize(40, 10)
    author = Author(nvim, broker, ":ZekeEdit x<CR>")
    long = "def total(" + ", ".join(f"value_{number}" for number in range(9)) + "):"
    author.patch(hunk(1, ["def total(values):"], [long]))
    text = nvim.wait_screen("value_8):")
    assert "Zeke 1/1 +1 −1  ga accept" in text
    nvim.resize(80, 24)
    nvim.wait_screen("value_5")
    nvim.feed("ga")
    broker.expect("edit.accept")


def test_tabs_and_what_a_terminal_would_obey_are_made_harmless(
    nvim: Nvim, broker: FakeBroker
) -> None:
    nvim.command("set tabstop=4")
    author = Author(nvim, broker, ":ZekeEdit x<CR>")
    author.patch(hunk(1, ["def total(values):"], ["\tif\tx:\x1b[31m\u202e"]))
    nvim.wait_screen("    if  x:^[[31m<202e>")


def test_maps_come_back_unless_they_are_somebody_elses_now(
    settled: Nvim, broker: FakeBroker
) -> None:
    settled.command("nnoremap <buffer> ]h :let g:mine = 1<CR>")
    settled.lua("vim.keymap.set('n', 'gha', function() vim.g.lua = 1 end, { buffer = 0 })")
    edit(settled, broker)
    settled.command("nnoremap <buffer> ghr :let g:theirs = 1<CR>")
    settled.feed("gR")
    broker.expect("edit.reject")
    for keys, name in (("]h", "mine"), ("gha", "lua"), ("ghr", "theirs")):
        settled.feed(keys)
        settled.wait_for(f"vim.g.{name} == 1")
    assert settled.lua("return vim.fn.maparg('ghu', 'n')") == ""


def test_a_key_may_be_left_out(settled: Nvim, broker: FakeBroker) -> None:
    settled.lua("require('zeke').setup({ keymaps = { next_hunk = '', accept_all = '' } })")
    edit(settled, broker)
    assert settled.lua("return vim.fn.maparg(']h', 'n')") == ""
    settled.feed("ga")
    broker.expect("edit.accept")
