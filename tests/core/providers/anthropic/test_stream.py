from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.providers.anthropic.test_answer import whole
from tests.fakes.anthropic import LAST_USAGE, THINKING, USAGE, deltas
from tests.fakes.talk import JSON, gathered
from zeke_bridge.core.providers.anthropic.answer import answer
from zeke_bridge.core.providers.anthropic.stream import Reader
from zeke_bridge.model import errors

START = {
    "type": "message_start",
    "message": {"id": "msg_1", "model": "claude-x", "content": [], "usage": USAGE},
}
STOP = {"type": "message_stop"}


def start(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, **delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def stop(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def ended(why: str, **more: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": why, **more}, "usage": LAST_USAGE}


def events(content: list[dict[str, Any]], why: str) -> list[dict[str, Any]]:
    """A stream of ``content``, as the real server splits it."""
    made: list[dict[str, Any]] = [START]
    empty = {"text": {"text": ""}, "tool_use": {"input": {}}, "thinking": {"thinking": ""}}
    for index, block in enumerate(content):
        made.append(start(index, **{**block, **empty.get(block["type"], {})}))
        if block["type"] == "thinking":
            made[-1]["content_block"]["signature"] = ""
        made += [delta(index, **one) for one in deltas(block)]
        made += [{"type": "ping"}, stop(index)]
    return [*made, ended(why), STOP]


def read(stream: list[dict[str, Any]]) -> list[dict[str, Any]]:
    reader = Reader("anthropic", "asked", 7)
    chunks = [chunk for event in stream for chunk in reader.feed(event)]
    return [*chunks, *reader.end()]


def told(chunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]


def test_each_delta_is_one_chunk_in_order() -> None:
    used = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "abcdef"}}
    chunks = read(events([{"type": "text", "text": "Look at"}, used], "tool_use"))
    pieces = [one["partial_json"] for one in deltas(used)]
    arguments = [{"tool_calls": [{"index": 0, "function": {"arguments": p}}]} for p in pieces]
    function = {"name": "read", "arguments": ""}
    first = {"index": 0, "id": "toolu_1", "type": "function", "function": function}
    assert told(chunks) == [
        {"role": "assistant", "content": "Look"},
        {"content": " at"},
        {"tool_calls": [first]},
        *arguments,
        {},
    ]
    assert {chunk["id"] for chunk in chunks} == {"msg_1"}
    assert {chunk["model"] for chunk in chunks} == {"claude-x"}


def test_usage_is_the_last_that_was_said() -> None:
    chunks = read(events([{"type": "text", "text": "x"}], "end_turn"))
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["prompt_tokens"] == 21 + 5 + 100
    assert chunks[-1]["usage"]["completion_tokens"] == 42
    assert chunks[-1]["usage"]["completion_tokens_details"] == {"reasoning_tokens": 12}


def test_counts_that_are_not_said_again_stay() -> None:
    last = {**ended("end_turn"), "usage": {"output_tokens": 3, "input_tokens": None}}
    usage = read([START, last, STOP])[-1]["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (125, 3)


def test_a_call_without_arguments_has_an_empty_object() -> None:
    used = {"type": "tool_use", "id": "toolu_1", "name": "list", "input": {}}
    made = gathered(read(events([used], "tool_use")))
    assert made["message"]["tool_calls"][0]["function"]["arguments"] == "{}"


def test_a_call_that_is_announced_whole() -> None:
    used = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"a": 1}}
    for stream in (
        [START, start(0, **used), stop(0), ended("tool_use"), STOP],
        [{**START, "message": {"content": [used]}}, ended("tool_use"), STOP],
    ):
        made = gathered(read(stream))
        assert made["message"]["tool_calls"][0]["function"]["arguments"] == '{"a":1}'


def test_what_is_not_known_is_skipped() -> None:
    stream = [
        START,
        {"type": "surprise"},
        start(0, type="server_tool_use", id="x", name="web", input={}),
        delta(0, type="input_json_delta", partial_json="{}"),
        stop(0),
        delta(9, type="text_delta", text="lost"),
        start(1, type="text", text="Begun"),
        delta(1, type="citations_delta", citation={}),
        stop(1),
        ended("end_turn"),
        STOP,
    ]
    assert told(read(stream)) == [{"role": "assistant", "content": "Begun"}, {}]


def test_half_an_answer_is_none() -> None:
    reader = Reader("anthropic", "asked", 7)
    for event in (START, start(0, type="text", text=""), ended("end_turn")):
        reader.feed(event)
    with pytest.raises(errors.BadAnswerError, match="half an answer"):
        reader.end()


def test_a_refusal_before_any_word() -> None:
    details = {"type": "refusal", "explanation": "Not this."}
    with pytest.raises(errors.FilteredError, match="Not this"):
        read([START, ended("refusal", stop_details=details), STOP])


def test_a_refusal_in_the_midst_ends_the_answer() -> None:
    stream = events([{"type": "text", "text": "Well"}], "refusal")
    assert gathered(read(stream))["finish_reason"] == "content_filter"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("overloaded_error", errors.OverloadedError),
        ("rate_limit_error", errors.RateLimitError),
        ("api_error", errors.ProviderError),
        ("timeout_error", errors.TimedOutError),
        ("authentication_error", errors.AuthError),
        ("new_error", errors.ProviderError),
    ],
)
def test_an_error_in_the_midst(kind: str, error: type[errors.CoreError]) -> None:
    inner = {"type": kind, "message": "Something"}
    with pytest.raises(errors.CoreError) as caught:
        read([START, {"type": "error", "error": inner}])
    assert type(caught.value) is error


BLOCKS = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, st.text(min_size=1, max_size=20)),
    st.builds(
        lambda value: {"type": "tool_use", "id": "toolu_1", "name": "read", "input": value},
        st.dictionaries(st.text(max_size=5), st.integers(-9, 9) | st.text(max_size=9), max_size=2),
    ),
    st.just(THINKING),
    st.just({"type": "redacted_thinking", "data": "xyz"}),
)


@given(st.lists(BLOCKS, max_size=5), st.sampled_from(["end_turn", "tool_use", "max_tokens"]))
def test_a_stream_says_what_a_whole_answer_says(content: list[Any], why: str) -> None:
    made = gathered(read(events(content, why)))
    complete = answer(whole(*content, stop=why), "anthropic", 7)
    choice = complete["choices"][0]
    for message in (made["message"], choice["message"]):
        for call in message.get("tool_calls", []):
            call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    # A stream says by its order what came between what.
    said = {name: choice["message"].pop(name, None) for name in ("block_order", "text_blocks")}
    assert (said["block_order"] is None) == (said["text_blocks"] is None)
    assert made["message"] == choice["message"]
    assert made["finish_reason"] == choice["finish_reason"]
    assert made["usage"] == complete["usage"]


EVENTS = st.builds(
    lambda kind, rest: {"type": kind, **rest},
    st.sampled_from(
        [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
            "error",
            "ping",
        ]
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "index": st.integers(0, 1) | JSON,
            "delta": JSON | st.builds(lambda x: {"type": "text_delta", "text": x}, JSON),
            "content_block": JSON | st.builds(lambda x: {"type": "tool_use", "input": x}, JSON),
            "message": JSON,
            "usage": JSON,
            "error": JSON,
        },
    ),
)


@given(st.lists(EVENTS, max_size=8))
def test_whatever_comes_is_chunks_or_an_error(stream: list[dict[str, Any]]) -> None:
    reader = Reader("anthropic", "asked", 7)
    try:
        for event in stream:
            json.dumps(reader.feed(event))
        reader.end()
    except errors.CoreError:
        pass
