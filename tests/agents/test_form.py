"""Which answers fit a form, and which forms can be asked at all."""

from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.agents.form import misfit, readable, without_nulls

FORM = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "title": "Your\x1bname", "minLength": 2, "maxLength": 5},
        "email": {"type": "string", "format": "email"},
        "n": {"type": "integer", "minimum": 1, "maximum": 5},
        "x": {"type": "number", "title": None},
        "m": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
        "some": {"type": "array", "items": {"anyOf": [{"const": "a", "title": "A"}]}},
        "one": {"type": "string", "oneOf": [{"const": "a", "title": "A"}]},
        "sure": {"type": "boolean"},
        "page": {"type": "string", "format": "uri"},
        "day": {"type": "string", "format": "date"},
        "when": {"type": "string", "format": "date-time"},
        "code": {"type": "string", "pattern": "^(a+)+$"},
        "odd": {"type": "string", "format": "of-nobody"},
    },
    "required": ["name"],
}


@pytest.mark.parametrize(
    "content",
    [
        {"email": "a@b.c", "n": 5, "x": 1.5, "m": ["p", "q"], "some": ["a"], "one": "a"},
        {"sure": False, "page": "https://a.b/c", "day": "2026-02-28", "code": "aaa", "odd": "!"},
        {"when": "2026-02-28T10:00:00Z", "n": 3.0, "x": -2, "m": []},
    ],
)
def test_what_fits(content: dict[str, Any]) -> None:
    assert readable(FORM)
    assert misfit(FORM, {"name": "Ann", **content}) == ""


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("name", "longername", "“Your\\u{1b}name” has to be at most 5 characters."),
        ("name", "x", "at least 2"),
        ("name", None, "a text"),
        ("email", "abc", "email"),
        ("email", "a b@c", "email"),
        ("n", 99, "“n” has to be at most 5."),
        ("n", 1.5, "whole"),
        ("n", True, "a number"),
        ("x", float("nan"), "a number"),
        ("x", float("inf"), "a number"),
        ("x", "1", "a number"),
        ("m", ["p", "q", "r"], "at most 2 items"),
        ("m", "p", "list"),
        ("m", [1], "list"),
        ("some", ["b"], "some of those"),
        ("one", "b", "one of those"),
        ("sure", "yes", "yes or no"),
        ("page", "example.org", "uri"),
        ("page", "https://[", "uri"),
        ("day", "2026-02-30", "date"),
        ("when", "2026-02-28T10:00:00", "date-time"),
        ("code", "a" * 5000 + "b", "match"),
        ("other", 1, "not asked"),
    ],
)
def test_what_does_not_fit_and_why(name: str, value: Any, said: str) -> None:
    assert said in misfit(FORM, {"name": "Ann", name: value})


def test_what_is_required_is_missed() -> None:
    assert "is required" in misfit(FORM, {})


@pytest.mark.parametrize(
    "field",
    [
        "text",
        {},
        {"type": "object"},
        {"type": ["string", "null"]},
        {"type": "string", "minLength": "2"},
        {"type": "string", "minLength": -1},
        {"type": "string", "pattern": "("},
        {"type": "string", "pattern": "(?=a)"},
        {"type": "string", "pattern": "((a{100}){100}){100}"},
        {"type": "string", "title": 1},
        {"type": "string", "enum": [1]},
        {"type": "integer", "enum": ["1"]},
        {"type": "array", "items": {"type": "object"}},
        {"type": "string", "default": {}},
    ],
)
def test_what_cannot_be_checked_is_not_asked(field: Any) -> None:
    assert not readable({"type": "object", "properties": {"a": field}})


def test_nobody_can_give_what_is_required_but_not_described() -> None:
    assert not readable({"type": "object", "properties": {}, "required": ["a"]})


def test_nulls_are_not_told() -> None:
    assert without_nulls({"a": None, "b": [{"c": None, "d": 0}]}) == {"b": [{"d": 0}]}
