from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.errors import BadAnswerError, InputError
from zeke_bridge.model.exchange import (
    AnalyzeAsk,
    AnalyzeItem,
    Audience,
    CodeAsk,
    Cost,
    Finding,
    Receipt,
    Route,
    Snippet,
    Tried,
    Usage,
)
from zeke_bridge.wire import zeke

RECEIPT = Receipt(
    "m",
    "p",
    Route("explain", "Because.", (Tried("local", "not installed"), Tried("p:m", "chosen"))),
    Usage(3, 4, 7),
    Cost(0.25, 0.5, 0.75),
    True,
    "zk-1",
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SNIPPETS = st.builds(Snippet, WORDS.map("x{}".format), WORDS, WORDS, st.integers(1, 10**6))
AUDIENCES = st.builds(Audience, WORDS.map("m{}".format), WORDS, st.booleans())


@given(AUDIENCES, SNIPPETS, WORDS.map("do {}".format))
def test_a_question_survives_the_wire(who: Audience, snippet: Snippet, instruction: str) -> None:
    ask = CodeAsk(who, "refactor", snippet, instruction)
    body = zeke.CodeRequest.of(ask).model_dump()
    assert zeke.read_request(zeke.CodeRequest, body).ask("refactor") == ask


@given(AUDIENCES, SNIPPETS)
def test_an_analysis_survives_the_wire(who: Audience, snippet: Snippet) -> None:
    items = (AnalyzeItem("t1.quality", "quality", snippet), AnalyzeItem("2", "security", snippet))
    ask = AnalyzeAsk(who, items)
    body = zeke.AnalyzeRequest.of(ask).model_dump()
    assert zeke.read_request(zeke.AnalyzeRequest, body).ask() == ask


def test_a_receipt_survives_the_wire() -> None:
    fields = zeke.Envelope.fields_of(RECEIPT)
    assert zeke.read_answer(zeke.Envelope, {**fields, "newer": 1}).receipt() == RECEIPT


def test_findings_survive_the_wire_and_strangers_do_not() -> None:
    ask = AnalyzeAsk(Audience(), (AnalyzeItem("a", "security", Snippet("x")),))
    found = {"a": (Finding("security", 1, "error", "Bad.", "Good."),), "b": ()}
    body = {"results": zeke.AnalyzeAnswer.results_of(found), **zeke.Envelope.fields_of(RECEIPT)}
    analysis = zeke.read_answer(zeke.AnalyzeAnswer, body).analysis(ask)
    assert analysis.findings == {"a": found["a"]}
    assert analysis.receipt == RECEIPT


def test_the_short_form_means_one_item_a_kind() -> None:
    body = {"kinds": ["quality", "security"], "code": "x = 1", "start_line": 4}
    ask = zeke.read_request(zeke.AnalyzeRequest, body).ask()
    assert [(item.id, item.kind) for item in ask.items] == [
        ("quality", "quality"),
        ("security", "security"),
    ]
    assert {item.snippet for item in ask.items} == {Snippet("x = 1", start_line=4)}


ITEM = {"id": "a", "kind": "quality", "code": "x"}


@pytest.mark.parametrize(
    ("shape", "body", "word"),
    [
        (zeke.CodeRequest, {"code": "x", "colour": 1}, "colour"),
        (zeke.CodeRequest, {}, "code"),
        (zeke.CodeRequest, [], "request"),
        (zeke.CodeRequest, {"code": "x" * (zeke.MAX_CODE + 1)}, "too long"),
        (zeke.CodeRequest, {"code": "x", "start_line": 0}, "start_line"),
        (zeke.CodeRequest, {"code": "x", "local_only": "no"}, "local_only"),
        (zeke.AnalyzeRequest, {"items": []}, "items"),
        (zeke.AnalyzeRequest, {"items": [ITEM], "kinds": ["quality"], "code": "x"}, "items"),
        (zeke.AnalyzeRequest, {"items": [ITEM, ITEM]}, "twice"),
        (zeke.AnalyzeRequest, {"items": [{**ITEM, "id": 'a"b'}]}, "id"),
        (zeke.AnalyzeRequest, {"items": [{**ITEM, "kind": "taste"}]}, "kind"),
        (zeke.AnalyzeRequest, {"items": [{**ITEM, "id": str(n)} for n in range(33)]}, "items"),
    ],
)
def test_a_wrong_request_is_named(shape: type[zeke.CodeRequest], body: object, word: str) -> None:
    with pytest.raises(InputError, match=word):
        zeke.read_request(shape, body)


def test_nothing_to_work_on_is_said() -> None:
    with pytest.raises(InputError, match="no code"):
        zeke.CodeRequest(code=" \n").ask("explain")
    with pytest.raises(InputError, match="instruction"):
        zeke.CodeRequest(code="x", instruction=" ").ask("refactor")
    with pytest.raises(InputError, match="empty"):
        zeke.AnalyzeRequest(kinds=["quality"]).ask()


def test_a_senseless_answer_is_said() -> None:
    with pytest.raises(BadAnswerError, match="text"):
        zeke.read_answer(zeke.TextAnswer, {"model": "m"})
    row = {"line": 1, "severity": "fatal", "message": "m"}
    with pytest.raises(BadAnswerError, match="severity"):
        zeke.read_answer(zeke.AnalyzeAnswer, {"results": {"a": {"findings": [row]}}})
