from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.errors import BadAnswerError, InputError
from zeke_bridge.model.exchange import (
    AnalyzeAsk,
    AnalyzeItem,
    Audience,
    Budget,
    CodeAsk,
    CompleteAsk,
    ContextAsk,
    CoreHealth,
    Cost,
    Finding,
    ModelInfo,
    Receipt,
    Route,
    Snippet,
    Suggestion,
    TerminalAsk,
    Tried,
    Usage,
)
from zeke_bridge.wire import zeke

RECEIPT = Receipt(
    "m",
    "p",
    Route("explain", "Because.", (Tried("local", "not installed"), Tried("p:m", "chosen"))),
    Usage(3, 4, 7, 1, 2, 3),
    Cost(0.25, 0.5, 0.75),
    True,
    "zk-1",
    Budget("day", 8.5, 10.0, 8.0),
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


@given(AUDIENCES, SNIPPETS, st.sampled_from(["explain", "test"]))
def test_an_instruction_may_be_missing(who: Audience, snippet: Snippet, task: str) -> None:
    ask = CodeAsk(who, task, snippet)
    body = zeke.CodeRequest.of(ask).model_dump()
    assert zeke.read_request(zeke.CodeRequest, body).ask(task) == ask


@given(AUDIENCES, WORDS.map("x{}".format), WORDS, WORDS, st.integers(1, 100))
def test_a_completion_survives_the_wire(
    who: Audience, prefix: str, suffix: str, word: str, most: int
) -> None:
    ask = CompleteAsk(who, prefix, suffix, word, word, most, max_lines=most, alternative=most)
    body = zeke.CompleteRequest.of(ask).model_dump()
    assert zeke.read_request(zeke.CompleteRequest, body).ask() == ask


@given(AUDIENCES, WORDS.map("why {}".format), WORDS, st.lists(SNIPPETS, max_size=3))
def test_a_question_about_a_project_survives_the_wire(
    who: Audience, question: str, tree: str, files: list[Snippet]
) -> None:
    ask = ContextAsk(who, question, f"a{tree}", tuple(files), tree)
    body = zeke.ContextRequest.of(ask).model_dump()
    assert zeke.read_request(zeke.ContextRequest, body).ask() == ask


@given(
    AUDIENCES,
    st.sampled_from(["suggest", "explain", "debug"]),
    WORDS,
    st.none() | st.integers(0, 255),
)
def test_a_question_about_a_shell_survives_the_wire(
    who: Audience, task: str, word: str, code: int | None
) -> None:
    ask = TerminalAsk(who, task, f"x{word}", word, code, word, word, word, word, (word, word))
    body = zeke.TerminalRequest.of(ask).model_dump()
    assert zeke.read_request(zeke.TerminalRequest, body).ask(task) == ask


@pytest.mark.parametrize("receipt", [RECEIPT, Receipt(), Receipt(cost=Cost(known=False))])
def test_a_receipt_survives_the_wire(receipt: Receipt) -> None:
    fields = zeke.Envelope.fields_of(receipt)
    assert zeke.read_answer(zeke.Envelope, {**fields, "newer": 1}).receipt() == receipt
    older = {key: value for key, value in fields.items() if key not in {"budget", "usage"}}
    assert zeke.read_answer(zeke.Envelope, older).receipt().budget is None
    del older["cost"]["known"]
    assert zeke.read_answer(zeke.Envelope, older).receipt().cost.known
    assert not zeke.read_answer(zeke.Envelope, {}).receipt().cost.known


def test_a_suggestion_survives_the_wire() -> None:
    found = Suggestion("ls", "It lists.", False)
    fields = {**zeke.SuggestAnswer.fields_for("ls!", found), **zeke.Envelope.fields_of(RECEIPT)}
    answer = zeke.read_answer(zeke.SuggestAnswer, fields).answer()
    assert (answer.text, answer.receipt, answer.suggestion) == ("ls!", RECEIPT, found)
    del fields["dangerous"]
    suggestion = zeke.read_answer(zeke.SuggestAnswer, fields).answer().suggestion
    assert suggestion is not None
    assert suggestion.dangerous


def test_models_survive_the_wire() -> None:
    infos = [ModelInfo("p:m", "p", False, 0.25, 1.5, 128_000), ModelInfo("local:x", "local", True)]
    fields = zeke.ModelsAnswer.fields_of(infos)
    assert fields["data"][1]["input_price"] is None
    assert zeke.read_answer(zeke.ModelsAnswer, fields).infos() == infos
    plain = {"object": "list", "data": [{"id": "gpt", "object": "model", "owned_by": "x"}]}
    assert zeke.read_answer(zeke.ModelsAnswer, plain).infos() == [ModelInfo("gpt", "x")]


def test_health_says_how_long_in_words_and_in_seconds() -> None:
    body = {"status": "healthy", "providers": {"p": "healthy"}, "uptime": "2d 14h", "uptime_s": 9.5}
    health = zeke.read_answer(zeke.HealthAnswer, body).health()
    assert health == CoreHealth("healthy", {"p": "healthy"}, 0, 9.5)


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
        (zeke.CodeRequest, {"code": "x", "instruction": "x" * 20_001}, "instruction is too long"),
        (zeke.CompleteRequest, {"prefix": "x", "n": 3}, "n: there is no such field"),
        (zeke.CompleteRequest, {"prefix": "x", "max_tokens": 0}, "max_tokens"),
        (zeke.CompleteRequest, {"prefix": "x", "max_lines": -1}, "max_lines"),
        (zeke.CompleteRequest, {"prefix": "x", "alternative": 101}, "alternative"),
        (zeke.CompleteRequest, {"prefix": 1}, "prefix"),
        (zeke.ContextRequest, {"tree": "a"}, "question"),
        (
            zeke.ContextRequest,
            {"question": "?", "files": [{"code": "x", "size": 1}]},
            "files.0.size",
        ),
        (zeke.ContextRequest, {"question": "?", "files": [{"code": "x"}] * 65}, "files"),
        (zeke.TerminalRequest, {"text": "x", "history": ["x" * 20_001]}, "history.0 is too long"),
        (zeke.TerminalRequest, {"text": "x", "exit_code": "1"}, "exit_code"),
        (zeke.TerminalRequest, {"text": "x", "env": {}}, "env: there is no such field"),
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
    with pytest.raises(InputError, match="nothing to complete"):
        zeke.CompleteRequest(prefix=" \n").ask()
    with pytest.raises(InputError, match="question"):
        zeke.ContextRequest(question=" ", tree="a").ask()
    with pytest.raises(InputError, match="nothing of the project"):
        zeke.ContextRequest(question="Why?").ask()


@pytest.mark.parametrize(
    ("task", "given", "word"),
    [
        ("suggest", {"output": "x"}, "should do"),
        ("explain", {"text": " "}, "to explain"),
        ("debug", {}, "printed"),
    ],
)
def test_a_shell_question_needs_words(task: str, given: dict[str, str], word: str) -> None:
    with pytest.raises(InputError, match=word):
        zeke.TerminalRequest(**given).ask(task)
    assert zeke.TerminalRequest(output="x").ask("debug").output == "x"


def test_a_senseless_answer_is_said() -> None:
    with pytest.raises(BadAnswerError, match="text"):
        zeke.read_answer(zeke.TextAnswer, {"model": "m"})
    row = {"line": 1, "severity": "fatal", "message": "m"}
    with pytest.raises(BadAnswerError, match="severity"):
        zeke.read_answer(zeke.AnalyzeAnswer, {"results": {"a": {"findings": [row]}}})


def test_a_whole_number_may_be_written_with_a_point() -> None:
    assert zeke.read_request(zeke.CodeRequest, {"code": "x", "start_line": 5.0}).start_line == 5
    for wrong in (5.5, "5", True, 0, None):
        with pytest.raises(InputError, match="start_line"):
            zeke.read_request(zeke.CodeRequest, {"code": "x", "start_line": wrong})
