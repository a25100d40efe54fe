from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.tasks.findings import parse
from zeke_bridge.model.exchange import AnalyzeItem, Finding, Snippet

CODE = Snippet("a\nb\nc\n", start_line=10)
ITEMS = (AnalyzeItem("one", "quality", CODE), AnalyzeItem("two", "security", CODE))
ROW = {"line": 11, "severity": "warning", "message": " Bad. ", "suggestion": "Good."}
FOUND = (Finding("quality", 11, "warning", "Bad.", "Good."),)


def answer(**parts: Any) -> str:
    return json.dumps({"results": parts})


@pytest.mark.parametrize(
    "text",
    [
        answer(one={"findings": [ROW]}),
        "Here you are:\n```json\n" + answer(one={"findings": [ROW]}) + "\n```\nDone.",
        json.dumps({"one": {"findings": [ROW]}}),
        answer(one={"findings": [ROW, ROW]}),
        answer(one={"findings": [ROW]}, three={"findings": [ROW]}),
        answer(one={"findings": [{**ROW, "colour": 3}]}),
        answer(one={"findings": [{**ROW, "line": "11| b"}]}),
    ],
)
def test_what_stands_around_the_findings_does_not_matter(text: str) -> None:
    assert parse(text, ITEMS) == {"one": FOUND}


def test_items_are_told_apart_and_none_found_is_an_answer() -> None:
    found = parse(answer(one={"findings": [ROW]}, two={"findings": []}), ITEMS)
    assert found == {"one": FOUND, "two": ()}


@pytest.mark.parametrize(
    "part",
    [
        None,
        [],
        {},
        {"findings": None},
        {"findings": ["x"]},
        {"findings": [{**ROW, "line": "11"}]},
        {"findings": [{**ROW, "line": True}]},
        {"findings": [{**ROW, "severity": "fatal"}]},
        {"findings": [{**ROW, "message": " "}]},
        {"findings": [{**ROW, "suggestion": 3}]},
        {"findings": [ROW, {"line": 11}]},
    ],
)
def test_a_malformed_item_is_absent_and_the_other_stays(part: Any) -> None:
    found = parse(answer(one=part, two={"findings": [ROW]}), ITEMS)
    assert list(found) == ["two"]


@pytest.mark.parametrize(
    ("line", "lines"), [(9, [10]), (10, [10]), (12, [12]), (13, [12]), (8, []), (14, []), (1, [])]
)
def test_a_line_is_inside_the_snippet_or_the_finding_is_dropped(
    line: int, lines: list[int]
) -> None:
    found = parse(answer(one={"findings": [{**ROW, "line": line}]}), ITEMS)
    assert [finding.line for finding in found["one"]] == lines


@pytest.mark.parametrize("text", ["", "No.", "{", '{"results": 3}', "[1]", "}{", "{" * 50_000])
def test_no_answer_is_no_findings(text: str) -> None:
    assert parse(text, ITEMS) == {}


@given(st.text())
def test_nothing_makes_it_fail(text: str) -> None:
    assert set(parse(text, ITEMS)) <= {"one", "two"}
