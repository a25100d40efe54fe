"""Code of an answer on its way into a file, with a real broker behind it."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Opener, tidied
from tests.e2e.nvim import Nvim
from tests.e2e.person import accept, answer, done, run
from tests.fakes.house import House

CODE = [
    "`app.py`:",
    "",
    "```python",
    "def total(values):",
    "    return sum(values)",
    "",
    "",
    "print(total([1, 2, 3]))",
    "```",
]
AFTER = "def total(values):\n    return sum(values)\n\n\nprint(total([1, 2, 3]))\n"


@pytest.fixture
def house(lasting: House) -> House:
    return tidied(lasting)


@pytest.fixture
def chat(editor: Opener) -> Nvim:
    """A chat with code in its answer; the text is the conversation, so it is just written there."""
    nvim = editor()
    run(nvim, "ZekeChat how? ANSWER: So.")
    done(nvim)
    nvim.wait_screen("So.")
    nvim.lua("vim.api.nvim_buf_set_lines(0, 6, 7, false, ...)", CODE)
    return nvim


def test_applying_it_asks_and_writes(chat: Nvim, house: House) -> None:
    chat.feed("gg/return<CR>gA")
    answer(chat, "1")
    done(chat)
    assert (house.project / "app.py").read_text() == AFTER


def test_a_function_takes_the_place_of_the_old_one(chat: Nvim, house: House) -> None:
    before = (house.project / "app.py").read_text()
    chat.lua("vim.ui.select = function(items, _, done) _G.said = items[1].text done(items[1]) end")
    row = chat.lines().index("print(total([1, 2, 3]))")
    chat.lua("local a, b = ... vim.api.nvim_buf_set_lines(0, a, b, false, {})", row - 2, row + 1)
    chat.feed("gg/return<CR>gA")
    chat.wait_event("ZekeReviewOpened")
    chat.wait_for("vim.fn.bufwinid('app.py') > 0")
    chat.lua("vim.api.nvim_set_current_win(vim.fn.bufwinid('app.py'))")
    accept(chat)  # Its end is only known by how it is indented.
    answer(chat, "1")
    done(chat)
    assert chat.lua("return _G.said") == "replace lines 1 to 5 of app.py (def total)"
    head, rest = before.split("    return result\n")
    assert head.startswith("def total(values):\n")
    code = "def total(values):\n    return sum(values)\n"
    assert (house.project / "app.py").read_text() == code + rest


def test_a_diff_is_looked_at_first(chat: Nvim, house: House) -> None:
    before = (house.project / "app.py").read_text()
    chat.feed("gg/return<CR>gD")
    chat.wait_event("ZekeReviewOpened")
    assert (house.project / "app.py").read_text() == before
    chat.wait_for("vim.fn.bufwinid('app.py') > 0")
    chat.lua("vim.api.nvim_set_current_win(vim.fn.bufwinid('app.py'))")
    accept(chat)
    answer(chat, "1")
    done(chat)
    assert (house.project / "app.py").read_text() == AFTER


DIFF = [
    "```diff",
    "--- a/app.py",
    "+++ b/app.py",
    "@@ -40,2 +40,2 @@",
    " def total(values):",
    "-    result = 0",
    "+    result = 1",
    "```",
]


def test_the_hunks_of_a_diff_land_where_their_text_is(chat: Nvim, house: House) -> None:
    before = (house.project / "app.py").read_text()
    chat.lua("vim.api.nvim_buf_set_lines(0, -1, -1, false, ...)", ["", "## Zeke", "", *DIFF])
    chat.feed("G?@@<CR>gA")
    answer(chat, "1")
    done(chat)
    assert (house.project / "app.py").read_text() == before.replace("result = 0", "result = 1")


def test_why_it_is_not_taken_is_the_next_question(chat: Nvim, house: House) -> None:
    before = (house.project / "app.py").read_text()
    # The talk goes along; so that it holds no line of the file.
    chat.command(r"%s/values/numbers/ | %s/\[1, 2, 3\]/[1, 2]/")
    chat.lua("vim.ui.select = function(items, _, done) done(items[1]) end")
    chat.feed("gg/return<CR>gD")
    chat.wait_event("ZekeReviewOpened")
    chat.wait_for("vim.fn.bufwinid('app.py') > 0")
    chat.lua("vim.api.nvim_set_current_win(vim.fn.bufwinid('app.py'))")
    chat.wait_screen("ghw")
    chat.feed("ghw")
    chat.wait_screen("Why not?")
    chat.feed("use a loop<CR>")
    lines = "vim.api.nvim_buf_get_lines(vim.fn.bufnr('zeke://chat/1'), 0, -1, false)"
    chat.wait_for(f"vim.list_contains({lines}, 'So.')")  # Every answer there is this one.
    question = "I have not taken your code for app.py: use a loop"
    assert chat.lua(f"return vim.list_contains({lines}, ...)", question)
    assert (house.project / "app.py").read_text() == before
