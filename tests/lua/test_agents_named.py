"""Several chats with one agent: the same name for each of them, wherever it is spoken of."""

from __future__ import annotations

from typing import Any

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.agents import begun, ended, offers, opened, replied
from tests.lua.prompts import READY

ASKED: dict[str, Any] = {
    "prompt": "p1",
    "position": 1,
    "total": 1,
    "subject": "actor 2 (agent)",
    "agent": "actor",
    "verb": "run",
    "target": "make",
    "risk": "High",
    "reason": "No rule or grant covers it.",
    "diff": [],
    "choices": ["once", "deny"],
    "guard_ms": 0,
}


def two(nvim: Nvim, broker: FakeBroker) -> None:
    """The chats `actor` and `actor 2`; the second is the one that is seen."""
    opened(nvim, broker)
    nvim.command("wincmd c")
    opened(nvim, broker, "ZekeAgent! actor", session="a2")
    nvim.wait_screen("Zeke: actor 2")


def test_the_broker_is_told_which_of_them_it_is(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeAgent actor<CR>")
    assert replied(broker, "agent.open", offers())["number"] == 1
    nvim.feed(":ZekeAgent! actor<CR>")
    assert replied(broker, "agent.open", offers("a2"))["number"] == 2


def test_who_is_asked_about_is_the_chat_that_waits(nvim: Nvim, broker: FakeBroker) -> None:
    two(nvim, broker)
    broker.send("consent.asked", session="a2", **ASKED)
    nvim.wait_screen("actor 2 (agent) wants to")
    nvim.wait_screen("Zeke: actor 2 · waits for you")
    nvim.wait_screen(READY)
    described = nvim.lua("return require('zeke.agents').described()")
    assert described == ["actor 2 (waits for you)", "actor (idle)"]
    nvim.feed("d")
    assert broker.expect("consent.answer")["choice"] == "deny"
    nvim.wait_gone("waits for you")


def test_a_question_of_another_editors_agent_is_no_chats(nvim: Nvim, broker: FakeBroker) -> None:
    two(nvim, broker)
    broker.send("consent.asked", session="", **ASKED)
    nvim.wait_screen("actor 2 (agent) wants to")
    described = nvim.lua("return require('zeke.agents').described()")
    assert described == ["actor 2 (idle)", "actor (idle)"]


def test_a_chat_is_gone_to_by_its_name(nvim: Nvim, broker: FakeBroker) -> None:
    two(nvim, broker)
    completed = "return vim.fn.getcompletion('ZekeAgent actor ', 'cmdline')"
    assert nvim.lua(completed) == ["2", "sessions"]
    nvim.command("wincmd c")
    nvim.feed(":ZekeAgent actor 1<CR>")
    nvim.wait_screen(lambda screen: "Zeke: actor" in screen.text and "actor 2" not in screen.text)
    nvim.command("wincmd c")
    nvim.feed(":ZekeAgent actor 2<CR>")
    nvim.wait_screen("Zeke: actor 2")
    assert "starting" not in nvim.screen.text
    nvim.feed(":ZekeAgent actor 3<CR>")
    nvim.wait_for("require('zeke.chat.session').all()[1].task ~= nil")
    sent = broker.expect("task.submit")
    assert (sent["session"], sent["messages"][-1]["content"]) == ("a2", "3")


def test_who_is_done_is_said_by_what_shows_it(nvim: Nvim, broker: FakeBroker) -> None:
    two(nvim, broker)
    nvim.feed("Gigo<Esc><CR>")
    task = begun(broker)
    nvim.command("wincmd c")
    ended(nvim, broker, task)
    nvim.wait_screen("actor 2 is done: `:ZekeAgent actor 2` shows what it says.")


def test_who_dies_in_an_answer_is_said_once(nvim: Nvim, broker: FakeBroker) -> None:
    two(nvim, broker)
    nvim.feed("Gigo<Esc><CR>")
    task = begun(broker)
    broker.send("task.delta", id=task, text="So far.")
    reason = "Actor is gone. It failed with exit code 3."
    broker.send("task.failed", id=task, code="agent_failed", message=reason, retryable=False)
    broker.send("agent.closed", session="a2", agent="actor", task=task, reason=reason)
    nvim.wait_screen("actor 2 has ended: your next question starts it again.")
    nvim.wait_screen("So far.")
    assert "actor 2: Actor is gone" not in nvim.screen.text
    nvim.feed("Gimore<Esc><CR>")
    again = replied(broker, "agent.open", offers("a3", resumed=True))
    assert (again["number"], again["resume"]) == (2, "id-a2")
