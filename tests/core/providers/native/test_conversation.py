from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from tests.fakes import talk
from zeke_bridge.core.providers.native import conversation
from zeke_bridge.core.providers.native.conversation import (
    GO_ON,
    NO_RESULT,
    NOTHING,
    Call,
    Result,
    Text,
    Thought,
    Turn,
    read,
)
from zeke_bridge.core.providers.native.media import Media
from zeke_bridge.model.errors import InputError


def call(given: str, name: str = "read", arguments: str = "{}") -> dict[str, Any]:
    return {"id": given, "type": "function", "function": {"name": name, "arguments": arguments}}


def used(*calls: dict[str, Any], content: str | None = None) -> dict[str, Any]:
    return {"role": "assistant", "content": content, "tool_calls": list(calls)}


def result(given: str, content: Any = "done") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": given, "content": content}


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def test_instructions_are_gathered_wherever_they_stand() -> None:
    talked = read(
        [
            {"role": "system", "content": "One."},
            user("Hello"),
            {"role": "developer", "content": [{"type": "text", "text": "Two."}]},
            {"role": "assistant", "content": "Hi"},
            {"role": "system", "content": " "},
        ]
    )
    assert [text.text for text in talked.system] == ["One.", "Two."]
    assert talked.turns == (Turn(False, (Text("Hello"),)), Turn(True, (Text("Hi"),)))


def test_turns_of_one_side_become_one() -> None:
    talked = read([user("a"), user("b"), {"role": "assistant", "content": "c"}, user("d")])
    assert [[block.text for block in turn.blocks] for turn in talked.turns] == [
        ["a", "b"],
        ["c"],
        ["d"],
    ]


@pytest.mark.parametrize(
    "messages",
    [[], [user("")], [user(None)], [user([])], [{"role": "system", "content": "x"}]],
    ids=["nothing", "blank", "none", "no parts", "system only"],
)
def test_there_is_always_a_question(messages: list[dict[str, Any]]) -> None:
    assert read(messages).turns == (Turn(False, (Text(NOTHING),)),)


def test_the_user_begins() -> None:
    turns = read([{"role": "assistant", "content": "Welcome"}]).turns
    assert [turn.assistant for turn in turns] == [False, True]


def test_parallel_results_come_together_and_before_the_text() -> None:
    talked = read(
        [
            user("go"),
            used(call("1"), call("2", "write")),
            result("2"),
            result("1", "x"),
            user("so?"),
        ]
    )
    assert talked.turns[-1].blocks == (
        Result("1", (Text("x"),), "read"),
        Result("2", (Text("done"),), "write"),
        Text("so?"),
    )


def test_a_call_without_a_result_gets_one_that_says_so() -> None:
    talked = read([user("go"), used(call("1"))])
    assert talked.turns[-1].blocks == (Result("1", (Text(NO_RESULT),), "read", failed=True),)


def test_a_result_without_a_call_becomes_text() -> None:
    blocks = read([user("go"), result("9", "stray")]).turns[0].blocks
    assert all(isinstance(block, Text) for block in blocks)
    assert blocks[-1] == Text("stray")


def test_ids_become_plain_and_occur_once() -> None:
    talked = read(
        [
            user("go"),
            used(call("a b"), call("a b")),
            result("a b", "1"),
            result("a b", "2"),
            used(call("a b")),
            result("a b", "3"),
        ]
    )
    assert [one.id for turn in talked.turns for one in turn.calls] == ["a_b", "a_b_2", "a_b_3"]
    results = [block for turn in talked.turns for block in turn.blocks if isinstance(block, Result)]
    assert [(one.id, one.parts) for one in results] == [
        ("a_b", (Text("1"),)),
        ("a_b_2", (Text("2"),)),
        ("a_b_3", (Text("3"),)),
    ]


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ('{"a": 1}', {"a": 1}),
        ("", {}),
        ("{", {"arguments": "{"}),
        ("[1]", {"arguments": [1]}),
        ({"a": 1}, {"a": 1}),
        (None, {}),
    ],
)
def test_arguments_are_an_object_whatever_they_were(raw: Any, wanted: Any) -> None:
    talked = read([user("go"), used(call("1", arguments=raw))])
    assert talked.turns[1].calls[0].arguments == wanted


def test_what_a_provider_wants_back_is_kept() -> None:
    thought = {"type": "thinking", "thinking": "Hm", "signature": "s"}
    signed = {**call("1"), "extra_content": {"google": {"thought_signature": "sig"}}}
    told = {
        **used(signed, content="So"),
        "thinking_blocks": [thought, {"type": "other"}],
        "extra_content": {"google": {"thought_signature": "text-sig"}},
    }
    turn = read([user("go"), told, result("1")]).turns[1]
    assert turn.blocks == (Thought(thought), Text("So"), Call("1", "read", {}, "sig"))
    assert turn.signature == "text-sig"


def test_blocks_stay_in_the_order_that_is_told() -> None:
    first, second = ({"type": "thinking", "thinking": said, "signature": "s"} for said in "ab")
    told = {
        **used(call("1"), call("2"), content=[{"type": "text", "text": one} for one in "x y"]),
        "thinking_blocks": [first, second],
        "block_order": ["thinking_blocks", "content", "content", [], "no field", "tool_calls"],
    }
    turn = read([user("go"), told, result("1"), result("2")]).turns[1]
    assert turn.blocks == (
        Thought(first),
        Text("x"),
        Call("1", "read", {}),
        Thought(second),
        Text("y"),
        Call("2", "read", {}),
    )
    # What was said in two messages is one turn of the usual order.
    both = read([user("go"), told, used(call("3"), content="z"), result("3")]).turns[1].blocks
    assert [type(one) for one in both] == [*[Thought] * 2, *[Text] * 3, *[Call] * 3]


def test_a_custom_tool_of_another_model_is_a_call() -> None:
    custom = {"id": "1", "type": "custom", "custom": {"name": "patch", "input": "raw"}}
    assert read([user("go"), used(custom)]).turns[1].calls == (
        Call("1", "patch", {"input": "raw"}),
    )


def test_a_refusal_is_what_was_said() -> None:
    parts = [{"type": "refusal", "refusal": "No"}]
    for told in ({"content": None, "refusal": "No"}, {"content": parts}):
        turns = read([user("go"), {"role": "assistant", **told}]).turns
        assert turns[1].blocks == (Text("No"),)


def test_pictures_and_marks_come_along() -> None:
    marked = {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}
    picture = {"type": "image_url", "image_url": {"url": talk.PNG}}
    blocks = read([user([marked, picture])]).turns[0].blocks
    assert blocks == (
        Text("x", {"cache_control": {"type": "ephemeral"}}),
        Media("image/png", "iVBORw0KGgo="),
    )


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ({"role": "function", "content": "x"}, "'function'"),
        ({"content": "x"}, "None"),
        (user(7), "content"),
        (user([{"type": "video"}]), "'video'"),
        (user(["x"]), "None"),
    ],
)
def test_what_nobody_could_pass_on_is_refused(message: dict[str, Any], word: str) -> None:
    with pytest.raises(InputError, match=word):
        read([message])


def test_an_answer_to_be_continued_can_be_closed() -> None:
    opened = read([user("go"), {"role": "assistant", "content": "The"}])
    assert opened.closed().turns[-1] == Turn(False, (Text(GO_ON),))
    assert opened.closed().closed() == opened.closed()


@given(talk.MESSAGES)
def test_any_conversation_is_put_in_order(messages: list[dict[str, Any]]) -> None:
    turns = conversation.read(messages).turns
    assert [turn.assistant for turn in turns] == [number % 2 == 1 for number in range(len(turns))]
    ids = [one.id for turn in turns for one in turn.calls]
    assert len(set(ids)) == len(ids)
    before: tuple[Call, ...] = ()
    for turn in turns:
        assert turn.blocks
        assert all(block.text.strip() for block in turn.blocks if isinstance(block, Text))
        results = turn.blocks[: len(before)]
        assert [getattr(one, "id", None) for one in results] == [one.id for one in before]
        assert not any(isinstance(block, Result) for block in turn.blocks[len(before) :])
        before = turn.calls
    assert not before
