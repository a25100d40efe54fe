"""The small pure ones: cutting, places, limits, compaction, the text of an answer as it comes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agents.loop.conftest import check
from zeke_bridge.agents.loop.answer_text import AnswerText
from zeke_bridge.agents.loop.compaction import compacted
from zeke_bridge.agents.loop.cut import cut
from zeke_bridge.agents.loop.limits import Limits, Spent
from zeke_bridge.agents.loop.place import plain, whole
from zeke_bridge.model.exchange import Cost, Message, Receipt, ToolCall, Usage


def test_a_long_text_keeps_both_ends_and_says_what_is_gone() -> None:
    text = "".join(f"line {number}\n" for number in range(1000))
    short = cut(text, 300)
    assert short.startswith("line 0\n")
    assert short.endswith("line 999\n")
    assert " lines, " in short
    assert "characters left out" in short
    assert cut("short", 300) == "short"


@given(st.text(), st.integers(1, 50))
def test_nothing_is_much_longer_than_allowed(text: str, most: int) -> None:
    assert len(cut(text, most)) <= max(len(text), most) + 60 or len(text) <= most
    assert len(cut(text, most)) <= most + 80


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("./a.py", "a.py"),
        ("/home/p/src//a.py", "src/a.py"),
        ("/home/p", ""),
        (".", ""),
        ("", ""),
        (" a.py ", "a.py"),
        ("../x", "../x"),
        ("/home/pp/a", "/home/pp/a"),
    ],
)
def test_a_path_has_one_spelling(path: str, expected: str) -> None:
    assert plain(path, "/home/p/") == expected


def test_a_place_for_the_editor_is_absolute() -> None:
    assert whole("src/a.py", "/home/p") == "/home/p/src/a.py"
    assert whole(".", "/home/p") == "/home/p"
    assert whole("/etc/x", "/home/p") == "/etc/x"


def receipt(tokens: int, cost: float, known: bool = True) -> Receipt:
    return Receipt("m", usage=Usage(tokens, 0, tokens), cost=Cost(0, cost, cost, known))


def test_what_is_spent_is_summed() -> None:
    spent = Spent()
    assert spent.over(Limits()) is None
    spent.answered(receipt(10, 0.25))
    spent.add(receipt(5, 0.5, known=False))
    assert spent.steps == 1
    assert spent.receipt is not None
    assert spent.receipt.usage.total_tokens == 15
    assert spent.receipt.cost == Cost(0, 0.75, 0.75, known=False)


@pytest.mark.parametrize(
    ("limits", "reason", "words"),
    [
        (Limits(steps=1), "max_turn_requests", "after 1 steps"),
        (Limits(tokens=10), "max_tokens", "after 10 tokens"),
        (Limits(cost=0.25), "max_tokens", "after $0.25"),
    ],
)
def test_each_limit_ends_with_a_sentence(limits: Limits, reason: str, words: str) -> None:
    spent = Spent()
    spent.answered(receipt(10, 0.25))
    ending = spent.over(limits)
    assert ending is not None
    assert ending.reason == reason
    assert words in ending.words


def test_an_unknown_price_ends_no_turn() -> None:
    spent = Spent()
    spent.answered(receipt(10, 0.0, known=False))
    assert spent.over(Limits(cost=0.0)) is None


LONG = "".join(f"result line {number}\n" for number in range(500))


def conversation() -> list[Message]:
    turns = [Message("user", "Do it. " * 2000)]
    for number in range(4):
        made = ToolCall(f"c{number}", "edit_file", json.dumps({"path": "a", "edits": LONG}))
        turns += [Message("assistant", "", (made,)), Message("tool", LONG, call_id=f"c{number}")]
    return turns


def test_old_results_go_first_and_the_persons_words_never() -> None:
    messages = conversation()
    steps = 0
    while (shorter := compacted(messages)) is not None:
        steps += 1
        assert sum(map(_size, shorter)) < sum(map(_size, messages))
        if steps == 1:
            assert "was shortened to make room" in shorter[2].content
            assert shorter[-1].content == LONG
            assert all(turn.calls == was.calls for turn, was in zip(shorter, messages, strict=True))
        check(shorter)
        messages = shorter
    assert steps >= 3
    assert messages[0] == conversation()[0]
    assert len(messages) == 9
    assert json.loads(messages[1].calls[0].arguments)["path"] == "a"
    assert sum(map(_size, messages[1:])) < 8000


def _size(turn: Message) -> int:
    return len(turn.content) + sum(len(call.arguments) for call in turn.calls)


@given(st.text(), st.lists(st.integers(1, 12), max_size=30), st.booleans())
def test_an_answer_comes_as_it_is_written(text: str, cuts: list[int], ascii_only: bool) -> None:
    step = {"tool": "answer", "arguments": {"text": text}}
    raw = json.dumps(step, ensure_ascii=ascii_only, indent=2 if ascii_only else None)
    hear, given_text, at = AnswerText(), "", 0
    for size in [*cuts, len(raw)]:
        given_text += hear.feed(raw[at : at + size])
        assert text.startswith(given_text)
        at += size
    assert given_text == text


@given(st.text())
def test_nothing_comes_of_what_is_no_answer(raw: str) -> None:
    assert not AnswerText().feed('{"tool": "read_file", "arguments": {"text": "' + raw)
    AnswerText().feed('{"tool":"answer","arguments":{"text":"' + raw)
