"""Why code of a chat is not taken: the chat hears it, as its next question."""

from __future__ import annotations

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.changes import Author, hunk
from tests.lua.chats import answer

TWICE = (hunk(1, ["def total(values):"], ["def sum(values):"]), hunk(8, ["print(1)"], ["x"]))
PROPOSE = """require("zeke.review").propose({ title = "mine", buffer = vim.fn.bufnr("app.py"),
  new_text = "x" })"""


@pytest.fixture
def author(nvim: Nvim, broker: FakeBroker) -> Author:
    """Code of a chat, looked at in the file's own window, where the cursor is."""
    nvim.feed(":ZekeChat how?<CR>")
    answer(nvim, broker, "```python app.py\nprint(total([1, 2, 3]))\n```")
    return looked_at(nvim, broker, "gg/```<CR>gD")


def looked_at(nvim: Nvim, broker: FakeBroker, keys: str) -> Author:
    author = Author(nvim, broker, keys)
    author.patch(hunk(2, ["    result = 0"], ["    result = 1"]))
    nvim.feed("<C-w>t")
    nvim.wait_screen("gR reject")
    return author


def refused(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed("ghw")
    nvim.wait_screen("Why not? (rejects the rest of app.py)")
    nvim.feed("use sum() instead<CR>")
    assert broker.expect("edit.reject")["reason"] == "use sum() instead"


def test_it_is_the_next_question(nvim: Nvim, broker: FakeBroker, author: Author) -> None:
    refused(nvim, broker)
    task = broker.expect("task.submit")
    said = [message["content"] for message in task["messages"]]
    assert said[-1] == "I have not taken your code for app.py: use sum() instead"
    assert len(said) == 3
    nvim.wait_screen("Your reason goes to the chat")


def test_what_the_person_writes_there_is_not_sent(
    nvim: Nvim, broker: FakeBroker, author: Author
) -> None:
    nvim.feed("<C-w>bGihalf a<Esc><C-w>t")
    refused(nvim, broker)
    nvim.wait_screen("Your reason stands in the chat")
    assert not broker.seen("task.submit")
    nvim.feed("<C-w>b")
    assert nvim.lines()[-2:] == [
        "half a",
        "I have not taken your code for app.py: use sum() instead",
    ]


def test_a_chat_that_is_closed_hears_nothing(
    nvim: Nvim, broker: FakeBroker, author: Author
) -> None:
    nvim.feed(":bwipeout! zeke://chat/1<CR>")
    refused(nvim, broker)
    nvim.wait_screen("The chat is closed that has this code")


def test_it_is_not_asked_for_where_nobody_hears_it(nvim: Nvim, broker: FakeBroker) -> None:
    looked_at(nvim, broker, f":lua {' '.join(PROPOSE.split())}<CR>")
    assert "ghw" not in nvim.wait_screen("gR reject")
    nvim.feed("ghw")
    nvim.wait_screen("No model proposed this: reject it without a reason.")
    assert not broker.seen("edit.reject")


def test_part_of_it_is_taken(nvim: Nvim, broker: FakeBroker, author: Author) -> None:
    author.patch(*TWICE)
    nvim.wait_screen("1/2")
    nvim.feed("gggha")
    nvim.wait_screen("Zeke 2/2")
    nvim.feed("ghw")
    nvim.wait_screen("Why not? (rejects the rest of app.py)")
    nvim.feed("not so<CR>")
    assert broker.expect("edit.accept")["reason"] == "not so"
    said = broker.expect("task.submit")["messages"][-1]["content"]
    assert said == "I have taken only some of your code for app.py: not so"
