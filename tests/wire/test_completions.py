from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.model.errors import InputError
from zeke_bridge.wire.completions import CompletionRequest, completion


@pytest.mark.parametrize("prompt", ["Once", ["Once"]])
def test_a_prompt_is_what_a_user_says(prompt: Any) -> None:
    read = CompletionRequest.read({"model": "m", "prompt": prompt, "max_tokens": 5, "echo": False})
    said = [{"role": "user", "content": "Once"}]
    assert read.chat.body == {"messages": said, "max_tokens": 5}
    assert read.fill is None


def test_with_a_suffix_something_is_filled_in() -> None:
    read = CompletionRequest.read({"prompt": "a", "suffix": "b", "max_tokens": 99_999})
    assert read.fill is not None
    assert (read.fill.prefix, read.fill.suffix, read.fill.max_tokens) == ("a", "b", 4096)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "object"),
        ({}, "prompt"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": ["a", "b"]}, "prompt"),
        ({"prompt": [1, 2]}, "prompt"),
        ({"prompt": "a", "suffix": 5}, "suffix"),
        ({"prompt": "a", "echo": True}, "echo"),
        ({"prompt": "a", "logprobs": 1}, "logprobs"),
        ({"prompt": "a", "best_of": 2}, "best_of"),
        ({"prompt": "a", "suffix": "b", "max_tokens": 0}, "max_tokens"),
        ({"prompt": "a", "model": 5}, "model"),
    ],
)
def test_what_is_not_offered_is_named(body: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        CompletionRequest.read(body)


@pytest.mark.parametrize("said", ["message", "delta"])
def test_an_answer_or_a_chunk_becomes_text(said: str) -> None:
    choices = [{"index": 0, said: {"content": "Hi"}, "finish_reason": "stop"}]
    assert completion({"id": "x", "choices": choices, "usage": None}) == {
        "id": "x",
        "object": "text_completion",
        "choices": [{"text": "Hi", "index": 0, "logprobs": None, "finish_reason": "stop"}],
        "usage": None,
    }
    assert completion({"choices": [{"index": 1, said: {}}]})["choices"][0]["text"] == ""
