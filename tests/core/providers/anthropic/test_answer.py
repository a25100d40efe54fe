from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.anthropic import LAST_USAGE, THINKING
from tests.fakes.talk import JSON
from zeke_bridge.core.providers.anthropic.answer import answer, reason, usage
from zeke_bridge.model.errors import BadAnswerError, CoreError, FilteredError


def whole(*content: dict[str, Any], stop: str = "end_turn", **more: Any) -> dict[str, Any]:
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x"}
    return {**head, "content": list(content), "stop_reason": stop, "usage": LAST_USAGE, **more}


def test_text_and_calls() -> None:
    used = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "ä"}}
    native = whole({"type": "text", "text": "Look:"}, used, stop="tool_use")
    made = answer(native, "anthropic", 7)
    assert (made["id"], made["model"], made["created"]) == ("msg_1", "claude-x", 7)
    call = {"name": "read", "arguments": '{"path":"ä"}'}
    assert made["choices"] == [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "Look:",
                "refusal": None,
                "tool_calls": [{"id": "toolu_1", "type": "function", "function": call}],
            },
            "logprobs": None,
            "finish_reason": "tool_calls",
        }
    ]


def test_thinking_is_shown_and_can_be_given_back() -> None:
    hidden = {"type": "redacted_thinking", "data": "xyz"}
    message = answer(whole(THINKING, hidden, {"type": "text", "text": "5"}), "a", 7)["choices"][0]
    assert message["message"]["reasoning_content"] == THINKING["thinking"]
    assert message["message"]["thinking_blocks"] == [THINKING, hidden]
    assert message["message"]["content"] == "5"


def test_blocks_that_are_not_known_are_skipped() -> None:
    made = answer(whole({"type": "server_tool_use"}, {"type": "text", "text": "x"}), "a", 7)
    assert made["choices"][0]["message"]["content"] == "x"


@pytest.mark.parametrize(
    ("stop", "wanted"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("pause_turn", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
        (None, "stop"),
    ],
)
def test_why_it_ended(stop: Any, wanted: str) -> None:
    assert reason(stop) == wanted


def test_the_prompt_includes_what_the_cache_held() -> None:
    assert usage(LAST_USAGE) == {
        "prompt_tokens": 126,
        "completion_tokens": 42,
        "total_tokens": 168,
        "prompt_tokens_details": {"cached_tokens": 100, "cache_creation_tokens": 5},
        "completion_tokens_details": {"reasoning_tokens": 12},
    }
    assert usage(None)["total_tokens"] == 0


def test_a_refusal_without_a_word_is_an_error() -> None:
    details = {"type": "refusal", "category": "bio", "explanation": "Not this."}
    with pytest.raises(FilteredError, match="Not this"):
        answer(whole(stop="refusal", stop_details=details), "anthropic", 7)
    half = whole({"type": "text", "text": "Well"}, stop="refusal")
    assert answer(half, "anthropic", 7)["choices"][0]["finish_reason"] == "content_filter"


@pytest.mark.parametrize("native", [None, [], {}, {"content": "x"}, {"type": "error"}])
def test_what_is_no_message(native: Any) -> None:
    with pytest.raises(BadAnswerError):
        answer(native, "anthropic", 7)


@given(JSON, st.lists(st.dictionaries(st.sampled_from(["type", "text", "input", "id"]), JSON)))
def test_whatever_comes_is_an_answer_or_an_error(native: Any, content: list[Any]) -> None:
    for one in (native, whole(*content), {"content": content, "usage": native}):
        try:
            assert answer(one, "anthropic", 7)["choices"]
        except CoreError:
            continue
