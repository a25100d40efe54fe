from __future__ import annotations

import pytest

from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import Audience, ChatAsk, Message, Usage
from zeke_bridge.wire import openai

MESSAGES = [{"role": "user", "content": "Hi"}]


def test_a_request_passes_through_but_for_what_is_the_cores() -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    asked = openai.ChatRequest.read(
        {
            "messages": MESSAGES,
            "model": "p:m",
            "stream": True,
            "stream_options": {"include_usage": True},
            "tools": tools,
            "odd": 1,
            "zeke": {"project": "p", "local_only": True, "task": "create"},
        }
    )
    assert asked.body == {"messages": MESSAGES, "tools": tools, "odd": 1}
    assert asked.audience == Audience("p:m", "p", True)
    assert (asked.task, asked.stream, asked.include_usage) == ("create", True, True)


def test_what_a_plain_client_leaves_out() -> None:
    asked = openai.ChatRequest.read({"messages": MESSAGES})
    assert asked.audience == Audience("auto")
    assert (asked.task, asked.stream, asked.include_usage) == ("chat", False, False)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"model": "m"},
        {"messages": []},
        {"messages": ["hi"]},
        {"messages": MESSAGES, "model": 3},
        {"messages": MESSAGES, "stream": "yes"},
        {"messages": MESSAGES, "stream_options": [1]},
        {"messages": MESSAGES, "zeke": {"colour": 1}},
    ],
)
def test_a_wrong_request_is_an_input_error(body: object) -> None:
    with pytest.raises(InputError):
        openai.ChatRequest.read(body)


def test_an_ask_becomes_a_request_that_reads_back() -> None:
    schema = {"type": "object"}
    ask = ChatAsk(Audience("auto", "p", True), (Message("user", "Hi"),), "create", schema, 9)
    asked = openai.ChatRequest.read(openai.chat_body(ask))
    assert asked.audience == ask.audience
    assert (asked.task, asked.stream, asked.include_usage) == ("create", True, True)
    assert asked.body["messages"] == MESSAGES
    assert asked.body["max_tokens"] == 9
    assert asked.body["response_format"]["json_schema"]["schema"] == schema


@pytest.mark.parametrize(
    ("chunk", "text", "reason"),
    [
        ({"choices": [{"delta": {"content": "a"}}]}, "a", ""),
        ({"choices": [{"delta": {"content": None}, "finish_reason": "stop"}]}, "", "stop"),
        ({"choices": [{"delta": None}]}, "", ""),
        ({"choices": []}, "", ""),
        ({"choices": "x"}, "", ""),
        ({}, "", ""),
    ],
)
def test_what_a_chunk_adds(chunk: dict[str, object], text: str, reason: str) -> None:
    assert openai.delta_text(chunk) == text
    assert openai.finish_reason(chunk) == reason


def test_usage_is_what_the_provider_counted() -> None:
    assert openai.usage_of({"usage": {"prompt_tokens": 2, "completion_tokens": 3}}) == Usage(
        2, 3, 5
    )
    assert openai.usage_of({"usage": {"prompt_tokens": "2"}}) == Usage()
    assert openai.usage_of({"usage": None}) is None
    assert openai.usage_of({}) is None


def test_a_list_of_models() -> None:
    assert openai.model_ids({"data": [{"id": "a"}, {"id": 3}, "x", {"id": "b"}]}) == ("a", "b")
    assert openai.model_ids({"models": []}) is None
    assert openai.model_ids([1]) is None
