from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import talk
from tests.fakes.anthropic import wrong_with
from zeke_bridge.core.providers.anthropic.request import request
from zeke_bridge.core.providers.native.conversation import GO_ON
from zeke_bridge.model.errors import InputError

NEW, OLD, OTHER = "claude-sonnet-5-5", "claude-haiku-4-5", "MiniMax-M3"
ASK: list[dict[str, Any]] = [{"role": "user", "content": "Why?"}]
SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
READ = {
    "type": "function",
    "function": {"name": "read", "description": "Reads.", "parameters": SCHEMA},
}
LIST = {"type": "function", "function": {"name": "list"}}
CALL = {"id": "1", "type": "function", "function": {"name": "read", "arguments": '{"path": "a"}'}}


def made(messages: list[dict[str, Any]] = ASK, model: str = NEW, **more: Any) -> dict[str, Any]:
    native = request({"model": model, "messages": messages, **more})
    if model.startswith("claude"):
        assert wrong_with(native) is None
    return native


def test_a_plain_question() -> None:
    assert made() == {
        "model": NEW,
        "max_tokens": 16_384,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Why?"}]}],
    }
    assert request({"model": NEW, "messages": ASK}, stream=True)["stream"] is True


def test_instructions_are_the_system_prompt() -> None:
    native = made([{"role": "system", "content": "A"}, *ASK, {"role": "developer", "content": "B"}])
    assert native["system"] == [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]


def test_a_round_of_tools() -> None:
    messages = [
        *ASK,
        {"role": "assistant", "content": "Look:", "tool_calls": [CALL, {**CALL, "id": "2"}]},
        {"role": "tool", "tool_call_id": "1", "content": "x"},
        {"role": "tool", "tool_call_id": "2", "content": [{"type": "text", "text": "y"}]},
    ]
    native = made(messages, tools=[READ, LIST])
    assert native["tools"] == [
        {"name": "read", "description": "Reads.", "input_schema": SCHEMA},
        {"name": "list", "input_schema": {"type": "object", "properties": {}}},
    ]
    assert "tool_choice" not in native
    used = {"type": "tool_use", "name": "read", "input": {"path": "a"}}
    assert native["messages"][1]["content"] == [
        {"type": "text", "text": "Look:"},
        {**used, "id": "1"},
        {**used, "id": "2"},
    ]
    done = {"type": "tool_result"}
    assert native["messages"][2] == {
        "role": "user",
        "content": [
            {**done, "tool_use_id": "1", "content": [{"type": "text", "text": "x"}]},
            {**done, "tool_use_id": "2", "content": [{"type": "text", "text": "y"}]},
        ],
    }


def test_a_call_that_was_never_answered_is_an_error() -> None:
    turn = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    assert made([*ASK, turn], tools=[READ])["messages"][2]["content"][0]["is_error"] is True


def test_old_calls_keep_their_tools() -> None:
    turn = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    native = made([*ASK, turn, {"role": "tool", "tool_call_id": "1", "content": ""}])
    assert native["tools"] == [
        {"name": "read", "input_schema": {"type": "object", "properties": {}}}
    ]
    assert native["tool_choice"] == {"type": "none"}


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ("auto", {"type": "auto", "disable_parallel_tool_use": True}),
        ("none", {"type": "none"}),
        ("required", {"type": "any", "disable_parallel_tool_use": True}),
        (READ, {"type": "tool", "name": "read", "disable_parallel_tool_use": True}),
    ],
)
def test_each_choice_of_tools(choice: Any, wanted: dict[str, Any]) -> None:
    native = made(tools=[READ], tool_choice=choice, parallel_tool_calls=False)
    assert native["tool_choice"] == wanted
    rest = made(tools=[READ], tool_choice=choice).get("tool_choice", {"type": "auto"})
    assert rest == {key: wanted[key] for key in wanted if key != "disable_parallel_tool_use"}


def test_strict_tools_are_strict_where_they_can_be() -> None:
    strict = {"type": "function", "function": {**READ["function"], "strict": True}}
    assert made(tools=[strict])["tools"][0]["strict"] is True
    assert made(tools=[strict])["tools"][0]["input_schema"]["additionalProperties"] is False
    assert "strict" not in made(tools=[strict], model="claude-sonnet-4-0")["tools"][0]
    many = [{**strict, "function": {**strict["function"], "name": f"t{n}"}} for n in range(21)]
    assert "strict" not in made(tools=many)["tools"][0]


def test_a_schema_that_is_no_object_at_the_root() -> None:
    union = {"anyOf": [SCHEMA, SCHEMA]}
    tool = {"type": "function", "function": {"name": "x", "parameters": union}}
    assert made(tools=[tool])["tools"][0]["input_schema"] == {**union, "type": "object"}


def test_pictures_and_files() -> None:
    pdf = {"type": "file", "file": {"file_data": "data:application/pdf;base64,aGk="}}
    parts = [
        {"type": "text", "text": "See", "cache_control": {"type": "ephemeral"}},
        {"type": "image_url", "image_url": {"url": talk.PNG}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        pdf,
        {"type": "file", "file": {"file_data": "https://h/a"}},
    ]
    base = {"type": "base64"}
    assert made([{"role": "user", "content": parts}])["messages"][0]["content"] == [
        {"type": "text", "text": "See", "cache_control": {"type": "ephemeral"}},
        {"type": "image", "source": {**base, "media_type": "image/png", "data": "iVBORw0KGgo="}},
        {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
        {"type": "document", "source": {**base, "media_type": "application/pdf", "data": "aGk="}},
        {"type": "document", "source": {"type": "url", "url": "https://h/a"}},
    ]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
        {"type": "image_url", "image_url": {"url": "data:image/tiff;base64,aGk="}},
    ],
)
def test_what_anthropic_does_not_take_is_refused(part: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="Anthropic takes"):
        made([{"role": "user", "content": [part]}])


def test_several_answers_are_refused() -> None:
    with pytest.raises(InputError, match="one answer at a time"):
        made(n=2)
    assert made(n=1) == made()


def test_json_of_a_shape() -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    native = made(response_format=wanted)
    shape = {**SCHEMA, "additionalProperties": False}
    assert native["output_config"] == {"format": {"type": "json_schema", "schema": shape}}
    assert "system" not in native


@pytest.mark.parametrize(
    ("model", "form"),
    [
        (NEW, {"type": "json_object"}),
        (NEW, {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}),
        (OTHER, {"type": "json_schema", "json_schema": {"schema": SCHEMA}}),
    ],
    ids=["no shape", "a shape that cannot be sent", "another maker"],
)
def test_json_in_words(model: str, form: dict[str, Any]) -> None:
    native = made(model=model, response_format=form)
    assert "output_config" not in native
    assert "JSON object and nothing else" in native["system"][-1]["text"]


def test_sampling_goes_to_those_who_take_it() -> None:
    wish = {"temperature": 1.7, "top_p": 0.5, "top_k": 9}
    assert not {"temperature", "top_p", "top_k"} & set(made(**wish))
    old = made(model=OLD, **wish)
    assert (old["temperature"], old.get("top_p"), old["top_k"]) == (1, None, 9)
    assert made(model=OLD, top_p=0.5)["top_p"] == 0.5
    other = made(model=OTHER, **wish)
    assert (other["temperature"], other["top_p"]) == (1, 0.5)


def test_the_rest_of_the_wishes() -> None:
    native = made(
        stop=["END", "\n"],
        metadata={"user_id": "u-1"},
        cache_control={"type": "ephemeral"},
        seed=7,
        logit_bias={"1": 2},
        presence_penalty=1,
        surprise=True,
    )
    assert native["stop_sequences"] == ["END"]
    assert native["metadata"] == {"user_id": "u-1"}
    assert native["cache_control"] == {"type": "ephemeral"}
    assert set(native) == {
        *made(),
        "stop_sequences",
        "metadata",
        "cache_control",
    }


def test_a_user_is_never_named_to_anthropic() -> None:
    told = made(user="someone@example.com")["metadata"]["user_id"]
    assert "@" not in told
    assert told == made(user="someone@example.com")["metadata"]["user_id"]


def test_an_answer_that_was_begun() -> None:
    messages = [*ASK, {"role": "assistant", "content": "Because \n"}]
    assert made(messages, OLD)["messages"][-1]["content"] == [{"type": "text", "text": "Because"}]
    assert made(messages)["messages"][-1]["content"] == [{"type": "text", "text": GO_ON}]
    assert made(messages, OLD, reasoning_effort="low")["messages"][-1]["role"] == "user"


@given(
    talk.MESSAGES,
    st.sampled_from([NEW, OLD, "claude-opus-4-6", "claude-fable-5"]),
    st.sampled_from(["", "none", "low", "high"]),
    st.sampled_from([{}, {"tools": [READ]}, {"tools": [READ], "tool_choice": "required"}]),
    st.none() | st.integers(1, 9000),
)
def test_any_conversation_keeps_anthropics_rules(
    messages: list[dict[str, Any]], model: str, effort: str, tools: dict[str, Any], most: int | None
) -> None:
    made(messages, model, reasoning_effort=effort, max_tokens=most, temperature=1.2, **tools)
