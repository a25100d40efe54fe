from __future__ import annotations

from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from zeke_bridge.core.providers.native import completion
from zeke_bridge.core.providers.native.completion import Message, Pen
from zeke_bridge.model.exchange import Usage
from zeke_bridge.wire.openai import usage_of

TOKENS = completion.usage(125, 42, cached=100, written=5, reasoning=12)


def test_usage_is_read_as_it_was_written() -> None:
    assert usage_of({"usage": TOKENS}) == Usage(125, 42, 167, 100, 5, 12)
    assert CompletionUsage.model_validate(TOKENS).total_tokens == 167


def test_a_whole_answer_is_one_to_the_official_client() -> None:
    message = Message(["a", "b"], ["hm"], calls=[completion.call("read", "{}", "call_1")])
    body = completion.completion("id", "m", 7, [(message, "tool_calls")], TOKENS)
    choice = ChatCompletion.model_validate(body).choices[0]
    assert choice.message.content == "ab"
    assert choice.message.tool_calls[0].function.name == "read"
    assert body["choices"][0]["message"]["reasoning_content"] == "hm"


def test_an_answer_may_be_calls_alone_or_nothing() -> None:
    assert Message(calls=[completion.call("read", "{}", "1")]).body()["content"] is None
    assert Message().body()["content"] == ""
    assert Message([""]).empty


def test_the_first_chunk_of_each_choice_says_the_role() -> None:
    pen = Pen("m", 7)
    bodies = [pen.delta({"content": "a"}), pen.delta({"content": "b"}), pen.delta({}, 1, "stop")]
    bodies.append(pen.usage(TOKENS))
    chunks = [ChatCompletionChunk.model_validate(body) for body in bodies]
    assert [chunk.choices[0].delta.role for chunk in chunks[:3]] == ["assistant", None, "assistant"]
    assert chunks[2].choices[0].finish_reason == "stop"
    assert chunks[3].usage.completion_tokens == 42
