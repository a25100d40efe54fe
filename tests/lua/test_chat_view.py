"""An answer that streams into a chat leaves the person's cursors, views, marks and undo alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.loop import never_stalls
from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import begin, end, say

LONG = "\n".join(f"line {number} of the answer" for number in range(60))
MORE = "\n".join(f"more {number}" for number in range(40))
VIEW = """
local view = vim.fn.winsaveview()
return { view.lnum, view.col, view.topline, view.skipcol, view.curswant }
"""


@pytest.fixture
def reading(nvim: Nvim, broker: FakeBroker) -> tuple[Nvim, str]:
    """A chat whose answer has filled more than the window and goes on."""
    task = begin(nvim, broker)
    say(nvim, broker, task, LONG)
    return nvim, task


def view(nvim: Nvim) -> list[int]:
    """Cursor and view of the current window, after a redraw."""
    nvim.settle()
    found: list[int] = nvim.lua("vim.cmd.redraw() " + VIEW)
    return found


@pytest.mark.parametrize("scrolloff", [0, 5, 999])
def test_who_reads_above_is_not_moved(
    reading: tuple[Nvim, str], broker: FakeBroker, scrolloff: int
) -> None:
    nvim, task = reading
    nvim.command(f"set scrolloff={scrolloff}")
    nvim.feed("55Gzt$")
    before = view(nvim)
    text = nvim.screen.text.splitlines()[:10]
    say(nvim, broker, task, "\n" + MORE)
    assert view(nvim) == before
    end(nvim, broker, task)
    assert view(nvim) == before
    assert nvim.screen.text.splitlines()[:10] == text
    nvim.feed("j")
    assert view(nvim)[0] == before[0] + 1
    assert nvim.lua("return vim.wo.scrolloff") == scrolloff


def test_who_is_near_the_end_of_it_is_not_scrolled_by_scrolloff(
    reading: tuple[Nvim, str], broker: FakeBroker
) -> None:
    nvim, task = reading
    nvim.command("set scrolloff=5")
    nvim.feed("Gzbkkkk")
    before = view(nvim)
    say(nvim, broker, task, "\n" + MORE)
    assert view(nvim) == before


def test_chats_that_grow_in_two_tab_pages_give_scrolloff_back(
    reading: tuple[Nvim, str], broker: FakeBroker
) -> None:
    nvim, first = reading
    nvim.command("set scrolloff=8")
    say(nvim, broker, first, "\nagain")
    nvim.feed(":tabnew<CR>:ZekeChat! another<CR>")
    second = str(broker.expect("task.submit")["id"])
    broker.send("task.started", id=second, kind="chat")
    say(nvim, broker, second, LONG)
    end(nvim, broker, first)
    end(nvim, broker, second)
    windows = (
        "vim.tbl_map(function(one) return vim.wo[one].scrolloff end, vim.api.nvim_list_wins())"
    )
    assert nvim.lua(f"return {windows}").count(0) == 2
    nvim.feed("k")
    nvim.settle()
    assert nvim.lua("return vim.wo.scrolloff") == 8
    assert nvim.lua(f"return {windows}").count(0) == 1
    nvim.feed("gtk")
    nvim.settle()
    assert nvim.lua(f"return {windows}").count(0) == 0
    assert nvim.lua("return vim.v.errmsg") == ""


def test_another_window_on_it_is_not_moved(reading: tuple[Nvim, str], broker: FakeBroker) -> None:
    nvim, task = reading
    nvim.feed(":split<CR>gg<C-w>w")
    other = "return vim.fn.getwininfo(vim.fn.win_getid(1))[1].topline"
    nvim.settle()
    before = nvim.lua(other)
    say(nvim, broker, task, "\n" + MORE)
    nvim.settle()
    assert nvim.lua(other) == before
    assert nvim.lua("return vim.fn.line('.', vim.fn.win_getid(1))") == 1


def test_who_is_at_the_end_follows(reading: tuple[Nvim, str], broker: FakeBroker) -> None:
    nvim, task = reading
    say(nvim, broker, task, "\n" + MORE)
    nvim.wait_screen("more 39")
    assert nvim.lua("return vim.fn.line('.') == vim.fn.line('$')")


def test_a_window_at_the_end_follows_from_elsewhere(
    reading: tuple[Nvim, str], broker: FakeBroker
) -> None:
    nvim, task = reading
    nvim.feed("<C-w>p")
    before = view(nvim)
    say(nvim, broker, task, "\n" + MORE)
    nvim.wait_screen("more 39")
    assert view(nvim) == before


def test_the_end_of_a_paragraph_longer_than_the_window_is_seen(
    reading: tuple[Nvim, str], broker: FakeBroker
) -> None:
    nvim, task = reading
    say(nvim, broker, task, "\n\n" + "word " * 600 + "at last")
    nvim.wait_screen("at last")


def _select(nvim: Nvim) -> Callable[[], Any]:
    nvim.feed("Onever sent<Esc>Vj")
    return lambda: nvim.lua(
        "return vim.fn.getregion(vim.fn.getpos('v'), vim.fn.getpos('.'), { type = 'V' })"
    )


def _search(nvim: Nvim) -> Callable[[], Any]:
    nvim.feed("Onever sent<Esc>/lin")
    return lambda: _after(nvim, "<Esc>")


def _type(nvim: Nvim) -> Callable[[], Any]:
    nvim.feed("inever")
    return lambda: _after(nvim, " sent")


def _after(nvim: Nvim, keys: str) -> Any:
    nvim.feed(keys)
    nvim.settle()
    return nvim.lua("return vim.fn.getline('.')")


@pytest.mark.parametrize(
    ("does", "wanted"),
    [(_select, ["never sent", ""]), (_search, "never sent"), (_type, "never sent")],
)
def test_what_somebody_does_in_the_input_goes_on(
    reading: tuple[Nvim, str],
    broker: FakeBroker,
    does: Callable[[Nvim], Callable[[], Any]],
    wanted: Any,
) -> None:
    nvim, task = reading
    found = does(nvim)
    nvim.settle()
    nvim.events.clear()
    broker.send("task.delta", id=task, text="\n" + MORE)
    nvim.wait_event("ZekeTaskDelta")
    nvim.settle()
    assert found() == wanted
    nvim.feed("<Esc>")
    nvim.wait_for("vim.iter(vim.api.nvim_buf_get_lines(0, 0, -1, false)):find('more 39')")
    end(nvim, broker, task)
    assert nvim.lines().count("more 0") == 1


def test_an_end_while_somebody_selects_waits_for_them(
    reading: tuple[Nvim, str], broker: FakeBroker
) -> None:
    nvim, task = reading
    nvim.feed("Vk")
    nvim.settle()
    broker.send("task.delta", id=task, text="\nand the rest")
    end(nvim, broker, task)
    assert "and the rest" not in nvim.lines()
    nvim.feed("<Esc>")
    nvim.wait_screen("and the rest")
    nvim.feed("[[[[zt")
    nvim.wait_screen("openai:m-1")


def test_folds_stay_closed(reading: tuple[Nvim, str], broker: FakeBroker) -> None:
    nvim, task = reading
    nvim.feed(":5,40fold<CR>gg")
    before = view(nvim)
    say(nvim, broker, task, "\n" + MORE)
    assert view(nvim) == before
    assert nvim.lua("return { vim.fn.foldclosed(5), vim.fn.foldclosedend(5) }") == [5, 40]


def test_nothing_of_the_person_changes(reading: tuple[Nvim, str], broker: FakeBroker) -> None:
    nvim, task = reading
    nvim.feed("gg:clearjumps<CR>/answer<CR>5Gmaggyy")
    kept = """return {
      vim.fn.getreg('"'), vim.fn.getreg("/"), vim.fn.getpos("'a"), vim.fn.getjumplist()[1],
      vim.v.hlsearch, vim.fn.winlayout(), vim.fn.getreg("."), vim.fn.histget("cmd"),
    }"""
    nvim.settle()
    before = nvim.lua(kept)
    say(nvim, broker, task, "\n" + MORE)
    end(nvim, broker, task)
    assert nvim.lua(kept) == before


def test_one_undo_takes_one_answer(nvim: Nvim, broker: FakeBroker) -> None:
    task = begin(nvim, broker, "one")
    for number in range(5):
        say(nvim, broker, task, f"piece {number}\n")
    end(nvim, broker, task)
    answered = nvim.lines()
    nvim.feed("itwo<Esc><CR>")
    task = str(broker.expect("task.submit")["id"])
    for number in range(5):
        say(nvim, broker, task, f"other {number}\n")
    end(nvim, broker, task)
    assert "other 4" in nvim.lines()
    for wanted in ([*answered[:-1], "two"], answered, ["## You", "", "one"]):
        nvim.feed("u")
        nvim.settle()
        assert nvim.lines() == wanted
    nvim.feed("3<C-r>")
    nvim.settle()
    assert "other 4" in nvim.lines()
    nvim.feed("G[[[[zt")
    nvim.wait_screen("openai:m-1")


def test_an_undo_in_the_middle_breaks_nothing(
    reading: tuple[Nvim, str], broker: FakeBroker
) -> None:
    nvim, task = reading
    nvim.feed("uu<C-r>")
    nvim.settle()
    broker.send("task.delta", id=task, text="\nfurther")
    end(nvim, broker, task)
    assert nvim.lua("return vim.v.errmsg") == ""


def test_lazyredraw_and_a_new_colourscheme_change_nothing(
    reading: tuple[Nvim, str], broker: FakeBroker
) -> None:
    nvim, task = reading
    nvim.command("set lazyredraw | colorscheme habamax")
    say(nvim, broker, task, "\nthe end of it")
    end(nvim, broker, task)
    nvim.wait_screen("the end of it")
    assert nvim.lua("return vim.api.nvim_get_hl(0, { name = 'ZekeHint' }).link") == "Comment"


def test_a_long_chat_holds_nobody_up(reading: tuple[Nvim, str], broker: FakeBroker) -> None:
    nvim, task = reading
    turn = ["## You", "", "And *this*?", "", "## Zeke", "", "```python", "x = 1", "```", ""]
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, 0, false, ...)", turn * 500)
    nvim.lua("vim.treesitter.start(0, 'markdown')")
    nvim.settle()
    with never_stalls(nvim):
        for number in range(300):
            broker.send("task.delta", id=task, text=f"word {number} ")
        end(nvim, broker, task)
    nvim.wait_screen("word 299")
