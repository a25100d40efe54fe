"""Suggestions at the cursor: how they look, and how they are taken.

Each test runs with the front's own ghost text and, where Neovim has it, with its inline completion.
"""

from __future__ import annotations

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.suggestions import WAYS, asked, begin, keys, suggest, visible


@pytest.fixture(params=WAYS)
def writer(request: pytest.FixtureRequest, nvim: Nvim) -> Nvim:
    return begin(nvim, request.param)


def test_it_is_off_until_somebody_turns_it_on(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("ox = <Esc>")
    nvim.settle()
    assert not nvim.lua("return package.loaded['zeke.complete'] ~= nil")
    nvim.feed(":ZekeComplete on<CR>")
    nvim.wait_screen("Completion is on in this buffer.")
    nvim.feed("oy = ")
    assert asked(broker)["prefix"].endswith("    x = \n    y = ")


def test_what_is_sent_is_what_stands_around_the_cursor(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ivalue = ")
    task = suggest(writer, broker, "total([1])")
    assert task["prefix"].endswith("    return result\nvalue = ")
    assert task["suffix"].startswith("\n\nprint(total(")
    assert task["buffer"]["language"] == "python"
    assert task["buffer"]["path"].endswith("/project/app.py")
    assert task["buffer"]["text"] == ""
    assert (task["alternative"], task["max_lines"]) == (0, 0)
    assert "value = total([1])" in writer.screen.text
    assert writer.lines()[5] == "value = "


@pytest.mark.parametrize("typed", ["value = ", "größe = ", "\tx = ", "日本 = "])
def test_all_of_it_is_taken_with_tab(writer: Nvim, broker: FakeBroker, typed: str) -> None:
    writer.command("setlocal noexpandtab")
    writer.feed("i" + typed)
    suggest(writer, broker, "ä(1)\n\tb = 2")
    writer.feed("<Tab>")
    asked(broker)
    assert writer.lines()[5:7] == [typed + "ä(1)", "\tb = 2"]
    assert writer.lua("return vim.api.nvim_win_get_cursor(0)") == [7, 6]
    assert keys(writer) == 0
    writer.feed("!<Esc>")
    writer.settle()
    assert writer.lines()[6] == "\tb = 2!"


def test_each_is_one_undo_step(writer: Nvim, broker: FakeBroker) -> None:
    before = writer.lines()
    writer.feed("ivalue = ")
    suggest(writer, broker, "one two\nthree")
    writer.feed("<M-w>")
    writer.wait_for("vim.fn.getline('.') == 'value = one'")
    writer.feed("<Tab> more<Esc>")
    writer.settle()
    assert writer.lines()[5:7] == ["value = one two", "three more"]
    for wanted in (["value = one two", "three"], ["value = one", ""], ["value = ", ""]):
        writer.feed("u")
        writer.settle()
        assert writer.lines()[5:7] == wanted
    writer.feed("u")
    writer.settle()
    assert writer.lines() == before


def test_a_word_and_a_line_at_a_time(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("i")
    asked(broker)
    writer.feed("a = ")
    suggest(writer, broker, "größe.first(1)\nnext_line\nlast")
    shown = []
    for key in ("<M-w>", "<M-w>", "<M-w>", "<M-l>", "<M-l>"):
        before = writer.lines()
        writer.feed(key)
        writer.wait_for(
            "not vim.deep_equal(vim.api.nvim_buf_get_lines(0, 0, -1, false), ...)", before
        )
        shown.append("\n".join(writer.lines()[5:-2]))
    assert shown == [
        "a = größe",
        "a = größe.",
        "a = größe.first",
        "a = größe.first(1)",
        "a = größe.first(1)\nnext_line",
    ]
    assert visible(writer)
    writer.wait_screen("last")


def test_what_is_typed_along_needs_no_request(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ivalue = ")
    suggest(writer, broker, "total([1, 2])")
    for key in "total(":
        writer.feed(key)
        writer.settle()
        assert visible(writer)
    writer.wait_screen("value = total([1, 2])")
    assert writer.lines()[5] == "value = total("
    assert not broker.seen("task.submit")
    writer.feed("<Tab>")
    writer.wait_for("vim.fn.getline('.') == 'value = total([1, 2])'")


def test_another_character_takes_it_away_and_coming_back_brings_it(
    writer: Nvim, broker: FakeBroker
) -> None:
    writer.feed("ivalue = ")
    suggest(writer, broker, "total([1, 2])")
    writer.feed("9")
    assert asked(broker)["prefix"].endswith("value = 9")
    writer.wait_gone("total([1, 2])")
    assert keys(writer) == 0
    writer.feed("<BS>")
    assert broker.expect("task.cancel")
    writer.wait_screen("value = total([1, 2])")
    assert not broker.seen("task.submit")
    writer.feed("to")
    writer.settle()
    assert visible(writer)


@pytest.mark.parametrize("line", ["one = 1", "größe = 'ü' # ä", "x" * 500, "日本" * 90])
def test_coming_back_brings_it_in_the_middle_of_a_long_file(
    writer: Nvim, broker: FakeBroker, line: str
) -> None:
    writer.lua("vim.fn.append(0, ...) vim.fn.append(vim.fn.line('$'), ...)", [line] * 90)
    writer.feed("ivalue = ")
    suggest(writer, broker, "total([1, 2])")
    writer.feed("9")
    asked(broker)
    writer.wait_gone("total([1, 2])")
    writer.feed("<BS>")
    broker.expect("task.cancel")
    writer.wait_screen("value = total([1, 2])")
    writer.feed("<Esc>A")
    writer.wait_screen("value = total([1, 2])")
    assert not broker.seen("task.submit")


def test_an_outdated_request_is_cancelled(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ia")
    first = asked(broker)
    writer.feed("b")
    assert broker.expect("task.cancel")["id"] == first["id"]
    second = asked(broker)
    broker.send("task.done", id=first["id"], kind="complete", text="late")
    broker.send("task.done", id=second["id"], kind="complete", text="_in_time")
    assert "late" not in writer.wait_screen("ab_in_time")


@pytest.mark.parametrize("key", ["<Esc>", "<C-c>", "<Up>", "<C-o>k", "<C-w>"])
def test_leaving_the_place_takes_it_away(writer: Nvim, broker: FakeBroker, key: str) -> None:
    writer.feed("ivalue = ")
    suggest(writer, broker, "total(1)")
    writer.feed(key)
    writer.wait_gone("total(1)")
    assert keys(writer) == 0
    assert not visible(writer)


def test_a_request_ends_with_insert_mode(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ia")
    task = asked(broker)
    writer.feed("<Esc>")
    assert broker.expect("task.cancel")["id"] == task["id"]


def test_dismissed_it_stays_away(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ivalue = ")
    suggest(writer, broker, "total(1)")
    writer.feed("<C-]>")
    writer.wait_gone("total(1)")
    writer.feed("x")
    assert asked(broker)["prefix"].endswith("value = x")


def test_inside_a_line_the_rest_stays_behind_it(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("iprint(1)<Left>")
    while not (task := asked(broker))["suffix"].startswith(")"):
        pass
    assert task["prefix"].endswith("print(1")
    answer = ", two\nnever shown"
    broker.send("task.done", id=task["id"], kind="complete", text=answer)
    writer.wait_screen("print(1, two)")
    assert "never shown" not in writer.screen.text
    writer.feed("<Tab>")
    writer.wait_for("vim.fn.getline('.') == 'print(1, two)'")
    assert writer.lua("return vim.fn.col('.')") == len("print(1, two") + 1


def test_tab_is_what_it_was_where_nothing_is_shown(writer: Nvim, broker: FakeBroker) -> None:
    writer.lua("vim.keymap.set('i', '<Tab>', 'GLOBAL')")
    writer.feed("i<Tab>")
    asked(broker)
    assert writer.lines()[5] == "GLOBAL"
    writer.lua(
        "vim.keymap.set('i', '<Tab>', function() return 'MINE' end,"
        " { buffer = 0, expr = true, desc = 'mine' })"
    )
    writer.feed("<Tab>")
    suggest(writer, broker, "_ghost")
    assert writer.lines()[5] == "GLOBALMINE"
    writer.feed("<Tab>")
    asked(broker)
    assert writer.lines()[5] == "GLOBALMINE_ghost"
    writer.feed("<Tab>")
    writer.settle()
    assert writer.lines()[5] == "GLOBALMINE_ghostMINE"
    assert writer.lua("return vim.fn.maparg('<Tab>', 'i', false, true).desc") == "mine"


def test_macros_are_left_alone(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("qqivalue = <Tab>1<Esc>q")
    writer.settle()
    assert writer.lines()[5] == "value =     1"
    writer.feed("o<Esc>0C<Esc>@q")
    writer.settle()
    assert writer.lines()[6] == "value =     1"
    assert not broker.seen("task.submit")
    writer.feed("A +")
    assert asked(broker)["prefix"].endswith("value =     1 +")


def test_abbreviations_and_repeating_work_as_ever(writer: Nvim, broker: FakeBroker) -> None:
    writer.command("iabbrev teh the")
    writer.feed("iteh ")
    suggest(writer, broker, "teh end")
    assert writer.lines()[5] == "the "
    writer.feed("<Tab><Esc>")
    writer.settle()
    assert writer.lines()[5] == "the teh end"


def test_a_menu_hides_it(writer: Nvim, broker: FakeBroker) -> None:
    writer.command("set completeopt=menuone,noinsert")
    writer.feed("ito")
    suggest(writer, broker, "_the_end")
    writer.feed("<C-n>")
    writer.wait_for("vim.fn.pumvisible() == 1")
    writer.wait_gone("_the_end")
    assert keys(writer) == 0
    writer.feed("<C-e>")
    writer.wait_screen("to_the_end")


def test_two_windows_on_one_buffer(writer: Nvim, broker: FakeBroker) -> None:
    writer.command("split")
    writer.feed("ivalue = ")
    suggest(writer, broker, "total(1)")
    writer.feed("<Cmd>wincmd w<CR>")
    writer.wait_gone("total(1)")
    assert keys(writer) == 0


def test_the_next_alternative_asks_for_another_one(writer: Nvim, broker: FakeBroker) -> None:
    writer.feed("ivalue = ")
    suggest(writer, broker, "total(1)")
    writer.feed("to")
    writer.settle()
    writer.feed("<M-]>")
    task = asked(broker)
    assert task["alternative"] == 1
    assert task["prefix"].endswith("value = to")
    broker.send("task.done", id=task["id"], kind="complete", text="tal(1)")
    again = asked(broker)
    assert again["alternative"] == 2
    broker.send("task.done", id=again["id"], kind="complete", text="uch(2)")
    writer.wait_screen("value = touch(2)")
    writer.feed("<M-[>")
    writer.wait_screen("value = total(1)")
    writer.feed("<M-[>")
    writer.wait_screen("value = touch(2)")
    writer.feed("<Tab>")
    writer.wait_for("vim.fn.getline('.') == 'value = touch(2)'")


def test_a_function_for_a_mapping_of_ones_own(writer: Nvim, broker: FakeBroker) -> None:
    writer.lua(
        "vim.keymap.set('i', '<C-f>', function()"
        " return require('zeke.complete').accept() and '' or 'none' end, { expr = true })"
    )
    writer.feed("ia = <C-f>")
    suggest(writer, broker, "_one")
    writer.feed("<C-f>")
    writer.wait_for("vim.fn.getline('.') == 'a = none_one'")
