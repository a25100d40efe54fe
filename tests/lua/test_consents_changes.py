"""The inbox `:ZekeConsents` while things change: a key hits what the person saw, or nothing."""

from __future__ import annotations

import time

from tests.fakes.broker import FakeBroker
from tests.lua.inbox import (
    JUST_CHANGED,
    OPENED,
    Inbox,
    question,
    state,
)
from tests.lua.prompts import ASK, READY


def test_a_refresh_keeps_cursor_and_marks(inbox: Inbox, broker: FakeBroker) -> None:
    one, two, three = (question(f"p{n}", f"{n}.py") for n in (1, 2, 3))
    inbox.open(waiting=[one, two, three])
    inbox.on("3.py")
    inbox.nvim.feed("<Space>")
    inbox.on("2.py")
    inbox.guard(60_000)
    inbox.change(waiting=[two, three, question("p4", "4.py")])
    assert "2.py" in inbox.line()
    inbox.nvim.feed("1")
    inbox.nvim.wait_screen(JUST_CHANGED)
    inbox.nothing_was_sent()
    inbox.guard(10)
    inbox.change(waiting=[question("p0", "0.py"), two, three])
    assert "2.py" in inbox.line()
    inbox.steady()
    inbox.nvim.feed("1")
    assert broker.expect("consent.answer")["prompts"] == ["p3"]


def test_what_comes_in_below_stops_no_key(inbox: Inbox, broker: FakeBroker) -> None:
    one = question("p1", "1.py")
    inbox.open(waiting=[one])
    inbox.on("1.py")
    inbox.guard(60_000)
    inbox.change(waiting=[one, question("p2", "2.py")])
    inbox.nvim.feed("1")
    assert broker.expect("consent.answer")["prompts"] == ["p1"]


def test_the_question_under_the_cursor_goes_and_another_takes_its_line(inbox: Inbox) -> None:
    one, two = question("p1", "1.py"), question("p2", "2.py")
    inbox.open(waiting=[one, two])
    inbox.on("1.py")
    inbox.guard(60_000)
    inbox.change(waiting=[two])
    inbox.nvim.feed("1")
    inbox.nvim.wait_screen(JUST_CHANGED)
    inbox.nothing_was_sent()


def test_a_question_that_changed_in_its_place(inbox: Inbox) -> None:
    inbox.open(waiting=[question("p1", "1.py")])
    inbox.on("1.py")
    inbox.guard(60_000)
    inbox.change(waiting=[question("p1", "1.py", risk="High", added=900)])
    inbox.nvim.feed("1")
    inbox.nvim.wait_screen(JUST_CHANGED)
    inbox.nothing_was_sent()


def test_when_all_that_was_marked_is_gone_the_cursor_is_not_meant(
    inbox: Inbox, broker: FakeBroker
) -> None:
    one, two = question("p1", "1.py"), question("p2", "2.py")
    inbox.open(waiting=[one, two])
    inbox.on("2.py")
    inbox.nvim.feed("<Space>")
    inbox.on("1.py")
    inbox.change(waiting=[one])
    inbox.steady()
    inbox.nvim.feed("1")
    inbox.nvim.wait_screen("What was marked is gone")
    inbox.nothing_was_sent()
    inbox.nvim.feed("1")
    assert broker.expect("consent.answer")["prompts"] == ["p1"]


def test_a_prompt_takes_no_focus_from_the_list(inbox: Inbox, broker: FakeBroker) -> None:
    inbox.nvim.feed(":ZekeExplain<CR>")
    broker.expect("task.submit")
    inbox.nvim.lua("require('zeke').setup({}) vim.cmd('ZekeConsents')")
    inbox.nvim.wait_screen(OPENED)
    broker.send("consent.asked", **ASK)
    inbox.nvim.wait_screen("To answer:")
    assert inbox.nvim.lua("return require('zeke.consents').focused()")


def test_an_answer_here_closes_the_prompt_and_the_list_follows(
    inbox: Inbox, broker: FakeBroker
) -> None:
    inbox.open()
    broker.states["consents"] = state(waiting=[question("p1", "src/app.py", shown=True)])
    broker.send("consent.asked", **ASK)
    inbox.nvim.wait_screen("To answer:")
    inbox.nvim.wait_screen("Waiting (1)")
    inbox.on("src/app.py")
    inbox.nvim.feed("2")
    assert broker.expect("consent.answer")["prompts"] == ["p1"]
    broker.states["consents"] = state()
    broker.send("consent.closed", prompt="p1", outcome="session")
    inbox.nvim.wait_gone("[1] Allow once")
    inbox.nvim.wait_screen("Waiting (0)")
    assert READY not in inbox.nvim.screen.text
    assert inbox.nvim.lua("return require('zeke.consents').focused()")


def test_a_dead_broker_leaves_nothing_to_act_on(inbox: Inbox, broker: FakeBroker) -> None:
    inbox.open(waiting=[question("p1", "a.py")])
    inbox.on("a.py")
    broker.die()
    inbox.nvim.wait_screen("The broker stopped: what waited is denied.")
    inbox.nvim.feed("1rt")
    inbox.nvim.wait_screen("1 2 3 d answer a waiting question")
    inbox.nothing_was_sent()


def test_a_flood_of_changes_asks_seldom(inbox: Inbox, broker: FakeBroker) -> None:
    one = question("p1", "a.py")
    inbox.open(waiting=[one])
    inbox.on("a.py")
    while broker.seen("state.get"):
        broker.expect("state.get")
    started = time.monotonic()
    for _ in range(300):
        broker.send("consent.changed")
        broker.send("status.changed", tasks=0, waiting=1, model="auto")
    inbox.nvim.wait_for("#vim.tbl_keys(package.loaded) > 0")
    inbox.nvim.feed("1")
    broker.expect("consent.answer")
    asked = sum(name == "state.get" for name, _ in broker.received)
    assert asked <= 3 + (time.monotonic() - started) / 0.1
