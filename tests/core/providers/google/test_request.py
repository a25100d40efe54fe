from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import talk
from tests.fakes.gemini import wrong_with
from zeke_bridge.core.providers.google.request import request
from zeke_bridge.core.providers.native.conversation import GO_ON, NO_RESULT
from zeke_bridge.model.errors import InputError

NEW, OLD, OLDEST, GEMMA = "gemini-3.8-flash", "gemini-2.5-flash", "gemini-2.0-flash", "gemma-4-27b"
ASK: list[dict[str, Any]] = [{"role": "user", "content": "Why?"}]
SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}
READ = {
    "type": "function",
    "function": {"name": "read", "description": "Reads.", "parameters": SCHEMA},
}
LIST = {"type": "function", "function": {"name": "list"}}
CALL = {"id": "1", "type": "function", "function": {"name": "read", "arguments": '{"path": "a"}'}}
SHAPED = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
SKIP = "skip_thought_signature_validator"


def made(messages: list[dict[str, Any]] = ASK, model: str = NEW, **more: Any) -> dict[str, Any]:
    native = request({"model": model, "messages": messages, **more})
    assert wrong_with(native) is None
    return native


def settings(**wish: Any) -> dict[str, Any]:
    return made(**wish).get("generationConfig", {})


def called(**more: Any) -> list[dict[str, Any]]:
    turn = {"role": "assistant", "content": None, "tool_calls": [{**CALL, **more}]}
    return [*ASK, turn, {"role": "tool", "tool_call_id": "1", "content": "x"}]


def test_a_plain_question() -> None:
    assert made() == {"contents": [{"role": "user", "parts": [{"text": "Why?"}]}]}


def test_instructions_are_the_system_instruction() -> None:
    messages = [{"role": "system", "content": "A"}, *ASK, {"role": "developer", "content": "B"}]
    assert made(messages)["systemInstruction"] == {"parts": [{"text": "A"}, {"text": "B"}]}
    gemma = made(messages, GEMMA)
    assert "systemInstruction" not in gemma
    assert gemma["contents"][0]["parts"] == [{"text": "A"}, {"text": "B"}, {"text": "Why?"}]


def test_a_round_of_tools() -> None:
    native = made(called(), tools=[READ, LIST])
    assert native["tools"] == [
        {
            "functionDeclarations": [
                {"name": "read", "description": "Reads.", "parametersJsonSchema": SCHEMA},
                {"name": "list", "description": ""},
            ]
        }
    ]
    assert "toolConfig" not in native
    call = {"id": "1", "name": "read", "args": {"path": "a"}}
    answer = {"id": "1", "name": "read", "response": {"output": "x"}}
    assert native["contents"][1:] == [
        {"role": "model", "parts": [{"functionCall": call, "thoughtSignature": SKIP}]},
        {"role": "user", "parts": [{"functionResponse": answer}]},
    ]


def test_a_signature_is_given_back_with_the_first_call() -> None:
    signed = {"extra_content": {"google": {"thought_signature": "sig"}}}
    turn = {"role": "assistant", "tool_calls": [{**CALL, **signed}, {**CALL, "id": "2"}]}
    done = [{"role": "tool", "tool_call_id": given, "content": "x"} for given in "12"]
    parts = made([*ASK, turn, *done])["contents"][1]["parts"]
    assert [part.get("thoughtSignature") for part in parts] == ["sig", None]
    told = made([*ASK, {"role": "assistant", "content": "So.", **signed}, *ASK])["contents"][1]
    assert told["parts"] == [{"text": "So.", "thoughtSignature": "sig"}]


def test_older_models_want_no_signature() -> None:
    assert "thoughtSignature" not in made(called(), OLD)["contents"][1]["parts"][0]


def test_a_call_that_was_never_answered_is_an_error() -> None:
    part = made(called()[:2])["contents"][2]["parts"][0]
    assert part["functionResponse"]["response"] == {"error": NO_RESULT}


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ("auto", {"mode": "AUTO"}),
        ("none", {"mode": "NONE"}),
        ("required", {"mode": "ANY"}),
        (READ, {"mode": "ANY", "allowedFunctionNames": ["read"]}),
    ],
)
def test_each_choice_of_tools(choice: Any, wanted: dict[str, Any]) -> None:
    native = made(tools=[READ], tool_choice=choice)
    assert native["toolConfig"] == {"functionCallingConfig": wanted}


def test_pictures_files_and_sounds() -> None:
    parts = [
        {"type": "image_url", "image_url": {"url": talk.PNG}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,aGk="}},
        {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
    ]
    assert made([{"role": "user", "content": parts}])["contents"][0]["parts"] == [
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
        {"fileData": {"mimeType": "image/png", "fileUri": "https://example.com/a.png"}},
        {"fileData": {"fileUri": "https://example.com/a"}},
        {"inlineData": {"mimeType": "application/pdf", "data": "aGk="}},
        {"inlineData": {"mimeType": "audio/wav", "data": "aGk="}},
    ]


def test_a_picture_that_a_tool_found() -> None:
    messages = called()
    messages[-1]["content"] = [
        {"type": "text", "text": "Here:"},
        {"type": "image_url", "image_url": {"url": talk.PNG}},
    ]
    picture = {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}
    inside = made(messages)["contents"][2]["parts"]
    assert inside[0]["functionResponse"]["parts"] == [picture]
    assert inside[0]["functionResponse"]["response"] == {"output": "Here:"}
    assert made(messages, OLD)["contents"][2]["parts"][1:] == [picture]


def test_json_of_a_shape() -> None:
    held = {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA}
    assert settings(response_format=SHAPED) == held
    assert settings(response_format=SHAPED, tools=[READ]) == held
    json = {"responseMimeType": "application/json"}
    assert settings(response_format={"type": "json_object"}) == json


def test_json_in_words_where_a_shape_cannot_be() -> None:
    native = made(model=OLD, response_format=SHAPED, tools=[READ])
    assert "generationConfig" not in native
    assert "JSON" in native["systemInstruction"]["parts"][-1]["text"]
    forced = made(response_format=SHAPED, tools=[READ], tool_choice="required")
    assert not {"generationConfig", "systemInstruction"} & set(forced)


def test_each_setting() -> None:
    wish = {
        "max_tokens": 50,
        "temperature": 1.7,
        "top_p": 0.5,
        "top_k": 9,
        "n": 2,
        "stop": ["a", "b", "c", "d", "e", "f"],
        "seed": 7,
        "presence_penalty": 0.5,
        "frequency_penalty": 0,
        "logit_bias": {"1": 2},
        "user": "me",
    }
    assert settings(**wish) == {
        "maxOutputTokens": 50,
        "temperature": 1.7,
        "topP": 0.5,
        "topK": 9,
        "candidateCount": 2,
        "stopSequences": ["a", "b", "c", "d", "e"],
        "seed": 7,
        "presencePenalty": 0.5,
    }
    assert "presencePenalty" not in settings(model=OLD, presence_penalty=0.5)
    assert settings(seed=2**40) == {}


@pytest.mark.parametrize(
    ("model", "effort", "wanted"),
    [
        (NEW, "none", {"thinkingLevel": "low"}),
        (NEW, "minimal", {"thinkingLevel": "low", "includeThoughts": True}),
        (NEW, "medium", {"thinkingLevel": "medium", "includeThoughts": True}),
        (NEW, "xhigh", {"thinkingLevel": "high", "includeThoughts": True}),
        ("gemini-3.5-flash-lite", "none", {"thinkingLevel": "minimal"}),
        (OLD, "none", {"thinkingBudget": 0}),
        ("gemini-2.5-pro", "none", {"thinkingBudget": 128}),
        (OLD, "low", {"thinkingBudget": 1024, "includeThoughts": True}),
        (OLD, "high", {"thinkingBudget": 24_576, "includeThoughts": True}),
        (OLDEST, "high", None),
        (NEW, None, None),
    ],
)
def test_each_effort(model: str, effort: Any, wanted: Any) -> None:
    assert settings(model=model, reasoning_effort=effort).get("thinkingConfig") == wanted


def test_an_answer_that_was_begun() -> None:
    messages = [*ASK, {"role": "assistant", "content": "Because"}]
    assert made(messages)["contents"][-1] == {"role": "user", "parts": [{"text": GO_ON}]}


def test_thoughts_of_another_provider_are_left_out() -> None:
    thought = {"type": "thinking", "thinking": "Hm", "signature": "s"}
    turn = {"role": "assistant", "content": None, "thinking_blocks": [thought]}
    assert "Hm" not in str(made([*ASK, turn, *ASK]))


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(InputError, match="temperature"):
        made(temperature=3)


@given(
    talk.MESSAGES,
    st.sampled_from([NEW, OLD, GEMMA]),
    st.sampled_from([{}, {"tools": [READ]}, {"tools": [READ], "tool_choice": "required"}]),
    st.sampled_from([{}, {"response_format": SHAPED}]),
)
def test_any_conversation_keeps_geminis_rules(
    messages: list[dict[str, Any]], model: str, tools: dict[str, Any], form: dict[str, Any]
) -> None:
    made(messages, model, **tools, **form)
