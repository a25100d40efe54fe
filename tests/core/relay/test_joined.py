"""Streams as one value for the request log."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.records.redact import redact_json
from zeke_bridge.core.relay.joined import joined

KEY = "sk-proj-" + "aB3" * 20


def chunk(index: int = 0, **delta: Any) -> dict[str, Any]:
    return {"id": "x", "choices": [{"index": index, "delta": delta, "finish_reason": None}]}


def call(index: int, **function: Any) -> dict[str, Any]:
    return {"tool_calls": [{"index": index, "function": function}]}


def test_texts_come_together() -> None:
    ended = {"id": "x", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    usage = {"id": "x", "choices": [], "usage": {"total_tokens": 3}}
    told = joined([chunk(role="assistant", content=""), chunk(content="a"), chunk(content="b")])
    assert told == {
        "id": "x",
        "choices": [{"index": 0, "delta": {"role": "assistant"} | {"content": "ab"}}],
    }
    whole = joined([chunk(content="a"), ended, usage])
    assert whole["usage"] == {"total_tokens": 3}
    assert whole["choices"][0]["finish_reason"] == "stop"


def test_a_key_in_pieces_is_found() -> None:
    pieces = [KEY[start : start + 5] for start in range(0, len(KEY), 5)]
    streams = [
        [chunk(**call(0, name="write", arguments=""))]
        + [chunk(**call(0, arguments=piece)) for piece in pieces],
        [chunk(1, content=piece) for piece in pieces],
        [chunk(something_new={"deep": [{"x": piece}]}) for piece in pieces],
    ]
    for stream in streams:
        assert KEY in json.dumps(joined(stream))
        redacted = json.dumps(redact_json(joined(stream)))
        assert all(piece not in redacted for piece in pieces[2:])


def test_calls_and_choices_are_told_apart() -> None:
    told = joined(
        [
            chunk(**call(0, arguments="a")),
            chunk(**call(1, arguments="b")),
            chunk(1, content="c"),
            chunk(**call(0, arguments="d")),
        ]
    )
    first, second = told["choices"]
    assert [one["function"]["arguments"] for one in first["delta"]["tool_calls"]] == ["ad", "b"]
    assert second["delta"] == {"content": "c"}


def test_probabilities_repeat_the_text_and_are_left_out() -> None:
    token = {"token": KEY[:9], "logprob": -1.0}
    choice = {"index": 0, "message": {"content": KEY}, "logprobs": {"content": [token]}}
    assert joined([{"choices": [choice]}])["choices"] == [{"index": 0, "message": {"content": KEY}}]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
bodies = st.dictionaries(
    st.sampled_from(["choices", "id", "index", "delta", "x"]), json_values, max_size=4
)


@given(st.lists(bodies, max_size=4))
def test_whatever_came_can_be_written(came: list[dict[str, Any]]) -> None:
    json.dumps(redact_json(joined(came)))


def test_a_long_stream_takes_no_time_to_speak_of() -> None:
    told = joined(chunk(content="word ") for _ in range(20_000))
    assert len(told["choices"][0]["delta"]["content"]) == 100_000
