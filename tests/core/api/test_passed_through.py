"""Streams made up by hypothesis go through a core: what the provider sends is what clients get."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.conftest import events_of
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.anyio

ANEW = {"Cache-Control": "no-store"}
MANY = settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

PIECES = st.text(max_size=6)
USES = st.builds(
    lambda index, arguments: {"index": index, "function": {"arguments": arguments}},
    st.integers(0, 3),
    PIECES,
)
DELTAS = st.one_of(
    st.builds(lambda text: {"content": text}, PIECES),
    st.builds(lambda text: {"reasoning_content": text}, PIECES),
    st.builds(lambda rows: {"tool_calls": rows}, st.lists(USES, min_size=1, max_size=3)),
    st.just({}),
)
COUNTS = st.integers(0, 10**9)
USAGE = st.builds(
    lambda asked, said, cached, reasoned: {
        "prompt_tokens": asked,
        "completion_tokens": said,
        "total_tokens": asked + said,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": reasoned},
        "of_a_kind_that_nobody_knows": [said],
    },
    COUNTS,
    COUNTS,
    COUNTS,
    COUNTS,
)
STREAMS = st.tuples(st.lists(DELTAS, max_size=12), st.none() | USAGE)


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]}


def body(model: str = "far:echo", **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Hi"}]
    return {"model": model, "messages": messages, "stream": True, **more}


@MANY
@given(stream=STREAMS, counted=st.booleans())
async def test_a_chat_is_the_providers_event_by_event(
    serve: Any, fake: FakeProvider, stream: Any, counted: bool
) -> None:
    deltas, usage = stream
    said = [*(chunk(delta) for delta in deltas), chunk({}, "stop")]
    last = [] if usage is None else [{**chunk({}), "choices": [], "usage": usage}]
    fake.script.append([*said, *last])
    more = {"stream_options": {"include_usage": True}} if counted else {}
    async with serve() as http:
        answer = await http.post("/v1/chat/completions", json=body(**more), headers=ANEW)
    events = [event.data for event in events_of(answer.content)]
    assert events.pop() == "[DONE]"
    if counted:
        closing = json.loads(events.pop())
        assert closing["usage"] == usage
        assert closing["choices"] == []
    assert events == [json.dumps(each) for each in said]


@MANY
@given(stream=STREAMS)
async def test_a_message_has_every_piece_in_its_place(
    serve: Any, fake: FakeProvider, stream: Any
) -> None:
    deltas, usage = stream
    # One call only: those of several that are mixed up have no place in Anthropic's events.
    for delta in deltas:
        for row in delta.get("tool_calls", ()):
            row["index"] = 0
    last = [] if usage is None else [{**chunk({}), "choices": [], "usage": usage}]
    first = {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "f"}}]}
    split = [delta for delta in deltas if "tool_calls" not in delta]
    calls = [delta for delta in deltas if "tool_calls" in delta]
    said = [chunk(delta) for delta in (*split, first, *calls)]
    fake.script.append([*said, chunk({}, "tool_calls"), *last])
    asked = body(max_tokens=9, thinking={"type": "adaptive"})
    async with serve() as http:
        answer = await http.post("/v1/messages", json=asked, headers=ANEW)
    events = [json.loads(event.data) for event in events_of(answer.content)]
    told = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    pieces = [next(value for key, value in delta.items() if key != "type") for delta in told]
    sent = [text for delta in split for text in delta.values() if text]
    sent += [row["function"]["arguments"] for delta in calls for row in delta["tool_calls"]]
    assert pieces == sent
    counts = events[-2]["usage"]
    if usage is not None:
        cached = usage["prompt_tokens_details"]["cached_tokens"]
        assert counts["cache_read_input_tokens"] == cached
        assert counts["input_tokens"] == max(0, usage["prompt_tokens"] - cached)
        assert counts["output_tokens"] == usage["completion_tokens"]
