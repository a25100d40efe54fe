from __future__ import annotations

import json
from typing import Any

import pytest
from anthropic.types import Message, RawMessageStreamEvent
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.wire.messages.stream import Writer

EVENT: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)
USAGE = {
    "prompt_tokens": 9,
    "completion_tokens": 4,
    "total_tokens": 13,
    "prompt_tokens_details": {"cached_tokens": 5},
}
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "EsEC"}
HIDDEN = {"type": "redacted_thinking", "data": "x"}


def chunk(delta: dict[str, Any], finish: str | None = None, **choice: Any) -> dict[str, Any]:
    row = {"index": 0, "delta": delta, "finish_reason": finish, **choice}
    return {"id": "chatcmpl-1", "model": "m", "choices": [row]}


def text(said: str) -> dict[str, Any]:
    return chunk({"content": said})


def use(index: int, arguments: str, name: str = "", given: str = "") -> dict[str, Any]:
    function = {"arguments": arguments, **({"name": name} if name else {})}
    row = {"index": index, "function": function, **({"id": given} if given else {})}
    return chunk({"tool_calls": [row]})


END = [chunk({}, "stop"), {"choices": [], "usage": USAGE}]


def events(*chunks: dict[str, Any], thinks: bool = True) -> list[dict[str, Any]]:
    writer = Writer("zk-1", "auto", thinks=thinks)
    made = [event for each in chunks for event in writer.feed(each)]
    made += writer.end({"provider": "p"})
    in_order(made)
    return made


def in_order(made: list[dict[str, Any]]) -> None:
    """Fail unless the events come as Anthropic says they do."""
    kinds = [event["type"] for event in made]
    assert (kinds[0], kinds[-2], kinds[-1]) == ("message_start", "message_delta", "message_stop")
    assert kinds.count("message_start") == kinds.count("message_stop") == 1
    index, opened = -1, False
    for event in made[1:-2]:
        match event["type"]:
            case "content_block_start":
                assert not opened
                index, opened = index + 1, True
            case "content_block_delta":
                assert opened
            case "content_block_stop":
                assert opened
                opened = False
        assert event["index"] == index
    assert not opened


def message(made: list[dict[str, Any]]) -> Message:
    """The message that the events are, checked by the official SDK's shapes."""
    whole: dict[str, Any] = {}
    for event in made:
        EVENT.validate_python(event, strict=True)
        match event:
            case {"type": "message_start"}:
                whole = {**event["message"], "content": []}
            case {"type": "content_block_start"}:
                whole["content"].append({**event["content_block"], "pieces": []})
            case {"type": "content_block_delta", "delta": {"type": kind, **rest}}:
                block, ((name, piece),) = whole["content"][-1], rest.items()
                if kind == "input_json_delta":
                    block["pieces"].append(piece)
                else:
                    block[name] += piece
            case {"type": "message_delta"}:
                whole |= {**event["delta"], "usage": event["usage"]}
    for block in whole["content"]:
        if pieces := "".join(block.pop("pieces")):
            block["input"] = json.loads(pieces)
    return Message.model_validate(whole, strict=True)


def deltas(made: list[dict[str, Any]]) -> list[Any]:
    return [
        next(value for key, value in event["delta"].items() if key != "type")
        for event in made
        if event["type"] == "content_block_delta"
    ]


def test_text_piece_by_piece() -> None:
    made = events(chunk({"role": "assistant", "content": ""}), text("Hi "), text("there."), *END)
    assert [event["type"] for event in made] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    found = message(made)
    assert found.content[0].text == "Hi there."
    assert (found.id, found.model, found.stop_reason) == ("chatcmpl-1", "m", "end_turn")
    assert found.usage.input_tokens == 4
    assert found.usage.cache_read_input_tokens == 5
    assert found.usage.output_tokens == 4
    assert made[-2]["provider"] == "p"


def test_calls_of_tools_one_after_another() -> None:
    pieces = [
        text("I look."),
        use(0, "", "read", "c1"),
        use(0, '{"pa'),
        use(0, ""),
        use(0, 'th": "a"}'),
        use(1, '{"path": "b"}', "read", "c2"),
        chunk({}, "tool_calls"),
    ]
    made = events(*pieces)
    assert deltas(made) == ["I look.", '{"pa', "", 'th": "a"}', '{"path": "b"}']
    found = message(made)
    assert found.stop_reason == "tool_use"
    assert [(block.id, block.name, block.input) for block in found.content[1:]] == [
        ("c1", "read", {"path": "a"}),
        ("c2", "read", {"path": "b"}),
    ]


def test_calls_that_come_whole_under_one_index_are_each_told() -> None:
    whole = [use(0, '{"path": "a"}', "read", "c1"), use(0, '{"path": "b"}', "read", "c2")]
    nameless = [use(0, '{"path": "a"}', "read"), use(0, '{"path": "b"}', "read")]
    for pieces in (whole, nameless):
        found = message(events(*pieces, chunk({}, "tool_calls")))
        assert [block.input for block in found.content] == [{"path": "a"}, {"path": "b"}]
        assert len({block.id for block in found.content}) == 2


def test_calls_without_end_are_an_error() -> None:
    writer = Writer("zk-1", "auto", thinks=False)
    with pytest.raises(BadAnswerError, match="without end"):
        for number in range(1000):
            writer.feed(use(number, "{}", "a", f"c{number}"))


def test_a_call_without_an_id_gets_one_and_stop_is_understood() -> None:
    function = {"name": "read", "arguments": "{}"}
    made = events(chunk({"tool_calls": [{"function": function}]}, "stop"))
    found = message(made)
    assert found.content[0].id == "toolu_zk-1_0"
    assert found.stop_reason == "tool_use"


def test_mixed_pieces_of_calls_are_an_error_and_not_lost() -> None:
    writer = Writer("zk-1", "auto", thinks=False)
    writer.feed(use(0, "", "a", "c1"))
    writer.feed(use(1, "", "b", "c2"))
    with pytest.raises(BadAnswerError, match="mixes up"):
        writer.feed(use(0, "{}"))


def test_thinking_as_it_comes_then_its_signature() -> None:
    pieces = [
        chunk({"reasoning_content": "H"}),
        chunk({"reasoning_content": "m."}),
        chunk({"thinking_blocks": [THOUGHT]}),
        chunk({"thinking_blocks": [HIDDEN]}),
        text("Hi."),
        *END,
    ]
    made = events(*pieces)
    assert deltas(made) == ["H", "m.", "EsEC", "Hi."]
    content = message(made).content
    assert [block.type for block in content] == ["thinking", "redacted_thinking", "text"]
    assert (content[0].thinking, content[0].signature) == ("Hm.", "EsEC")
    assert content[1].data == "x"
    unasked = events(*pieces, thinks=False)
    assert message(unasked).content == content


@pytest.mark.parametrize("thinks", [True, False])
def test_thinking_that_nobody_signed_is_told_to_whoever_asked(thinks: bool) -> None:
    made = events(chunk({"reasoning": "Hm."}), text("Hi."), *END, thinks=thinks)
    kinds = [block.type for block in message(made).content]
    assert kinds == (["thinking", "text"] if thinks else ["text"])


def test_signed_thinking_without_its_text() -> None:
    block = {**THOUGHT, "thinking": ""}
    content = message(events(chunk({"thinking_blocks": [block]}), text("Hi."), *END)).content
    assert (content[0].thinking, content[0].signature) == ("", "EsEC")


@pytest.mark.parametrize(
    ("finish", "choice", "reason"),
    [
        ("length", {}, "max_tokens"),
        ("content_filter", {}, "refusal"),
        ("stop", {"stop_reason": "END"}, "stop_sequence"),
    ],
)
def test_why_it_ended(finish: str, choice: Any, reason: str) -> None:
    found = message(events(text("x"), chunk({}, finish, **choice)))
    assert found.stop_reason == reason


def test_a_refusal_is_text() -> None:
    found = message(events(chunk({"refusal": "No."}), chunk({}, "stop")))
    assert (found.content[0].text, found.stop_reason) == ("No.", "refusal")


def test_an_answer_of_nothing_is_a_message_all_the_same() -> None:
    found = message(events())
    assert (found.content, found.model) == ([], "auto")
    last = {**chunk({}), "usage": USAGE}
    assert message(events(text("x"), chunk({}, "stop"), last)).usage.output_tokens == 4


DELTAS = st.one_of(
    st.builds(lambda said: {"content": said}, st.text(max_size=3)),
    st.builds(lambda said: {"reasoning_content": said}, st.text(max_size=3)),
    st.sampled_from(
        [
            {},
            {"role": "assistant"},
            {"thinking_blocks": [THOUGHT]},
            {"thinking_blocks": [HIDDEN]},
            {"content": None, "tool_calls": [{"index": 9, "id": "c", "function": {"name": "f"}}]},
            {"tool_calls": [7, {}], "content": 5},
        ]
    ),
)


@given(st.lists(DELTAS, max_size=12), st.booleans())
def test_whatever_comes_the_events_are_in_order(rows: list[dict[str, Any]], thinks: bool) -> None:
    chunks = [chunk(row) for row in rows]
    try:
        made = events(*chunks, *END, thinks=thinks)
    except BadAnswerError:
        return
    found = message(made)
    said = "".join(row["content"] for row in rows if isinstance(row.get("content"), str))
    assert "".join(block.text for block in found.content if block.type == "text") == said


PIECES = st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=8)


@given(st.lists(PIECES, min_size=1, max_size=3))
def test_arguments_come_out_in_the_pieces_they_went_in(calls: list[list[str]]) -> None:
    chunks = []
    for index, pieces in enumerate(calls):
        chunks.append(use(index, "", "f", f"c{index}"))
        chunks += [use(index, piece) for piece in pieces]
    assert deltas(events(*chunks, *END)) == [piece for pieces in calls for piece in pieces]
