from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.core.providers.habits import habits

OPENAI = "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("model", "kept"),
    [
        ("gpt-6-luna", False),
        ("gpt-5.6-sol", False),
        ("gpt-10", False),
        ("o3-mini", False),
        ("gpt-5-chat-latest", True),
        ("gpt-4.1", True),
        ("gpt-4o", True),
    ],
)
def test_who_reasons_is_not_told_how_to_sample(model: str, kept: bool) -> None:
    shaped = habits("openai", OPENAI).shaped({"model": model, "temperature": 0.2, "n": 1})
    assert ("temperature" in shaped) is kept
    assert shaped["n"] == 1


def test_who_is_told_not_to_reason_samples() -> None:
    body = {"model": "gpt-5.6-luna", "temperature": 0.2, "reasoning_effort": "none"}
    assert habits("openai", OPENAI).shaped(body) == body


@pytest.mark.parametrize(
    ("name", "url", "given", "sent"),
    [
        ("openai", OPENAI, {"max_tokens": 5}, {"max_completion_tokens": 5}),
        ("mine", OPENAI, {"max_tokens": 5}, {"max_completion_tokens": 5}),
        (
            "openai",
            OPENAI,
            {"max_tokens": 5, "max_completion_tokens": 7},
            {"max_completion_tokens": 7},
        ),
        ("glm", "https://x.example", {"max_completion_tokens": 5}, {"max_tokens": 5}),
        ("custom", "https://x.example", {"max_tokens": 5}, {"max_tokens": 5}),
        ("custom", "https://x.example", {"max_completion_tokens": 5}, {"max_completion_tokens": 5}),
    ],
)
def test_the_field_for_an_answers_length(
    name: str, url: str, given: dict[str, Any], sent: dict[str, Any]
) -> None:
    before = dict(given)
    assert habits(name, url).shaped(given) == sent
    assert given == before


def test_an_address_says_more_than_a_name() -> None:
    assert habits("custom", "https://openrouter.ai/api/v1").probe == "/key"
    assert habits("openrouter", "http://127.0.0.1:1/v1").headers["X-Title"]
    assert habits("custom", "http://127.0.0.1:1/v1").headers == {}
