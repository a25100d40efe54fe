"""What is said of a tool call while the person is asked: that it waits for them, not that it runs."""

from __future__ import annotations

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.agents import asked, call, update
from tests.lua.prompts import READY, ask


def test_a_call_waits_for_who_is_asked_about_it(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    call(broker, task, 1, "Run make")
    nvim.wait_screen("▸ Run make  running …")
    ask(nvim, broker, session="a1", total=1)
    nvim.wait_screen("▸ Run make  waits for you")
    nvim.wait_screen(READY)
    nvim.feed("1")
    assert broker.expect("consent.answer")["choice"] == "once"
    nvim.wait_screen("▸ Run make  running …")


def test_a_call_that_is_told_after_the_question_waits_too(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    ask(nvim, broker, session="a1", total=1)
    call(broker, task, 1, "Run make", status="pending")
    nvim.wait_screen("▸ Run make  waits for you")
    update(broker, task, "tool_call_update", toolCallId="c1", status="completed")
    nvim.wait_screen("▸ Run make  done")


def test_what_runs_does_not_wait(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    call(broker, task, 1, "Test it", content=[{"type": "terminal", "terminalId": "t1"}])
    update(broker, task, "_zeke/terminal", terminalId="t1", command="make", output="one\n")
    call(broker, task, 2, "Change it")
    ask(nvim, broker, session="a1", total=1)
    nvim.wait_screen("▸ Change it  waits for you")
    nvim.wait_screen("▸ Test it  running … · za")


def test_of_several_it_is_not_known_which_waits(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    call(broker, task, 1, "Read a.py")
    call(broker, task, 2, "Read b.py")
    ask(nvim, broker, session="a1", total=1)
    nvim.wait_screen("▸ Read a.py  running, or waits for you")
    nvim.wait_screen("▸ Read b.py  running, or waits for you")


def test_a_question_of_another_agent_holds_up_no_call(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    ask(nvim, broker, session="a2", total=1)
    call(broker, task, 1, "Run make")
    nvim.wait_screen("▸ Run make  running …")
