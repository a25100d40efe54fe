from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.routing.need import Need, need_of

TEXT = "def add(a, b): return a + b\n" * 100
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 400_000}}


def ask(content: Any, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}], **more}


def test_tokens_are_guessed_from_bytes_and_the_wished_answer_is_added() -> None:
    need = need_of(ask(TEXT, max_tokens=1000))
    assert 1000 + len(TEXT) / 4 < need.tokens < 1000 + len(TEXT) / 3
    assert need_of(ask(TEXT, max_tokens=9, max_completion_tokens=1000)) == need
    assert need_of(ask("é" * 1000)).tokens > need_of(ask("e" * 1000)).tokens
    assert need == Need(need.tokens, room=need.tokens)


def test_text_in_parts_and_tools_count_too() -> None:
    parts = [{"type": "text", "text": TEXT}]
    assert need_of(ask(parts)).tokens >= need_of(ask(TEXT)).tokens
    tool = {"type": "function", "function": {"name": "read", "description": TEXT}}
    need = need_of(ask("hi", tools=[tool]))
    assert need.tools
    assert need.tokens > len(TEXT) / 4


def test_pictures_count_apart_from_their_bytes() -> None:
    need = need_of(ask([{"type": "text", "text": "what?"}, PICTURE, PICTURE]))
    assert need.images
    assert 2000 < need.tokens < 3000
    sound = {"type": "input_audio", "input_audio": {"data": "A" * 400_000, "format": "wav"}}
    assert not need_of(ask([sound])).images
    assert need_of(ask([sound])).tokens < 3000


@pytest.mark.parametrize(
    ("form", "json"),
    [
        ({"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}, True),
        ({"type": "json_object"}, False),
        ({"type": "text"}, False),
        (None, False),
    ],
)
def test_only_a_schema_needs_a_model_that_keeps_to_one(form: Any, json: bool) -> None:
    assert need_of(ask("hi", response_format=form)).json == json


def test_filling_in_counts_both_sides() -> None:
    need = need_of({"prompt": TEXT, "suffix": TEXT, "max_tokens": 128}, "fill")
    assert need.kind == "fill"
    assert need.tokens > len(TEXT) / 2


@pytest.mark.parametrize("bound", [32_000, 128_000])
def test_a_mere_bound_of_the_answer_needs_no_room(bound: int) -> None:
    need = need_of(ask(TEXT, max_tokens=bound))
    assert need.tokens == need.prompt + bound
    assert need.room == need.prompt + 2048
    assert need_of(ask(TEXT)).room == need.prompt + 512


@pytest.mark.parametrize(
    ("inputs", "longest", "every"),
    [
        ("x" * 35, 10, 10),
        (["x" * 35, "x" * 70], 20, 30),
        ([1, 2, 3], 3, 3),
        ([[1, 2], [3, 4, 5, 6]], 4, 6),
        ([], 0, 0),
        (None, 0, 0),
    ],
)
def test_of_several_inputs_the_longest_must_fit_and_all_count(
    inputs: Any, longest: int, every: int
) -> None:
    need = need_of({"input": inputs}, "embed")
    assert need == Need(every, kind="embed", room=longest)
    assert need.prompt == every


def test_depth_is_no_matter() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert need_of({"messages": deep}).tokens > 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("type"), inner),
    max_leaves=20,
)
FIELDS = st.sampled_from(["messages", "tools", "response_format", "max_tokens", "input", "prompt"])


@given(st.dictionaries(FIELDS, JSON), st.sampled_from(["chat", "fill", "embed"]))
def test_any_json_is_read(body: dict[str, Any], kind: Any) -> None:
    need = need_of(body, kind)
    assert need.tokens >= 0
    assert need.kind == kind
