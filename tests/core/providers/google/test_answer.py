from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.gemini import SIGNATURE, USAGE, pieces
from tests.fakes.talk import JSON, gathered
from zeke_bridge.core.providers.google.answer import answer, reason, usage
from zeke_bridge.core.providers.google.stream import Reader
from zeke_bridge.model import errors

CALL = {"functionCall": {"name": "read", "args": {"path": "ä"}, "id": "call_1"}}
SIGNED = {**CALL, "thoughtSignature": SIGNATURE}
BARE = {"functionCall": {"name": "read"}}


def whole(*parts: dict[str, Any], end: str = "STOP", **more: Any) -> dict[str, Any]:
    row = {"content": {"parts": list(parts), "role": "model"}, "finishReason": end, "index": 0}
    tail = {"modelVersion": "gemini-x", "responseId": "r1"}
    return {"candidates": [{**row, **more}], "usageMetadata": USAGE, **tail}


def asked(native: Any) -> dict[str, Any]:
    return answer(native, "google", "gemini-asked", 7)


def read(stream: list[dict[str, Any]]) -> list[dict[str, Any]]:
    reader = Reader("google", "gemini-asked", 7)
    chunks = [chunk for event in stream for chunk in reader.feed(event)]
    return [*chunks, *reader.end()]


def events(parts: list[dict[str, Any]], end: str) -> list[dict[str, Any]]:
    """A stream of ``parts``, as the real server splits it."""
    made = [whole(part) for part in pieces(parts)]
    for event in made:
        del event["candidates"][0]["finishReason"]
        event["usageMetadata"] = {"promptTokenCount": 1}
    return [*made, whole({"text": ""}, end=end)]


def test_text_thoughts_and_calls() -> None:
    made = asked(whole({"text": "Hm", "thought": True}, {"text": "Look:"}, SIGNED))
    assert (made["id"], made["model"], made["created"]) == ("r1", "gemini-x", 7)
    function = {"name": "read", "arguments": '{"path":"ä"}'}
    extra = {"extra_content": {"google": {"thought_signature": SIGNATURE}}}
    assert made["choices"][0]["message"] == {
        "role": "assistant",
        "content": "Look:",
        "refusal": None,
        "reasoning_content": "Hm",
        "tool_calls": [{"id": "call_1", "type": "function", "function": function, **extra}],
    }
    assert made["choices"][0]["finish_reason"] == "tool_calls"


def test_ids_that_are_missing_are_made_and_stay_the_same() -> None:
    calls = asked(whole(BARE, BARE))["choices"][0]["message"]["tool_calls"]
    assert calls[0]["id"].startswith("call_")
    assert calls[0]["id"] != calls[1]["id"]
    assert calls == asked(whole(BARE, BARE))["choices"][0]["message"]["tool_calls"]
    assert calls == gathered(read(events([BARE, BARE], "STOP")))["message"]["tool_calls"]
    assert calls[0]["function"]["arguments"] == "{}"


def test_several_answers() -> None:
    native = whole({"text": "a"})
    native["candidates"].append(
        {"content": {"parts": [{"text": "b"}]}, "finishReason": "MAX_TOKENS"}
    )
    choices = asked(native)["choices"]
    assert [one["message"]["content"] for one in choices] == ["a", "b"]
    assert [one["finish_reason"] for one in choices] == ["stop", "length"]
    streamed = [chunk["choices"][0] for chunk in read([native])[:-1]]
    assert [one["index"] for one in streamed] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("end", "wanted"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("SOMETHING_NEW", "stop"),
        (None, "stop"),
    ],
)
def test_why_it_ended(end: Any, wanted: str) -> None:
    assert reason(end, called=False) == wanted


def test_the_completion_includes_the_thinking() -> None:
    assert usage(USAGE) == {
        "prompt_tokens": 120,
        "completion_tokens": 42,
        "total_tokens": 162,
        "prompt_tokens_details": {"cached_tokens": 100, "cache_creation_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 12},
    }
    assert usage({"promptTokenCount": 1, "toolUsePromptTokenCount": 2})["total_tokens"] == 3


NOTHING_SAID = [
    ("SAFETY", errors.FilteredError),
    ("SPII", errors.FilteredError),
    ("SOMETHING_NEW", errors.FilteredError),
    ("MALFORMED_FUNCTION_CALL", errors.ProviderError),
    ("OTHER", errors.ProviderError),
]


@pytest.mark.parametrize(("end", "kind"), NOTHING_SAID)
def test_an_end_without_an_answer(end: str, kind: type[errors.CoreError]) -> None:
    for asking in (asked, lambda native: read([native])):
        with pytest.raises(errors.CoreError, match="Why") as caught:
            asking(whole(end=end, finishMessage="Why."))
        assert type(caught.value) is kind


@pytest.mark.parametrize("end", ["STOP", "MAX_TOKENS"])
def test_an_empty_answer_is_one(end: str) -> None:
    assert asked(whole(end=end))["choices"][0]["message"]["content"] == ""


def test_half_an_answer_ends_as_it_does() -> None:
    made = asked(whole({"text": "Well"}, end="SAFETY"))
    assert made["choices"][0]["finish_reason"] == "content_filter"


def test_a_question_that_was_blocked() -> None:
    blocked = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {}}
    for asking in (asked, lambda native: read([native])):
        with pytest.raises(errors.FilteredError, match="PROHIBITED_CONTENT"):
            asking(blocked)


@pytest.mark.parametrize("native", [None, [], {}, {"candidates": []}, {"candidates": [7]}])
def test_what_is_no_answer(native: Any) -> None:
    with pytest.raises(errors.BadAnswerError):
        asked(native)


def test_an_error_in_the_midst() -> None:
    broken = {"error": {"code": 503, "message": "Too much", "status": "UNAVAILABLE"}}
    reader = Reader("google", "m", 7)
    reader.feed(events([{"text": "a"}], "STOP")[0])
    with pytest.raises(errors.OverloadedError, match="Too much"):
        reader.feed(broken)


def test_a_stream_without_an_end_is_half_an_answer() -> None:
    with pytest.raises(errors.BadAnswerError, match="half an answer"):
        read(events([{"text": "a"}], "STOP")[:-1])


def test_each_part_is_one_chunk_in_order() -> None:
    chunks = read(events([{"text": "Look at"}, SIGNED], "STOP"))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks[:-1]]
    assert deltas[:2] == [{"role": "assistant", "content": "Look"}, {"content": " at"}]
    assert deltas[2]["tool_calls"][0]["extra_content"]
    assert chunks[-2]["choices"][0]["finish_reason"] == "tool_calls"
    assert chunks[-1]["usage"]["prompt_tokens"] == 120


def test_a_signature_that_comes_last_is_passed_on() -> None:
    stream = events([{"text": "4"}], "STOP")
    stream[-1]["candidates"][0]["content"]["parts"][0]["thoughtSignature"] = SIGNATURE
    deltas = [chunk["choices"][0]["delta"] for chunk in read(stream)[:-1]]
    extra = {"extra_content": {"google": {"thought_signature": SIGNATURE}}}
    assert deltas == [{"role": "assistant", "content": "4"}, extra, {}]


PARTS = st.one_of(
    st.builds(lambda text: {"text": text}, st.text(min_size=1, max_size=20)),
    st.builds(lambda text: {"text": text, "thought": True}, st.text(min_size=1, max_size=9)),
    st.builds(
        lambda args: {"functionCall": {"name": "read", "args": args}},
        st.dictionaries(st.text(max_size=5), st.integers(-9, 9), max_size=2),
    ),
    st.sampled_from([SIGNED, BARE, {"inlineData": {"mimeType": "image/png", "data": "aGk="}}]),
)


@given(st.lists(PARTS, max_size=5), st.sampled_from(["STOP", "MAX_TOKENS"]))
def test_a_stream_says_what_a_whole_answer_says(parts: list[Any], end: str) -> None:
    made = gathered(read(events(parts, end)))
    complete = asked(whole(*parts, end=end))
    choice = complete["choices"][0]
    # The client that gathers keeps ids and arguments, and no signatures.
    for call in choice["message"].get("tool_calls", []):
        call.pop("extra_content", None)
    assert made["message"] == choice["message"]
    assert made["finish_reason"] == choice["finish_reason"]
    assert made["usage"] == complete["usage"]


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "candidates": JSON
                | st.lists(
                    st.builds(lambda x, y: {"content": {"parts": x}, "finishReason": y}, JSON, JSON)
                ),
                "promptFeedback": JSON,
                "usageMetadata": JSON,
                "responseId": JSON,
                "error": JSON,
            },
        ),
        max_size=4,
    )
)
def test_whatever_comes_is_chunks_or_an_error(stream: list[dict[str, Any]]) -> None:
    for asking in (read, lambda natives: [asked(native) for native in natives]):
        try:
            json.dumps(asking(stream))
        except errors.CoreError:
            continue
