from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.exchange import Audience, ChatAsk, Message, Tool, ToolCall
from zeke_bridge.wire import tool_calls
from zeke_bridge.wire.openai import chat_body
from zeke_bridge.wire.tool_calls import GrowingCalls

ARGUMENTS = '{"path": "a.py"}'


def chunk(*rows: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"tool_calls": list(rows)}}]}


def row(index: int | None = None, id: str = "", name: str = "", said: str = "") -> Any:  # noqa: A002
    made: dict[str, Any] = {"function": {"arguments": said}}
    made |= {} if index is None else {"index": index}
    made |= {"id": id, "type": "function"} if id else {}
    made["function"] |= {"name": name} if name else {}
    return made


def grown(*chunks: dict[str, Any]) -> tuple[ToolCall, ...]:
    growing = GrowingCalls()
    for one in chunks:
        growing.feed(one)
    return growing.calls()


def test_two_calls_in_pieces_as_openai_sends_them() -> None:
    assert grown(
        chunk(row(0, "c1", "read_file")),
        chunk(row(0, said='{"path": ')),
        chunk(row(0, said='"a.py"}')),
        chunk(row(1, "c2", "list_files")),
        chunk(row(1, said="{}")),
    ) == (ToolCall("c1", "read_file", ARGUMENTS), ToolCall("c2", "list_files", "{}"))


@pytest.mark.parametrize(
    "chunks",
    [
        # Whole calls in one chunk, all of index 0.
        [chunk(row(0, "c1", "f", "{}"), row(0, "c2", "g", "{}"))],
        # The same in one chunk after another, and an id for every piece.
        [
            chunk(row(0, "c1", "f", "{")),
            chunk(row(0, "x", said="}")),
            chunk(row(0, "c2", "g", "{}")),
        ],
        # Without any index.
        [
            chunk(row(None, "c1", "f", "{")),
            chunk(row(None, said="}")),
            chunk(row(None, "c2", "g", "{}")),
        ],
        # The id comes again with each piece.
        [
            chunk(row(0, "c1", "f", "{")),
            chunk(row(0, "c1", said="}")),
            chunk(row(1, "c2", "g", "{}")),
        ],
    ],
)
def test_servers_that_do_it_their_own_way(chunks: list[dict[str, Any]]) -> None:
    assert grown(*chunks) == (ToolCall("c1", "f", "{}"), ToolCall("c2", "g", "{}"))


def test_a_name_behind_a_whole_call_begins_another() -> None:
    again = [row(0, "", "f", "{"), row(0, "", "f", "}"), row(0, "", "f", ""), row(0, "", "f", "{}")]
    assert grown(*[chunk(one) for one in again]) == (ToolCall("", "f", "{}"),) * 2


@pytest.mark.parametrize(
    ("pieces", "calls"),
    [
        (['{"a": {"b": "}', "{", "\\", '"}"}', "}", "{}"], 2),
        (["  ", "{}", " ", "{}", "{}"], 3),
        (["}{", "{}", "{}"], 1),
        (['{"a": "\\\\', '"}', "{}"], 2),
        (["null", "{}"], 1),
    ],
)
def test_where_a_call_ends_whose_name_comes_with_every_piece(pieces: list[str], calls: int) -> None:
    found = grown(*[chunk(row(0, "", "f", piece)) for piece in pieces])
    assert len(found) == calls
    assert "".join(call.arguments for call in found) == "".join(pieces)


def test_a_long_call_is_not_read_anew_with_each_of_its_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []

    def judged(text: str) -> bool:
        read.append(text)
        return False

    monkeypatch.setattr(tool_calls, "_is_object", judged)
    growing = GrowingCalls()
    for piece in ["{", *(f'"{n}": {{}}' for n in range(100)), "}", "", *["}"] * 100]:
        growing.add(row(0, "", "f", piece))
    assert len(read) == 1


def test_a_signature_is_kept_for_who_gave_it() -> None:
    signed = row(0, "c1", "f", "{}") | {"extra_content": {"google": {"thought_signature": "s"}}}
    [call] = grown(chunk(signed))
    assert call.signature == "s"
    ask = ChatAsk(Audience(), (Message("assistant", "", (call,)),))
    [turn] = chat_body(ask)["messages"]
    assert turn["tool_calls"][0]["extra_content"] == signed["extra_content"]


def test_there_is_an_end_to_it() -> None:
    assert len(grown(*[chunk(row(n, f"c{n}", "f")) for n in range(1000)])) == 128


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["choices", "delta", "tool_calls", "function", "index", "id"]),
                inner,
            )
        ),
        max_leaves=20,
    )
)
def test_what_is_no_call_is_left_out(value: Any) -> None:
    for one in (value, {"choices": [{"delta": value}]}, chunk(value)):
        if isinstance(one, dict):
            grown(one)


def test_an_ask_with_tools_is_a_request_of_openai() -> None:
    tool = Tool("read_file", "Read.", {"type": "object"})
    turns = (
        Message("user", "Go."),
        Message("assistant", "", (ToolCall("c1", "read_file", ARGUMENTS),)),
        Message("tool", "text", call_id="c1"),
        Message("assistant", "Done."),
    )
    body = chat_body(ChatAsk(Audience(), turns, tools=(tool,), temperature=0.0))
    assert body["temperature"] == 0.0
    assert body["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "read_file",
                "description": "Read.",
                "parameters": {"type": "object"},
            },
        }
    ]
    function = {"name": "read_file", "arguments": ARGUMENTS}
    assert body["messages"] == [
        {"role": "user", "content": "Go."},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "text"},
        {"role": "assistant", "content": "Done."},
    ]
    assert json.dumps(body)
