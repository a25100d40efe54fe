"""Undo in a chat while an answer comes: what the person typed, and not the half of what came."""

from __future__ import annotations

import pytest

from tests.e2e.loop import never_stalls
from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import begin, end, say

ASKED = ["## You", "", "question"]


@pytest.fixture
def task(nvim: Nvim, broker: FakeBroker) -> str:
    """An answer that has begun and goes on; the cursor is in the input."""
    task = begin(nvim, broker, "question")
    say(nvim, broker, task, "row 0")
    return task


def text(rows: int, *draft: str) -> list[str]:
    """The chat with as many rows of its answer, and a draft."""
    answer = [f"row {number}" for number in range(rows)]
    return [*ASKED, "", "## Zeke", "", *answer, "", "## You", "", *(draft or ("",))]


def feed(nvim: Nvim, keys: str) -> list[str]:
    """The chat after those keys."""
    nvim.feed(keys)
    nvim.settle()
    return nvim.lines()


@pytest.fixture
def drafts(nvim: Nvim, broker: FakeBroker, task: str) -> str:
    """Two drafts, and a row of the answer in and after each of them."""
    for number, word in enumerate(["one", " two"]):
        feed(nvim, f"GA{word}")
        say(nvim, broker, task, f"\nrow {2 * number + 1}")
        feed(nvim, "<CR>!<Esc>")
        say(nvim, broker, task, f"\nrow {2 * number + 2}")
    return task


TWO = ("one", "! two", "!")


@pytest.mark.parametrize(
    "keys", [("u", "u", "<C-r>", "<C-r>"), (":undo<CR>", "g-", "g+", ":redo<CR>")]
)
def test_each_draft_is_a_step_while_the_answer_comes(
    nvim: Nvim, broker: FakeBroker, drafts: str, keys: tuple[str, ...]
) -> None:
    wanted = [("one", "!"), ("",), ("one", "!"), TWO]
    for number, (key, draft) in enumerate(zip(keys, wanted, strict=True)):
        assert feed(nvim, key) == text(5 + number, *draft)
        say(nvim, broker, drafts, f"\nrow {5 + number}")
        assert nvim.lines() == text(6 + number, *draft)
    end(nvim, broker, drafts)
    assert nvim.lines() == text(9, *TWO)
    assert nvim.lua("return vim.v.errmsg") == ""


def test_a_count_takes_as_many_drafts(nvim: Nvim, broker: FakeBroker, drafts: str) -> None:
    assert feed(nvim, "2u") == text(5)
    assert feed(nvim, "2<C-r>") == text(5, *TWO)
    assert feed(nvim, "u<C-r>uu") == text(5)
    assert feed(nvim, "3u") != text(5)
    assert feed(nvim, "5<C-r>") == text(5, *TWO)


@pytest.mark.parametrize("ends", ["before", "inside", "undone"])
def test_each_draft_is_a_step_after_the_answer_has_come(
    nvim: Nvim, broker: FakeBroker, drafts: str, ends: str
) -> None:
    if ends == "inside":
        feed(nvim, "Gothree")
    elif ends == "undone":
        feed(nvim, "u")
    end(nvim, broker, drafts)
    if ends == "inside":
        assert feed(nvim, " and four<Esc>") == text(5, *TWO, "three and four")
        assert feed(nvim, "u") == text(5, *TWO)
    if ends != "undone":
        assert feed(nvim, "u") == text(5, "one", "!")
    assert feed(nvim, "u") == text(5)
    assert feed(nvim, "u") == ASKED
    assert feed(nvim, "2<C-r>") == text(5, "one", "!")
    assert feed(nvim, "<C-r>") == text(5, *TWO)


def test_a_new_draft_in_place_of_one_that_was_undone(
    nvim: Nvim, broker: FakeBroker, drafts: str
) -> None:
    feed(nvim, "u")
    assert feed(nvim, "Go2") == text(5, "one", "!", "2")
    say(nvim, broker, drafts, "\nrow 5")
    feed(nvim, "<Esc>")
    say(nvim, broker, drafts, "\nrow 6")
    assert feed(nvim, "u") == text(7, "one", "!")
    end(nvim, broker, drafts)
    assert feed(nvim, "<C-r>") == text(7, "one", "!", "2")
    found = [feed(nvim, "g-") for _ in range(4)]
    assert text(7, *TWO) in found  # On its branch, as ever.


def test_an_answer_that_is_undone_goes_on_to_come(
    nvim: Nvim, broker: FakeBroker, task: str
) -> None:
    assert feed(nvim, "u") == ASKED
    nvim.wait_screen("`<C-r>` brings it back")
    nvim.events.clear()
    for number in (1, 2):
        broker.send("task.delta", id=task, text=f"\nrow {number}")
        nvim.wait_event("ZekeTaskDelta")
        assert nvim.lines() == ASKED
    nvim.feed("<C-r>")
    nvim.wait_screen("row 2")
    say(nvim, broker, task, "\nrow 3")
    assert nvim.lines() == text(4)
    assert feed(nvim, "u") == ASKED
    end(nvim, broker, task)
    nvim.feed("<C-r>")
    nvim.wait_screen("openai:m-1")
    assert nvim.lines() == text(4)


def test_an_answer_that_is_undone_and_written_over_is_stopped(
    nvim: Nvim, broker: FakeBroker, task: str
) -> None:
    feed(nvim, "uA, or not<Esc>")
    nvim.wait_screen("The answer was taken away while it came")
    assert broker.expect("task.cancel") == {"id": task}
    assert nvim.lines() == [*ASKED[:2], "question, or not"]
    feed(nvim, "<CR>")
    asked = broker.expect("task.submit")["messages"]
    assert [turn["content"] for turn in asked] == ["question, or not"]


@pytest.mark.parametrize("ended", [True, False])
def test_a_question_whose_answer_is_undone_can_be_sent_again(
    nvim: Nvim, broker: FakeBroker, task: str, ended: bool
) -> None:
    feed(nvim, "u")
    if ended:
        end(nvim, broker, task)
    feed(nvim, "<CR>")
    if not ended:
        assert broker.expect("task.cancel") == {"id": task}
    again = str(broker.expect("task.submit")["id"])
    broker.send("task.delta", id=task, text="never")
    for number in range(3):
        say(nvim, broker, again, f"{'' if number == 0 else chr(10)}row {number}")
    end(nvim, broker, again)
    assert nvim.lines() == text(3)
    assert feed(nvim, "u") == ASKED


def test_an_answer_that_is_undone_can_be_stopped(nvim: Nvim, broker: FakeBroker, task: str) -> None:
    feed(nvim, "u")
    nvim.press("<C-c>")
    assert broker.expect("task.cancel") == {"id": task}
    broker.send("task.failed", id=task, code="cancelled", message="Cancelled.")
    nvim.wait_event("ZekeTaskFailed")
    nvim.wait_screen("<CR> sends")
    assert nvim.lines() == ASKED
    nvim.feed("<C-r>")
    nvim.wait_screen("Stopped")
    assert nvim.lines()[6:9] == ["row 0", "", "> **Stopped:** Cancelled."]


def test_sending_from_insert_mode_divides_steps(nvim: Nvim, broker: FakeBroker, task: str) -> None:
    feed(nvim, "GAfirst")
    say(nvim, broker, task, "\nrow 1")
    feed(nvim, "<CR>draft")
    end(nvim, broker, task)
    one = text(2, "first", "draft")
    nvim.feed("<C-s>and")
    again = str(broker.expect("task.submit")["id"])
    say(nvim, broker, again, "other")
    feed(nvim, " on<CR>and on")
    say(nvim, broker, again, " text")
    end(nvim, broker, again)
    assert nvim.lua("return vim.api.nvim_get_mode().mode") == "i"
    two = [*one, "", "## Zeke", "", "other text", "", "## You", "", ""]
    assert feed(nvim, "<Esc>") == [*two[:-1], "and on", "and on"]
    for wanted in (two, one, text(2), ASKED):
        assert feed(nvim, "u") == wanted
    assert feed(nvim, "4<C-r>") == [*two[:-1], "and on", "and on"]


def test_a_question_typed_and_sent_from_insert_mode_is_a_step(
    nvim: Nvim, broker: FakeBroker, task: str
) -> None:
    end(nvim, broker, task)
    nvim.feed("GAagain<C-s>")
    again = str(broker.expect("task.submit")["id"])
    say(nvim, broker, again, "other")
    end(nvim, broker, again)
    feed(nvim, "<Esc>")
    assert feed(nvim, "u") == text(1, "again")
    assert feed(nvim, "u") == text(1)


@pytest.mark.parametrize(
    ("keys", "draft"),
    [
        ("<CR><CR>end", ["a", "", "end"]),
        ("<CR>b<BS><BS>c", ["ac"]),
        ("<BS><BS>c", ["c"]),
        ("<Left>x<CR>y", ["x", "ya"]),
        ("<C-o>O", ["", "a"]),
    ],
)
def test_lines_that_are_put_and_joined_while_it_comes(
    nvim: Nvim, broker: FakeBroker, task: str, keys: str, draft: list[str]
) -> None:
    """Neovim by itself would undo them in the wrong place, after others have changed the buffer."""
    feed(nvim, "Go<Esc>k")
    feed(nvim, "ja")
    say(nvim, broker, task, "\nrow 1\nrow 2")
    feed(nvim, "a")
    say(nvim, broker, task, "\nrow 3")
    before = text(4, "") if keys == "<BS><BS>c" else text(4, "", "")
    assert feed(nvim, f"{keys}<Esc>") == [*before[:-1], *draft]
    while (found := feed(nvim, "u")) != text(4):
        assert found[:11] == text(4)[:11]
    assert feed(nvim, "9<C-r>") == [*before[:-1], *draft]


def test_what_is_typed_before_anything_comes_is_a_step(
    nvim: Nvim, broker: FakeBroker, task: str
) -> None:
    feed(nvim, "GA")
    say(nvim, broker, task, "\nrow 1")
    feed(nvim, "draft<Esc>")
    say(nvim, broker, task, "\nrow 2")
    assert feed(nvim, "u") == text(3)
    assert feed(nvim, "u") == ASKED


def test_an_edit_above_is_a_step_too(nvim: Nvim, broker: FakeBroker, drafts: str) -> None:
    feed(nvim, "ggO")
    say(nvim, broker, drafts, "\nrow 5")
    feed(nvim, "above<CR>it<Esc>")
    say(nvim, broker, drafts, "\nrow 6")
    assert nvim.lines() == ["above", "it", *text(7, *TWO)]
    assert feed(nvim, "u") == text(7, *TWO)
    assert feed(nvim, "u") == text(7, "one", "!")
    say(nvim, broker, drafts, "\nrow 7")
    assert feed(nvim, "2<C-r>") == ["above", "it", *text(8, *TWO)]


def test_an_edit_of_the_answer_is_a_step_too(nvim: Nvim, broker: FakeBroker, task: str) -> None:
    feed(nvim, "7GcwRow<Esc>")
    say(nvim, broker, task, "\nrow 1")
    fixed = [*text(2)[:6], "Row 0", *text(2)[7:]]
    assert nvim.lines() == fixed
    assert feed(nvim, "u") == text(2)
    say(nvim, broker, task, "\nrow 2")
    assert feed(nvim, "<C-r>") == [*text(3)[:6], "Row 0", *text(3)[7:]]


def test_an_undo_by_others_from_elsewhere(nvim: Nvim, broker: FakeBroker, drafts: str) -> None:
    nvim.lua("_G.chat = vim.api.nvim_get_current_buf()")
    feed(nvim, "<C-w>p")
    undo = "vim.api.nvim_buf_call(_G.chat, function() vim.cmd('silent undo') end)"
    for number, draft in enumerate([("one", "!"), ("",)]):
        nvim.lua(undo)
        say(nvim, broker, drafts, f"\nrow {5 + number}")
        assert nvim.lines(nvim.lua("return _G.chat")) == text(6 + number, *draft)


def test_it_waits_while_the_person_selects_or_types_a_command(
    nvim: Nvim, broker: FakeBroker, drafts: str
) -> None:
    feed(nvim, "u")
    nvim.lua("_G.chat = vim.api.nvim_get_current_buf()")
    chat = nvim.lua("return _G.chat")
    for number, (keys, over) in enumerate([("V", "<Esc>"), (":echo", "<Esc>"), ("q:", ":q<CR>")]):
        before = nvim.lines()
        feed(nvim, keys)
        nvim.events.clear()
        broker.send("task.delta", id=drafts, text=f"\nrow {5 + number}")
        nvim.wait_event("ZekeTaskDelta")
        nvim.settle()
        assert nvim.lines(chat) == before
        nvim.feed(over)
        nvim.wait_for("vim.fn.search('^' .. ... .. '$', 'nw') > 0", f"row {5 + number}")
    assert feed(nvim, "<C-r>")[-3:] == list(TWO)


def test_marks_cursors_and_views_are_where_they_were(
    nvim: Nvim, broker: FakeBroker, drafts: str
) -> None:
    say(nvim, broker, drafts, "\n" + "\n".join(f"line {number}" for number in range(40)))
    feed(nvim, "uGkmbgg3jma:split<CR>Gk0<C-w>p")
    seen = """return {
      vim.fn.getpos("'a")[2], vim.fn.line("$") - vim.fn.getpos("'b")[2], vim.fn.line("w0"),
      vim.fn.line("."), vim.fn.line("$") - vim.fn.line(".", vim.fn.win_getid(2)),
    }"""
    before = nvim.lua(seen)
    say(nvim, broker, drafts, "\nmore\nand more")
    assert nvim.lua(seen) == before
    end(nvim, broker, drafts)
    assert nvim.lua(seen) == before


@pytest.mark.parametrize("levels", [-1, 0, 1, 2])
def test_few_undo_levels_lose_no_text(
    nvim: Nvim, broker: FakeBroker, task: str, levels: int
) -> None:
    nvim.lua("vim.bo.undolevels = ...", levels)
    for number, keys in enumerate(["GAone<Esc>", "GAtwo<Esc>", "GAthree", "<Esc>", "u", "<C-r>"]):
        feed(nvim, keys)
        say(nvim, broker, task, f"\nrow {number + 1}")
    end(nvim, broker, task)
    assert [line for line in nvim.lines() if line.startswith("row")] == text(7)[6:13]
    assert nvim.lua("return vim.v.errmsg") == ""


def test_nobody_is_held_up_by_what_is_undone(nvim: Nvim, broker: FakeBroker, drafts: str) -> None:
    turn = ["## You", "", "And *this*?", "", "## Zeke", "", "```python", "x = 1", "```", ""]
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, 0, false, ...)", turn * 500)
    nvim.lua("vim.treesitter.start(0, 'markdown')")
    feed(nvim, "Gothree<Esc>")
    with never_stalls(nvim):
        for number in range(300):
            broker.send("task.delta", id=drafts, text=f"word {number} ")
            if number % 50 == 0:
                feed(nvim, "u" if number % 100 == 0 else "<C-r>")
        end(nvim, broker, drafts)
    assert any(line.endswith("word 299 ") for line in nvim.lines())


@pytest.mark.parametrize("keys", ["ggdG", ":%d<CR>", "Gihm<Esc>ggdG"])
def test_one_step_brings_back_an_answer_that_was_taken_away(
    nvim: Nvim, broker: FakeBroker, task: str, keys: str
) -> None:
    say(nvim, broker, task, "\nrow 1")
    feed(nvim, keys)
    broker.send("task.delta", id=task, text="\nrow 2")
    nvim.wait_screen("The answer was taken away while it came")
    assert broker.expect("task.cancel") == {"id": task}
    broker.send("task.failed", id=task, code="cancelled", message="Cancelled.")
    nvim.wait_event("ZekeTaskFailed")
    nvim.settle()
    assert nvim.lines() == ["## You", "", ""]
    assert feed(nvim, "u") == text(2, *(["hm"] if "hm" in keys else []))
    assert feed(nvim, "<C-r>") == ["## You", "", ""]
