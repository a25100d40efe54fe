from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.core.providers.anthropic.request import request

ASK = [{"role": "user", "content": "Why?"}]
TOOL = {"type": "function", "function": {"name": "read"}}
CALL = {"id": "1", "type": "function", "function": {"name": "read", "arguments": "{}"}}
THOUGHT = {"type": "thinking", "thinking": "Hm", "signature": "s"}


def made(model: str, **more: Any) -> dict[str, Any]:
    return request({"model": model, "messages": ASK, **more})


def test_a_limit_is_always_sent() -> None:
    assert made("claude-haiku-4-5")["max_tokens"] == 8192
    assert made("claude-sonnet-5-5")["max_tokens"] == 16_384
    body = {"model": "claude-sonnet-5-5", "messages": ASK}
    assert request(body, stream=True)["max_tokens"] == 32_000
    assert made("claude-sonnet-5-5", max_completion_tokens=50)["max_tokens"] == 50


@pytest.mark.parametrize(
    ("model", "effort", "wanted"),
    [
        ("claude-sonnet-5-5", "minimal", "low"),
        ("claude-sonnet-5-5", "high", "high"),
        ("claude-sonnet-5-5", "xhigh", "xhigh"),
        ("claude-opus-4-6", "xhigh", "high"),
        ("claude-opus-4-6", "max", "max"),
    ],
)
def test_an_effort_for_who_thinks_as_it_sees_fit(model: str, effort: str, wanted: str) -> None:
    native = made(model, reasoning_effort=effort)
    assert native["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert native["output_config"] == {"effort": wanted}


def test_no_thinking_at_all() -> None:
    assert made("claude-sonnet-5-5", reasoning_effort="none")["thinking"] == {"type": "disabled"}
    restless = made("claude-fable-5-1", reasoning_effort="none")
    assert "thinking" not in restless
    assert restless["output_config"] == {"effort": "low"}
    assert "thinking" not in made("claude-haiku-4-5", reasoning_effort="none")
    assert "thinking" not in made("claude-sonnet-5-5")


def test_a_budget_for_who_needs_one() -> None:
    native = made("claude-haiku-4-5", reasoning_effort="medium", temperature=0.5)
    assert native["thinking"] == {"type": "enabled", "budget_tokens": 8192}
    assert native["max_tokens"] == 16_384
    assert "temperature" not in native


def test_a_budget_stays_within_what_the_user_allows() -> None:
    native = made("claude-haiku-4-5", reasoning_effort="high", max_tokens=4000)
    assert native["thinking"]["budget_tokens"] == 2000
    assert native["max_tokens"] == 4000
    assert "thinking" not in made("claude-haiku-4-5", reasoning_effort="high", max_tokens=1000)


def test_a_forced_tool_is_not_thought_about() -> None:
    wish = {"tools": [TOOL], "tool_choice": "required", "reasoning_effort": "high"}
    assert "thinking" not in made("claude-haiku-4-5", **wish)
    native = made("claude-sonnet-5-5", **wish)
    assert "thinking" not in native
    assert native["output_config"] == {"effort": "high"}


@pytest.mark.parametrize("kept", [True, False])
def test_a_loop_of_calls_goes_on_thinking_only_with_its_thoughts(kept: bool) -> None:
    turn: dict[str, Any] = {"role": "assistant", "tool_calls": [CALL]}
    if kept:
        turn["thinking_blocks"] = [THOUGHT]
    messages = [*ASK, turn, {"role": "tool", "tool_call_id": "1", "content": "x"}]
    body = {"model": "claude-haiku-4-5", "messages": messages, "reasoning_effort": "low"}
    native = request({**body, "tools": [TOOL]})
    assert ("thinking" in native) == kept
    assert (native["messages"][1]["content"][0] == THOUGHT) == kept


def test_a_question_after_a_loop_may_be_thought_about() -> None:
    messages = [
        *ASK,
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "1", "content": "x"},
        {"role": "assistant", "content": "So."},
        {"role": "user", "content": "And?"},
    ]
    body = {"model": "claude-haiku-4-5", "messages": messages, "reasoning_effort": "low"}
    assert "thinking" in request(body)


def test_anthropics_own_words_are_passed_on() -> None:
    own = {"type": "enabled", "budget_tokens": 2000}
    assert made("claude-haiku-4-5", thinking=own)["thinking"] == own
