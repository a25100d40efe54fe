from __future__ import annotations

from typing import Any

import anthropic
import pytest

from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.wire.messages.answer import message

USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 60, "cache_creation_tokens": 10},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "EsEC"}
HIDDEN = {"type": "redacted_thinking", "data": "x"}


def made(
    said: dict[str, Any], finish: str = "stop", *, thinks: bool = True, **choice: Any
) -> dict[str, Any]:
    rows = [{"index": 0, "message": said, "finish_reason": finish, **choice}]
    whole = {"id": "chatcmpl-1", "model": "m", "choices": rows, "usage": USAGE}
    found = message(whole, thinks=thinks, request_id="zk-1")
    anthropic.types.Message.model_validate(found, strict=True)
    return found


def use(arguments: Any, given: str | None = "c1") -> dict[str, Any]:
    return {"id": given, "type": "function", "function": {"name": "f", "arguments": arguments}}


def test_text_and_what_it_cost() -> None:
    assert made({"role": "assistant", "content": "Hi."}) == {
        "id": "chatcmpl-1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "Hi."}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 30,
            "cache_creation_input_tokens": 10,
            "cache_read_input_tokens": 60,
            "output_tokens": 20,
            "output_tokens_details": {"thinking_tokens": 5},
        },
    }


def test_calls_come_last_and_thinking_first() -> None:
    calls = [use('{"a": 1}'), use("", None)]
    found = made({"content": "Hi.", "reasoning_content": "Hm.", "tool_calls": calls})
    assert found["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": ""},
        {"type": "text", "text": "Hi."},
        {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}},
        {"type": "tool_use", "id": "toolu_zk-1_1", "name": "f", "input": {}},
    ]
    assert found["stop_reason"] == "tool_use"


def test_thoughts_between_texts_stay_there() -> None:
    said = {
        "content": "Hi. Yes.",
        "tool_calls": [use("{}")],
        "thinking_blocks": [THOUGHT, HIDDEN],
        "block_order": ["thinking_blocks", "content", "thinking_blocks", "content", "tool_calls"],
        "text_blocks": ["Hi. ", "Yes."],
    }
    content = made(said)["content"]
    assert content[:-1] == [
        THOUGHT,
        {"type": "text", "text": "Hi. "},
        HIDDEN,
        {"type": "text", "text": "Yes."},
    ]
    # Pieces of something else are not believed.
    other = made({**said, "text_blocks": ["Ho. "]})["content"]
    assert [block["text"] for block in other if block["type"] == "text"] == ["Hi. Yes."]


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [("{oops", {"arguments": "{oops"}), ("[1]", {"arguments": [1]}), ({"a": 1}, {"a": 1})],
)
def test_arguments_are_an_object_whatever_a_model_wrote(raw: Any, wanted: Any) -> None:
    content = made({"tool_calls": [use(raw)]}, "tool_calls")["content"]
    assert content[0]["input"] == wanted


def test_thinking_is_shown_to_whoever_asked_and_always_when_signed() -> None:
    said = {"content": "Hi.", "reasoning": "Hm."}
    assert [block["type"] for block in made(said, thinks=False)["content"]] == ["text"]
    signed = {**said, "thinking_blocks": [THOUGHT, HIDDEN, {"type": "other"}]}
    assert made(signed, thinks=False)["content"][:-1] == [THOUGHT, HIDDEN]


@pytest.mark.parametrize(
    ("finish", "choice", "reason"),
    [
        ("length", {}, "max_tokens"),
        ("content_filter", {}, "refusal"),
        ("stop", {"stop_reason": "END"}, "stop_sequence"),
        ("stop", {"stop_reason": 128001}, "end_turn"),
        ("whatever", {}, "end_turn"),
    ],
)
def test_why_it_ended(finish: str, choice: Any, reason: str) -> None:
    found = made({"content": "Hi."}, finish, **choice)
    assert found["stop_reason"] == reason
    assert found["stop_sequence"] == ("END" if reason == "stop_sequence" else None)


def test_a_refusal_is_said() -> None:
    found = made({"content": None, "refusal": "No."})
    assert found["content"] == [{"type": "text", "text": "No."}]
    assert found["stop_reason"] == "refusal"


def test_without_usage_nothing_is_counted() -> None:
    whole = {"choices": [{"message": {"content": "Hi."}, "finish_reason": "stop"}]}
    found = message(whole, thinks=False, request_id="zk-1")
    assert found["id"] == "zk-1"
    assert found["usage"]["output_tokens"] == 0


@pytest.mark.parametrize("choices", [None, [], [1], [{}], [{"message": "x"}]])
def test_what_says_nothing_is_an_error(choices: Any) -> None:
    with pytest.raises(BadAnswerError):
        message({"choices": choices}, thinks=True, request_id="zk-1")
