"""What an agent says reaches its editor in order, gathered, and in the right task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from zeke_bridge.broker.agents.feed import AgentFeed

pytestmark = pytest.mark.anyio


class Sink:
    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, Any]]] = []

    def send(self, name: str, payload: Mapping[str, Any]) -> None:
        self.sent.append((name, payload))


def message(text: str) -> dict[str, Any]:
    content = {"type": "text", "text": text}
    return {"sessionUpdate": "agent_message_chunk", "content": content}


def thought(text: str) -> dict[str, Any]:
    return {**message(text), "sessionUpdate": "agent_thought_chunk"}


CALL = {"sessionUpdate": "tool_call", "toolCallId": "c", "title": "Read a.py"}


async def test_text_is_of_the_task_and_everything_else_an_update() -> None:
    sink = Sink()
    feed = AgentFeed(sink, "a1", "claude")
    feed.say(message("before"))
    feed.begin("t")
    for update in (message("a"), message("b"), thought("h"), thought("m"), CALL, message("c")):
        feed.say(update)
    assert feed.end() == "abc"
    head = {"session": "a1", "agent": "claude"}
    assert sink.sent == [
        ("agent.update", {**head, "update": message("before")}),
        ("task.delta", {"id": "t", "text": "a"}),
        ("task.delta", {"id": "t", "text": "b"}),
        ("agent.update", {**head, "task": "t", "update": thought("hm")}),
        ("agent.update", {**head, "task": "t", "update": CALL}),
        ("task.delta", {"id": "t", "text": "c"}),
    ]


async def test_a_picture_in_an_answer_is_passed_on_as_it_is() -> None:
    sink = Sink()
    feed = AgentFeed(sink, "a1", "claude")
    feed.begin("t")
    picture = {"sessionUpdate": "agent_message_chunk", "content": {"type": "image", "data": ""}}
    feed.say(picture)
    assert feed.end() == ""
    assert [payload["update"] for _, payload in sink.sent] == [picture]


@settings(max_examples=50)
@given(some.lists(some.tuples(some.sampled_from("mtc"), some.text(min_size=1))))
async def test_nothing_is_lost_and_nothing_overtakes(said: list[tuple[str, str]]) -> None:
    sink = Sink()
    feed = AgentFeed(sink, "a1", "claude")
    feed.begin("t")
    for kind, text in said:
        feed.say({"m": message(text), "t": thought(text), "c": {**CALL, "title": text}}[kind])
    whole = feed.end()
    assert whole == "".join(text for kind, text in said if kind == "m")
    shown = [
        ("m", payload["text"]) if name == "task.delta" else _of(payload["update"])
        for name, payload in sink.sent
    ]
    assert _joined(shown) == _joined(said)


def _of(update: Mapping[str, Any]) -> tuple[str, str]:
    if update["sessionUpdate"] == "tool_call":
        return "c", update["title"]
    return "t", update["content"]["text"]


def _joined(said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Texts of one kind that follow each other as one."""
    found: list[tuple[str, str]] = []
    for kind, text in said:
        if kind != "c" and found and found[-1][0] == kind:
            found[-1] = (kind, found[-1][1] + text)
        else:
            found.append((kind, text))
    return found
