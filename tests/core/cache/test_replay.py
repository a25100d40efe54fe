from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.cache.kept import Kept
from zeke_bridge.core.cache.replay import gathered, replay
from zeke_bridge.core.providers.base import Body, Chunk
from zeke_bridge.model.exchange import Cost
from zeke_bridge.wire.openai import delta_text, finish_reason, usage_of

USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def answer(text: str = "It is blue.", **choice: Any) -> Body:
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 7,
        "model": "gpt",
        "system_fingerprint": "fp",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", **choice}],
        "usage": USAGE,
    }


def chunks(body: Body) -> list[Chunk]:
    return replay(Kept(body, "openai", "gpt", Cost(), 0.0))


def chunk(delta: Any = None, **fields: Any) -> Chunk:
    body = {"id": "1", "choices": [{"index": 0, "delta": delta or {}}], **fields}
    return Chunk("", body)


def test_a_replay_is_a_stream_as_a_provider_sends_it() -> None:
    told = chunks(answer())
    assert [one.body["object"] for one in told] == ["chat.completion.chunk"] * 4
    assert {one.body["id"] for one in told} == {"chatcmpl-1"}
    assert told[0].body["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert "".join(delta_text(one.body) for one in told) == "It is blue."
    assert [finish_reason(one.body) for one in told] == ["", "", "stop", ""]
    assert told[-1].body["choices"] == []
    assert usage_of(told[-1].body) == usage_of(answer())
    assert all(orjson.loads(one.text) == one.body for one in told)


def test_a_long_answer_comes_in_pieces() -> None:
    text = "wörd 🙂 " * 2000
    told = chunks(answer(text))
    assert len(told) > 10
    assert "".join(delta_text(one.body) for one in told) == text
    assert max(len(one.body["choices"][0]["delta"].get("content", "")) for one in told[:-1]) <= 1024


def test_reasoning_is_not_lost() -> None:
    body = answer()
    body["choices"][0]["message"]["reasoning_content"] = "Hm."
    assert chunks(body)[0].body["choices"][0]["delta"]["reasoning_content"] == "Hm."
    assert gathered(chunks(body)) == body


def test_probabilities_stay_with_their_text() -> None:
    tokens = {"content": [{"token": "x", "logprob": -0.1}] * 3, "refusal": None}
    body = answer("x" * 3000, logprobs=tokens)
    told = chunks(body)
    with_text = [one for one in told if delta_text(one.body)]
    assert len(with_text) == 1
    assert with_text[0].body["choices"][0]["logprobs"] == tokens
    back = gathered(told)
    assert back is not None
    assert back["choices"][0]["logprobs"] == {"content": tokens["content"]}


def test_no_usage_is_not_made_up() -> None:
    body = answer()
    del body["usage"]
    assert all(usage_of(one.body) is None for one in chunks(body))
    assert gathered(chunks(body)) == body


@given(st.text(min_size=1, max_size=3000), st.booleans())
def test_what_is_gathered_from_a_replay_is_the_answer(text: str, odd: bool) -> None:
    body = answer(text) | ({"provider": "x", "a_new_field": {"y": 1}} if odd else {})
    assert gathered(chunks(body)) == body


def test_a_stream_of_a_provider_becomes_an_answer() -> None:
    stream = [
        chunk({"role": "assistant", "content": "", "refusal": None}, usage=None, model="gpt"),
        chunk({"content": "It "}),
        chunk({"content": "is."}, obfuscation="xyz"),
        Chunk("", {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
        Chunk("", {"choices": [], "usage": USAGE}),
    ]
    whole = gathered(stream)
    assert whole is not None
    assert whole["object"] == "chat.completion"
    message = {"role": "assistant", "content": "It is."}
    assert whole["choices"] == [{"index": 0, "finish_reason": "stop", "message": message}]
    assert whole["usage"] == USAGE
    assert whole["model"] == "gpt"


def test_usage_may_come_beside_a_choice() -> None:
    whole = gathered([chunk({"content": "a"}), chunk({}, usage=USAGE)])
    assert whole is not None
    assert whole["usage"] == USAGE


@pytest.mark.parametrize(
    "odd",
    [
        chunk({"tool_calls": [{"index": 0}]}),
        chunk({"content": ["x"]}),
        chunk({"audio": {"id": "a"}}),
        chunk({"a_new_field": "x"}),
        Chunk("", {"choices": [{"index": 1, "delta": {"content": "b"}}]}),
        Chunk("", {"choices": [{"index": 0}, {"index": 1}]}),
        Chunk("", {"choices": ["x"]}),
        Chunk("", {"choices": "x"}),
        Chunk("", {"choices": [{"delta": "x"}]}),
        Chunk("", {"choices": [{"delta": {}, "logprobs": "x"}]}),
        Chunk("", {"choices": [{"delta": {}, "logprobs": {"content": "x"}}]}),
        Chunk("", {"error": {"message": "no"}}),
    ],
)
def test_what_cannot_be_put_together_is_not(odd: Chunk) -> None:
    assert gathered([chunk({"content": "a"}), odd, chunk({"content": "b"})]) is None
