"""What a person does in a chat while an answer streams into it, and what becomes of both."""

from __future__ import annotations

import time

import pytest

from tests.e2e.loop import never_stalls
from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import begin, body, end, saved, say

ROWS = "\n".join(f"row {number}" for number in range(20))
MORE = "\n".join(f"more {number}" for number in range(20))


@pytest.fixture
def task(nvim: Nvim, broker: FakeBroker) -> str:
    """An answer that has begun and goes on; the cursor is in the input."""
    task = begin(nvim, broker, "question")
    say(nvim, broker, task, ROWS)
    return task


def send(nvim: Nvim, broker: FakeBroker, task: str, text: str) -> None:
    """Send a piece of an answer that may have to wait."""
    nvim.events.clear()
    broker.send("task.delta", id=task, text=text)
    nvim.wait_event("ZekeTaskDelta")
    nvim.settle()


def stands(nvim: Nvim, line: str) -> None:
    nvim.wait_for("vim.list_contains(vim.api.nvim_buf_get_lines(0, 0, -1, false), ...)", line)


def settled(nvim: Nvim, *lines: str) -> None:
    """The whole text, with the answer between its question and the draft."""
    assert "\n".join(nvim.lines()) == "\n".join(
        ["## You", "", "question", "", "## Zeke", "", *lines]
    )


KEYS = {
    "omni": ("Giask @<C-x><C-o>", "<C-n>", "<C-e>x<Esc>", "ask @x"),
    "i_CTRL-X": ("Giask <C-x>", "", "<C-e><Esc>", "ask "),
    "keywords": ("Giquestion quest<C-n>", "<C-n>", "<C-e>x<Esc>", "question questx"),
    "i_CTRL-R": ("Giask <C-r>", "", "/<Esc>", "ask "),
    "replace": ("Gi  <Esc>R<C-x>", "", "<C-e><Esc>", "  "),
}


@pytest.mark.parametrize("name", KEYS)
def test_completion_keeps_what_it_completes(
    nvim: Nvim, broker: FakeBroker, task: str, name: str
) -> None:
    before, meanwhile, after, wanted = KEYS[name]
    nvim.feed(before)
    if name == "omni":
        broker.expect("state.get")
    if name != "i_CTRL-R":  # There, Neovim answers nobody.
        nvim.wait_for("vim.api.nvim_get_mode().mode:find('^[iR][cx]') ~= nil")
    nvim.events.clear()
    broker.send("task.delta", id=task, text="\n" + MORE)
    if meanwhile:
        nvim.wait_event("ZekeTaskDelta")
        nvim.feed(meanwhile)
        nvim.settle()
        assert "more 0" not in nvim.lines()
    nvim.feed(after)
    stands(nvim, "more 19")
    end(nvim, broker, task)
    settled(nvim, *ROWS.split("\n"), *MORE.split("\n"), "", "## You", "", wanted)


def test_a_block_is_inserted_where_it_was_selected(
    nvim: Nvim, broker: FakeBroker, task: str
) -> None:
    nvim.feed("Gione<CR>two<CR>three<Esc>gg0G2k0<C-v>2jI>> ")
    nvim.settle()
    send(nvim, broker, task, "\n" + MORE)
    nvim.feed("<Esc>")
    stands(nvim, "more 19")
    assert nvim.lines()[-3:] == [">> one", ">> two", ">> three"]


def test_typing_goes_on_without_waiting(nvim: Nvim, broker: FakeBroker, task: str) -> None:
    nvim.feed("Gian")
    say(nvim, broker, task, "\n" + MORE)
    nvim.feed("swer<Esc>")
    nvim.settle()
    assert nvim.lines()[-1] == "answer"


@pytest.mark.parametrize("keys", ["ggdG", "ggVGd", "gg2jd4j", ":%d<CR>"])
def test_an_answer_that_is_taken_away_is_stopped(
    nvim: Nvim, broker: FakeBroker, task: str, keys: str
) -> None:
    nvim.feed(keys)
    nvim.settle()
    broker.send("task.delta", id=task, text="\n" + MORE)
    nvim.wait_screen("The answer was taken away while it came")
    assert broker.expect("task.cancel") == {"id": task}
    assert nvim.lua("return require('zeke.chat.session').all()[1].task") is None
    assert "more 0" not in nvim.lines()
    assert nvim.lua("return vim.v.errmsg") == ""
    assert nvim.lines()[-3:] == ["## You", "", ""]
    # It goes on as any other chat.
    nvim.feed("Goagain<Esc><CR>")
    assert broker.expect("task.submit")["messages"][-1]["content"].endswith("again")


@pytest.mark.parametrize("keys", ["8GdG", "Gk4dd", "8Gd6j", "GkkkJ", "GkkkdGu", "GkkddG"])
def test_what_is_deleted_around_it_does_not_end_it(
    nvim: Nvim, broker: FakeBroker, task: str, keys: str
) -> None:
    nvim.feed(keys)
    nvim.settle()
    send(nvim, broker, task, "\n" + MORE)
    stands(nvim, "more 19")
    end(nvim, broker, task)
    assert nvim.lua("return vim.v.errmsg") == ""
    text = nvim.lines()
    assert text[:6] == ["## You", "", "question", "", "## Zeke", ""]
    assert "## You" in text[-3:]
    nvim.feed("Goagain<Esc><CR>")
    roles = [turn["role"] for turn in broker.expect("task.submit")["messages"]]
    assert roles == ["user", "assistant", "user"]


def test_a_buffer_that_refuses_is_tried_again(nvim: Nvim, broker: FakeBroker, task: str) -> None:
    nvim.lua("""
      _G.set = vim.api.nvim_buf_set_text
      vim.api.nvim_buf_set_text = function() error("E565: not now") end
    """)
    send(nvim, broker, task, "\n" + MORE)
    nvim.lua("vim.api.nvim_buf_set_text = _G.set")
    send(nvim, broker, task, "\nthe end")
    end(nvim, broker, task)
    stands(nvim, "the end")
    assert nvim.lines().count("more 19") == 1
    assert nvim.lua("return require('zeke.chat.session').all()[1].task") is None


def test_one_undo_takes_an_answer_that_came_to_a_window_left_alone(
    nvim: Nvim, broker: FakeBroker, task: str
) -> None:
    nvim.feed("<C-w>p")
    for number in range(3):
        nvim.feed(f"ox{number}<Esc>")
        broker.send("task.delta", id=task, text=f"\nmore {number}")
        nvim.wait_screen(f"more {number}")
    end(nvim, broker, task)
    nvim.feed("<C-w>pu")
    nvim.settle()
    assert nvim.lines() == ["## You", "", "question"]


@pytest.mark.parametrize("command", ["edit", "bdelete"])
def test_a_buffer_that_goes_away_says_so(
    nvim: Nvim, broker: FakeBroker, task: str, command: str
) -> None:
    nvim.feed("ggjj")
    nvim.settle()
    broker.send("task.delta", id=task, text="\nand more")
    stands(nvim, "and more")
    nvim.feed(f":{command}<CR>")
    assert broker.expect("task.cancel") == {"id": task}
    nvim.wait_screen("its buffer was unloaded")
    if command == "edit":
        wanted = ["and more", "", "> **Stopped:** The chat was closed or loaded again.", ""]
        settled(nvim, *ROWS.split("\n"), *wanted, "## You", "", "")
        assert nvim.lua("return { vim.fn.line('.'), vim.fn.line('w0') }") == [3, 1]
        nvim.wait_screen("Zeke chat · <CR> sends")
        assert nvim.lua("return vim.wo.number") is False
    else:
        while "Stopped:" not in body(saved(nvim)):
            pass
        nvim.lua("vim.ui.select = function(items, _, done) done(items[1]) end")
        nvim.feed(":ZekeChat history<CR>")
        nvim.wait_screen("The chat was closed or loaded again.")


@pytest.mark.parametrize("piece", ['{"k": [1, 2, "x"]}, ' * 40, "word " * 160])
def test_one_very_long_line_holds_nobody_up(
    nvim: Nvim, broker: FakeBroker, task: str, piece: str
) -> None:
    with never_stalls(nvim):
        for _ in range(100):
            broker.send("task.delta", id=task, text=piece)
        end(nvim, broker, task)
    assert nvim.lines()[25] == f"row 19{piece * 100}".rstrip("\n")
    # Neovim looks at all of such a line for these, whenever it draws a part of it.
    assert nvim.lua("return { vim.bo.syntax, vim.wo.linebreak }") == ["", False]
    assert (
        nvim.lua("return vim.treesitter.highlighter.active[vim.api.nvim_get_current_buf()]") is None
    )
    nvim.feed("<C-w>c:ZekeChat<CR>")
    nvim.settle()
    assert nvim.lua("return { vim.bo.syntax, vim.wo.linebreak }") == ["", False]


def test_the_longer_a_line_the_fewer_its_changes(nvim: Nvim, broker: FakeBroker, task: str) -> None:
    send(nvim, broker, task, "x" * 200_000)
    nvim.lua("""
      local stream = require("zeke.stream")
      local write = stream.write
      _G.writes = 0
      function stream:write(text)
        _G.writes = _G.writes + 1
        return write(self, text)
      end
    """)
    started = time.monotonic()
    for _ in range(300):
        broker.send("task.delta", id=task, text="y")
    end(nvim, broker, task)
    # The first may come late, and the last may not wait; between them it is one in half a second.
    assert nvim.lua("return _G.writes") <= 2 + (time.monotonic() - started) / 0.5
