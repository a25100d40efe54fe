from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.cache.key import answer_key, normalised_body
from zeke_bridge.core.cache.question import Question
from zeke_bridge.model.errors import InputError

Json = dict[str, Any]


def said(text: Any, role: str = "user") -> Json:
    return {"model": "auto", "messages": [{"role": role, "content": text}]}


BODY = said("Why is the sky blue?")


def question(body: Json = BODY, **changed: Any) -> Question:
    asked: Json = {
        "client": "ann",
        "project": "p1",
        "model": "auto",
        "task": "chat",
        "local_only": False,
    }
    return Question(body=body, **(asked | changed))


def keys(body: Json) -> tuple[str, str]:
    one = question(body)
    return one.exact, one.normalised


def test_a_key_is_a_digest_that_tells_nothing() -> None:
    assert len(question().exact) == 64
    assert int(question().exact, 16)


@pytest.mark.parametrize(
    "changed",
    [
        {"client": "bob"},
        {"project": "p2"},
        {"project": ""},
        {"model": "smart"},
        {"task": "explain"},
        {"local_only": True},
        {"client": "annp1", "project": ""},
    ],
)
def test_whoever_asks_and_for_what_counts(changed: Json) -> None:
    other = question(**changed)
    assert other.exact != question().exact
    assert other.normalised != question().normalised


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 0},
        {"temperature": 0.1},
        {"seed": 1},
        {"max_tokens": 5},
        {"n": 2},
        {"stop": ["x"]},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        {"tool_choice": "none"},
        {"response_format": {"type": "json_object"}},
        {"reasoning_effort": "high"},
        {"logprobs": True},
        {"a_field_of_tomorrow": None},
        {"model": "gpt"},
        {"zeke": {}},
    ],
)
def test_every_field_that_may_change_an_answer_counts(more: Json) -> None:
    assert keys({**BODY, **more})[0] != keys(BODY)[0]
    assert keys({**BODY, **more})[1] != keys(BODY)[1]


@pytest.mark.parametrize("name", ["stream", "stream_options", "user", "metadata"])
def test_how_it_is_sent_does_not_count(name: str) -> None:
    assert keys({**BODY, name: {"x": True}}) == keys(BODY)


def test_the_order_of_fields_does_not_count_but_within_a_schema() -> None:
    one = {"temperature": 1, "seed": 2, **BODY}
    assert keys(one) == keys(dict(reversed(one.items())))
    turned = {"messages": [dict(reversed(BODY["messages"][0].items()))], "model": "auto"}
    assert keys(turned) == keys(BODY)
    # A model fills in a schema in the order that it is written in.
    first = {"why": {"type": "string"}, "answer": {"type": "string"}}
    other = dict(reversed(first.items()))
    assert keys({**BODY, "response_format": first}) != keys({**BODY, "response_format": other})


def test_turns_and_their_order_count() -> None:
    one, other = BODY["messages"][0], {"role": "user", "content": "And green?"}
    both = keys({"messages": [one, other]})
    assert both != keys({"messages": [other, one]})
    assert both != keys({"messages": [one]})
    assert keys(said("Hi", "system")) != keys(said("Hi", "user"))


def test_white_space_of_prose_does_not_count_in_the_normal_key() -> None:
    tidy = keys(said("Look up. Why is the sky blue?"))
    loose = keys(said("Look up.  Why is the sky blue?"))
    assert loose[1] == tidy[1]
    assert loose[0] != tidy[0]
    # A body in normal form has one key only.
    assert len(set(keys(BODY))) == 1


def test_parts_of_a_message_are_prose_too() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://a/b  c"}}
    loose = said([{"type": "text", "text": "Look.  What is it?"}, image])
    tidy = said([{"type": "text", "text": "Look. What is it?"}, image])
    assert keys(loose)[1] == keys(tidy)[1]
    assert normalised_body(tidy) is tidy
    odd = said([{"type": "text", "text": 7}, "x  y", None])
    assert normalised_body(odd) is odd


def test_what_an_assistant_or_a_tool_said_stays() -> None:
    for role in ("assistant", "tool", "unheard-of"):
        body = said("Once  upon ", role)
        assert normalised_body(body) is body


def test_when_one_turn_is_about_white_space_no_other_is_touched() -> None:
    rule = {"role": "system", "content": "Count the characters of what you are given."}
    loose = {"messages": [rule, {"role": "user", "content": "Why  so"}]}
    assert normalised_body(loose) is loose


@pytest.mark.parametrize("messages", [None, "x", [None, 5, "text", {"role": []}]])
def test_odd_messages_have_keys_too(messages: Any) -> None:
    body = {"messages": messages}
    assert keys(body)[0] == keys(body)[1]


def test_what_is_not_json_is_an_error_for_a_person() -> None:
    with pytest.raises(InputError, match="cannot be written as JSON"):
        _ = question(said("\ud800")).exact
    with pytest.raises(InputError):
        _ = question({"messages": [], "seed": 2**70}).normalised


def test_the_parts_of_a_key_cannot_run_into_each_other() -> None:
    def key(client: str, project: str) -> str:
        return answer_key(
            client=client, project=project, model="m", task="t", local_only=False, body={}
        )

    assert key('a","b', "c") != key("a", 'b","c')
    assert key("ab", "c") != key("a", "bc")


WORDS = st.sampled_from(
    [
        "enable",
        "disable",
        "not",
        "no",
        "json",
        "yaml",
        "Fix",
        "fix",
        "1",
        "2",
        "1.5",
        "a",
        "b",
        "x=1",
        "foo_bar",
        '"a  b"',
        "`c  d`",
        "is",
        "it",
        "faster",
        "than",
        "to",
        "from",
    ]
)
SPACES = st.sampled_from([" ", "  ", "\n", "\r\n", " \n", "\n    ", "\n  ", "\t"])
TEXTS = st.lists(st.tuples(WORDS, SPACES), max_size=8).map(
    lambda pieces: "".join(word + space for word, space in pieces)
)


def indentation(text: str) -> list[int]:
    lines = [line.expandtabs() for line in text.splitlines() if line.strip()]
    return [len(line) - len(line.lstrip()) for line in lines]


@given(TEXTS, TEXTS)
def test_texts_that_could_mean_different_things_share_no_key(one: str, other: str) -> None:
    if keys(said(one))[1] == keys(said(other))[1]:
        assert one.split() == other.split()
        assert indentation(one) == indentation(other)


@given(st.data(), TEXTS)
def test_the_same_code_indented_otherwise_has_another_key(data: st.DataObject, text: str) -> None:
    lines = ["def f(x):", "    if x:", "        return 1", "    return 2"]
    place = data.draw(st.integers(1, len(lines) - 1))
    moved = [*lines]
    moved[place] = " " * data.draw(st.integers(1, 4)) + moved[place]
    for form in ("{}", "```python\n{}\n```", text.replace("{", "") + "\n{}"):
        whole, other = form.format("\n".join(lines)), form.format("\n".join(moved))
        assert keys(said(whole))[1] != keys(said(other))[1]


@given(TEXTS)
def test_the_normal_key_is_no_finer_than_the_exact_one(text: str) -> None:
    body = said(text)
    assert keys(dict(normalised_body(body))) == (keys(body)[1],) * 2
