"""In a chat with the assistant it is said, too, that it waits for the person."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.agents import call
from tests.lua.chats import begin, end
from tests.lua.prompts import READY, ask
from tests.lua.test_agents_review import settled, shown

BAR = "Zeke chat · waits for you · <C-c> stops"


@pytest.fixture
def task(nvim: Nvim, broker: FakeBroker) -> str:
    """The assistant is about to run something."""
    task = begin(nvim, broker)
    call(broker, task, 1, "Run make", session="")
    nvim.wait_screen("▸ Run make  running …")
    return task


def test_a_question_is_told_in_its_chat(nvim: Nvim, broker: FakeBroker, task: str) -> None:
    ask(nvim, broker, session="", task=task, total=1)
    nvim.wait_screen("▸ Run make  waits for you")
    nvim.wait_screen(BAR)
    nvim.wait_screen(READY)
    nvim.feed("1")
    assert broker.expect("consent.answer")["choice"] == "once"
    nvim.wait_screen("▸ Run make  running …")
    nvim.wait_screen("Zeke chat · <C-c> stops")


def test_a_call_that_is_told_after_the_question_waits_too(nvim: Nvim, broker: FakeBroker) -> None:
    task = begin(nvim, broker)
    ask(nvim, broker, session="", task=task, total=1)
    nvim.wait_screen(BAR)
    call(broker, task, 1, "Run make", session="")
    nvim.wait_screen("▸ Run make  waits for you")


def test_the_list_of_chats_says_which_one_waits(nvim: Nvim, broker: FakeBroker, task: str) -> None:
    nvim.feed(":ZekeChat! again<CR>")
    second = str(broker.expect("task.submit")["id"])
    broker.send("task.started", id=second, kind="chat")
    call(broker, second, 2, "Run test", session="")
    nvim.wait_screen("▸ Run test  running …")
    ask(nvim, broker, session="", task=task, total=1)
    nvim.wait_screen(READY)
    nvim.feed("<C-w>p")
    nvim.feed(":Zeke chats<CR>")
    nvim.wait_screen("again · answering")
    nvim.wait_screen("hello · waits for you")
    nvim.feed("<Esc>")
    nvim.wait_screen("▸ Run test  running …")
    nvim.wait_screen("Zeke chat: again · <C-c> stops")


def test_a_change_is_told_in_its_chat(
    nvim: Nvim, broker: FakeBroker, task: str, sample: Path
) -> None:
    who = {"agent": "zeke", "session": "", "task": task, "title": "app.py"}
    broker.send("task.started", id="review-1", kind="review", **who)
    shown(broker, "review-1", sample)
    nvim.wait_screen("▸ Run make  waits for you")
    nvim.wait_screen(BAR)
    settled(broker, "review-1", sample)
    nvim.wait_screen("▸ Run make  running …")
    nvim.wait_screen("Zeke chat · <C-c> stops")


def test_when_its_task_is_over_nothing_waits(nvim: Nvim, broker: FakeBroker, task: str) -> None:
    ask(nvim, broker, session="", task=task, total=1)
    nvim.wait_screen(BAR)
    end(nvim, broker, task, "Done.")
    nvim.wait_screen("Zeke chat · <CR> sends")
