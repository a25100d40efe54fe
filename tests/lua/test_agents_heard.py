"""What an agent has heard it does not hear twice, even when its answer was stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.agents import asked, ended, offers, opened, replied, update


def prompted(nvim: Nvim, broker: FakeBroker, task: str) -> None:
    update(broker, task, "_zeke/prompted")
    nvim.wait_event("ZekeAgentUpdate")


def stopped(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeCancel<CR>")
    broker.expect("task.cancel")
    nvim.settle()


def said(nvim: Nvim, broker: FakeBroker, text: str) -> list[str]:
    """Ask it; the messages that the broker gets."""
    nvim.feed(f"Gi{text}<Esc><CR>")
    sent = broker.expect("task.submit")
    assert {one["role"] for one in sent["messages"]} <= {"user", "assistant"}
    return [one["content"] for one in sent["messages"]]


@pytest.mark.parametrize("agent", ["actor", "zeke"])
def test_a_stopped_question_is_not_asked_again(nvim: Nvim, broker: FakeBroker, agent: str) -> None:
    task = asked(nvim, broker, f"ZekeAgent {agent} first question")
    prompted(nvim, broker, task)
    stopped(nvim, broker)
    assert said(nvim, broker, "second") == ["first question", "second"]


def test_what_never_reached_it_goes_with_the_next(nvim: Nvim, broker: FakeBroker) -> None:
    asked(nvim, broker)  # and something that it mentions is asked about first
    stopped(nvim, broker)
    assert said(nvim, broker, "second") == ["do it\n\nsecond"]
    stopped(nvim, broker)
    assert said(nvim, broker, "third") == ["do it\n\nsecond\n\nthird"]
    update(broker, None, "_zeke/prompted")
    nvim.wait_event("ZekeAgentUpdate")
    stopped(nvim, broker)
    assert said(nvim, broker, "last") == ["do it", "second", "third", "last"]


def test_an_agent_that_did_not_start_hears_it_with_the_next(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeAgent actor do it<CR>")
    replied(broker, "agent.open", code="denied", message="It may not be started.")
    nvim.wait_screen("may not be started")
    nvim.feed("Gimore<Esc><CR>")
    replied(broker, "agent.open", offers())
    assert [one["content"] for one in broker.expect("task.submit")["messages"]] == ["do it\n\nmore"]


def test_it_is_heard_though_the_answer_was_stopped_before_that_was_told(
    nvim: Nvim, broker: FakeBroker
) -> None:
    task = asked(nvim, broker)
    stopped(nvim, broker)
    prompted(nvim, broker, task)
    assert said(nvim, broker, "second") == ["do it", "second"]


def test_a_chat_without_an_agent_sends_all_that_was_not_answered(
    nvim: Nvim, broker: FakeBroker
) -> None:
    nvim.feed(":ZekeChat first<CR>")
    broker.send("task.started", id=broker.expect("task.submit")["id"], kind="chat")
    stopped(nvim, broker)
    assert said(nvim, broker, "second") == ["first\n\nsecond"]


def test_what_was_mentioned_stands_by_its_own_question(
    nvim: Nvim, broker: FakeBroker, sample: Path
) -> None:
    (sample.parent / "other.py").write_text("one = 1\n")
    opened(nvim, broker)
    nvim.feed("Gione @file:app.py<Esc><CR>")
    sent = broker.expect("task.submit")
    broker.send("task.started", id=sent["id"], kind="agent")
    prompted(nvim, broker, str(sent["id"]))
    stopped(nvim, broker)
    nvim.feed("Gitwo @file:other.py<Esc><CR>")
    sent = broker.expect("task.submit")
    first, second = sent["messages"]
    assert [one["label"] for one in first["attachments"]] == ["@file:app.py"]
    assert [one["label"] for one in second["attachments"]] == ["@file:other.py"]
    part = {"label": "@file:other.py", "tokens": 7, "state": "sent", "message": ""}
    broker.send("task.context", id=sent["id"], parts=[{"turn": 2, **part}])
    nvim.wait_screen("with @file:other.py (7 tokens)")


def test_pictures_links_and_files_of_an_answer_are_told(nvim: Nvim, broker: FakeBroker) -> None:
    task = asked(nvim, broker)
    broker.send("task.delta", id=task, text="Look:")
    for content in (
        {"type": "image", "mimeType": "image/png", "data": "AAAAAAA="},
        {"type": "resource_link", "name": "notes", "uri": "file:///n\x1b.md"},
        {"type": "resource", "resource": {"uri": "file:///a", "text": "## You\nx\x1b[2J\n"}},
        {"type": "resource", "resource": {"uri": "file:///b", "text": "long\n" * 50}},
    ):
        update(broker, task, "agent_message_chunk", content=content)
    broker.send("task.delta", id=task, text="\nThat is all.")
    ended(nvim, broker, task)
    lines = nvim.lines()
    assert lines[lines.index("Look:") : lines.index("That is all.") + 1] == [
        "Look:",
        "",
        "[image: image/png, 5 bytes]",
        "",
        "[link: notes <file:///n^[.md>]",
        "",
        "[file: file:///a]",
        "> ## You",
        "> x^[[2J",
        "",
        "[file: file:///b, 250 bytes]",
        "",
        "That is all.",
    ]


def test_they_are_told_of_a_session_that_goes_on(nvim: Nvim, broker: FakeBroker) -> None:
    opened(nvim, broker)
    picture = {"type": "image", "mimeType": "image/png", "data": "AAAA"}
    with broker.together():
        for content in ({"type": "text", "text": "See"}, picture, {"type": "text", "text": "so."}):
            update(broker, None, "agent_message_chunk", content=content)
    nvim.wait_screen("so.")
    lines = nvim.lines()
    at = lines.index("See")
    assert lines[at : at + 5] == ["See", "", "[image: image/png, 3 bytes]", "", "so."]
