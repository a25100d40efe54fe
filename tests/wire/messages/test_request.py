from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.errors import InputError
from zeke_bridge.wire.messages.plain import plain
from zeke_bridge.wire.messages.request import chat_body, prompt, thinks
from zeke_bridge.wire.messages.shapes import MessagesRequest, read, read_tokens

KEEP = {"type": "ephemeral"}
TEXT = {"type": "text", "text": "Hi"}
PNG = {"type": "base64", "media_type": "image/png", "data": "aWk="}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "cGRm"}
USE = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "a.py"}}
CALL = {
    "id": "toolu_1",
    "type": "function",
    "function": {"name": "read", "arguments": '{"path":"a.py"}'},
}
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "EsEC"}
HIDDEN = {"type": "redacted_thinking", "data": "x1"}


def body(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    turns = list(messages) or [{"role": "user", "content": "Hi"}]
    return chat_body(read({"model": "auto", "max_tokens": 9, "messages": turns, **more}))


def said(content: Any, role: str = "user") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body({"role": role, "content": content})["messages"]
    return found


def test_the_least_there_is() -> None:
    assert body() == {
        "model": "auto",
        "messages": [{"role": "user", "content": "Hi"}],
        "max_tokens": 9,
        "stream": False,
    }


@pytest.mark.parametrize("content", ["Hi", [TEXT]])
def test_text_and_one_block_of_it_are_the_same(content: Any) -> None:
    assert said(content) == [{"role": "user", "content": "Hi"}]
    assert body(system=content)["messages"][0] == {"role": "system", "content": "Hi"}


def test_marks_and_several_blocks_stay() -> None:
    marked = {**TEXT, "cache_control": KEEP}
    made = body(system=[TEXT, marked], cache_control=KEEP)
    assert made["messages"][0]["content"] == [TEXT, marked]
    assert made["cache_control"] == KEEP


def test_pictures_and_documents() -> None:
    at = {"type": "image", "source": {"type": "url", "url": "https://h/a.png"}}
    here = {"type": "image", "source": PNG, "cache_control": KEEP}
    text = {"type": "document", "source": {"type": "text", "data": "one"}, "title": "T"}
    file = {"type": "document", "source": PDF, "title": "a.pdf", "context": "old"}
    inner = {"type": "content", "content": [TEXT]}
    pieces = {"type": "document", "source": inner, "cache_control": KEEP}
    found = {"type": "search_result", "source": "s", "title": "T", "content": [TEXT]}
    assert said([at, here, text, file, pieces, found])[0]["content"] == [
        {"type": "image_url", "image_url": {"url": "https://h/a.png"}},
        {
            "type": "image_url",
            "image_url": {"url": "data:image/png;base64,aWk="},
            "cache_control": KEEP,
        },
        {"type": "text", "text": "T\none"},
        {"type": "text", "text": "a.pdf: old"},
        {
            "type": "file",
            "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,cGRm"},
        },
        {**TEXT, "cache_control": KEEP},
        {"type": "text", "text": "T (s)\nHi"},
    ]


def test_a_document_may_be_elsewhere() -> None:
    source = {"type": "url", "url": "https://h/a.pdf"}
    file = {"filename": "document", "file_data": "https://h/a.pdf"}
    assert said([{"type": "document", "source": source}])[0]["content"] == [
        {"type": "file", "file": file}
    ]


def test_citations_are_refused_and_not_lost() -> None:
    text = {"type": "document", "source": {"type": "text", "data": "one"}}
    found = {"type": "search_result", "source": "s", "title": "T", "content": [TEXT]}
    for block in (text, found):
        assert said([{**block, "citations": {"enabled": False}}]) == said([block])
        with pytest.raises(InputError, match="leave citations out"):
            said([{**block, "citations": {"enabled": True}}])


def test_a_tool_that_was_found_is_told_of() -> None:
    found = {"type": "tool_reference", "tool_name": "read"}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [found]}
    assert said([result])[0]["content"] == "The tool read can be called."


def test_a_long_user_is_a_short_one_in_plain_words() -> None:
    long = "user_" + "a" * 64 + "_account__session_" + "b" * 36
    made = [plain(body(metadata={"user_id": user}))["user"] for user in (long, long, long + "x")]
    assert len(made[0]) == 64
    assert made[0] == made[1] != made[2]
    assert plain(body(metadata={"user_id": "a" * 64}))["user"] == "a" * 64
    assert body(metadata={"user_id": long})["user"] == long


def test_calls_and_what_was_thought_before_them() -> None:
    message = said([THOUGHT, HIDDEN, TEXT, USE], "assistant")
    assert message == [
        {
            "role": "assistant",
            "content": "Hi",
            "thinking_blocks": [THOUGHT, HIDDEN],
            "tool_calls": [CALL],
        }
    ]
    assert said([USE], "assistant")[0]["content"] is None


def test_thoughts_between_texts_and_calls_stay_there() -> None:
    hollow = {**THOUGHT, "signature": ""}
    [message] = said([THOUGHT, hollow, TEXT, HIDDEN, USE], "assistant")
    assert message["thinking_blocks"] == [THOUGHT, HIDDEN]
    assert message["block_order"] == [
        "thinking_blocks",
        "content",
        "thinking_blocks",
        "tool_calls",
    ]
    bare = plain({"messages": [message]})["messages"]
    assert bare == [{"role": "assistant", "content": "Hi", "tool_calls": [CALL]}]
    assert "block_order" not in said([THOUGHT, TEXT, TEXT, USE, USE], "assistant")[0]


def test_thinking_that_nobody_signed_is_not_given_back() -> None:
    assert said([{**THOUGHT, "signature": ""}, TEXT], "assistant") == [
        {"role": "assistant", "content": "Hi"}
    ]


def test_a_tools_answers_come_before_what_the_user_says() -> None:
    first = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "42"}
    second = {
        "type": "tool_result",
        "tool_use_id": "toolu_2",
        "content": [TEXT, {"type": "image", "source": PNG}],
        "is_error": True,
        "cache_control": KEEP,
    }
    empty = {"type": "tool_result", "tool_use_id": "toolu_3"}
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aWk="}}
    assert said([TEXT, first, second, empty]) == [
        {"role": "tool", "tool_call_id": "toolu_1", "content": "42"},
        {
            "role": "tool",
            "tool_call_id": "toolu_2",
            "content": [TEXT, picture],
            "is_error": True,
            "cache_control": KEEP,
        },
        {"role": "tool", "tool_call_id": "toolu_3", "content": ""},
        {"role": "user", "content": "Hi"},
    ]


@pytest.mark.parametrize(
    ("choice", "made"),
    [
        ({"type": "auto"}, {"tool_choice": "auto"}),
        ({"type": "any"}, {"tool_choice": "required"}),
        ({"type": "none"}, {"tool_choice": "none"}),
        (
            {"type": "tool", "name": "read", "disable_parallel_tool_use": True},
            {
                "tool_choice": {"type": "function", "function": {"name": "read"}},
                "parallel_tool_calls": False,
            },
        ),
    ],
)
def test_tools_and_how_they_may_be_used(choice: Any, made: Any) -> None:
    schema = {"type": "object", "properties": {"path": {"type": "string"}}}
    tool = {"name": "read", "description": "Read it", "input_schema": schema, "strict": True}
    found = body(tools=[{**tool, "cache_control": KEEP}], tool_choice=choice)
    function = {"name": "read", "description": "Read it", "parameters": schema, "strict": True}
    row = {"type": "function", "function": function, "cache_control": KEEP}
    assert found["tools"] == [row]
    assert found.items() >= made.items()


def test_without_tools_nothing_is_said_of_them() -> None:
    assert "tool_choice" not in body(tool_choice={"type": "any"})


def test_the_rest() -> None:
    schema = {"type": "object"}
    form = {"format": {"type": "json_schema", "schema": schema}}
    made = body(
        stream=True,
        temperature=0.5,
        top_p=0.9,
        top_k=5,
        stop_sequences=["END"],
        metadata={"user_id": "u1"},
        output_config=form,
        zeke={"project": "p"},
    )
    wanted = {"name": "answer", "strict": True, "schema": schema}
    assert (
        made.items()
        >= {
            "stream": True,
            "temperature": 0.5,
            "top_p": 0.9,
            "top_k": 5,
            "stop": ["END"],
            "user": "u1",
            "response_format": {"type": "json_schema", "json_schema": wanted},
        }.items()
    )
    assert made["zeke"]["project"] == "p"
    assert body(output_format=form["format"])["response_format"] == made["response_format"]


@pytest.mark.parametrize(
    ("thinking", "effort", "wanted"),
    [
        ({"type": "enabled", "budget_tokens": 1024}, None, "low"),
        ({"type": "enabled", "budget_tokens": 8000}, None, "medium"),
        ({"type": "enabled", "budget_tokens": 32000}, None, "high"),
        ({"type": "enabled", "budget_tokens": 1024}, "max", "max"),
        ({"type": "adaptive", "display": "omitted"}, None, None),
        ({"type": "adaptive"}, "xhigh", "xhigh"),
        ({"type": "disabled"}, None, None),
        (None, "low", "low"),
    ],
)
def test_how_much_is_thought(thinking: Any, effort: str | None, wanted: str | None) -> None:
    made = body(thinking=thinking, output_config={"effort": effort})
    assert made.get("reasoning_effort") == wanted
    assert made.get("thinking") == thinking


def test_whether_thinking_is_to_be_seen() -> None:
    def asked(thinking: Any) -> MessagesRequest:
        row = {"role": "user", "content": "Hi"}
        return read({"max_tokens": 9, "messages": [row], "thinking": thinking})

    assert thinks(asked({"type": "adaptive"}))
    assert not thinks(asked({"type": "disabled"}))
    assert not thinks(asked(None))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"messages": []}, "messages"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": "5"}, "max_tokens"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages.0.user"),
        ({"messages": [{"role": "user", "content": [{"type": "x"}]}]}, "messages.0.user"),
        ({"messages": [{"role": "user", "content": [USE]}]}, "messages.0.user"),
        ({"messages": [{"role": "assistant", "content": 5}]}, "messages.0.assistant"),
        ({"tools": [{"name": "a"}]}, "tools.0.input_schema"),
        ({"tools": [{"type": "web_search_20250305", "name": "w"}]}, "web_search_20250305"),
        ({"mcp_servers": [{"url": "https://h"}]}, "mcp_servers"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.tool.name"),
        ({"zeke": {"nothing": 1}}, "zeke.nothing"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], words: str) -> None:
    right = {"max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    read(right)
    with pytest.raises(InputError, match=words):
        read({**right, **change})


@pytest.mark.parametrize("wrong", [None, [], "x", {}])
def test_no_request_at_all(wrong: Any) -> None:
    with pytest.raises(InputError):
        read(wrong)


def test_input_that_is_nested_too_deep_is_refused() -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"a": deep}
    with pytest.raises(InputError, match="read"):
        said([{**USE, "input": deep}], "assistant")


def test_what_is_counted_is_what_a_model_reads() -> None:
    row = {"role": "user", "content": "Hi"}
    asked = read_tokens({"messages": [row], "system": "Be kind."})
    assert [each["content"] for each in prompt(asked)["messages"]] == ["Be kind.", "Hi"]


def test_plain_words_for_those_who_know_no_others() -> None:
    marked = {**TEXT, "cache_control": KEEP}
    picture = {"type": "image", "source": PNG, "cache_control": KEEP}
    failed = {
        "type": "tool_result",
        "tool_use_id": "toolu_1",
        "content": [TEXT, picture],
        "is_error": True,
        "cache_control": KEEP,
    }
    shown = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [picture]}
    tool = {"name": "read", "input_schema": {"type": "object"}, "cache_control": KEEP}
    made = body(
        {"role": "user", "content": [marked, TEXT]},
        {"role": "assistant", "content": [THOUGHT, TEXT, marked, {**USE, "cache_control": KEEP}]},
        {"role": "user", "content": [failed, shown]},
        {"role": "user", "content": [marked, picture]},
        system=[TEXT, marked],
        tools=[tool],
        thinking={"type": "adaptive"},
        output_config={"effort": "max"},
        cache_control=KEEP,
        top_k=3,
    )
    before = repr(made)
    url = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aWk="}}
    below = "What the tool showed is in the next message."
    found = plain(made)
    assert found["messages"] == [
        {"role": "system", "content": "Hi\n\nHi"},
        {"role": "user", "content": "Hi\n\nHi"},
        {"role": "assistant", "content": "HiHi", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "The tool failed: Hi"},
        {"role": "tool", "tool_call_id": "toolu_1", "content": below},
        {"role": "user", "content": [url, url]},
        {"role": "user", "content": [TEXT, url]},
    ]
    assert found["reasoning_effort"] == "high"
    assert found.keys() == {
        "model",
        "messages",
        "tools",
        "reasoning_effort",
        "max_tokens",
        "stream",
    }
    assert "cache_control" not in repr(found)
    assert repr(made) == before


TEXTS = st.text(min_size=1, max_size=8)
SHOWN = st.builds(lambda text: {"type": "text", "text": text}, TEXTS)
RESULT = st.builds(
    lambda content: {"type": "tool_result", "tool_use_id": "t", "content": content},
    TEXTS | st.lists(SHOWN, max_size=3),
)
TURNS = st.one_of(
    st.builds(
        lambda content: {"role": "user", "content": content},
        TEXTS | st.lists(SHOWN | RESULT, max_size=4),
    ),
    st.builds(
        lambda content: {"role": "assistant", "content": content},
        TEXTS | st.lists(SHOWN | st.sampled_from([USE, THOUGHT, HIDDEN]), max_size=4),
    ),
)


def texts_of(value: Any) -> list[str]:
    """Every text in it, in order."""
    if isinstance(value, list):
        return [text for one in value for text in texts_of(one)]
    if not isinstance(value, dict):
        return [value] if isinstance(value, str) else []
    if value.get("type") == "text":
        return [value["text"]]
    return texts_of(value.get("content"))


def letters(value: Any) -> list[str]:
    """What is said, in whatever pieces and order; several texts are joined by line ends."""
    return sorted("".join(texts_of(value)).replace("\n", ""))


@given(st.lists(TURNS, min_size=1, max_size=5))
def test_no_text_is_lost(turns: list[dict[str, Any]]) -> None:
    made = body(*turns)
    assert letters(made["messages"]) == letters(turns)
    assert letters(plain(made)["messages"]) == letters(turns)
