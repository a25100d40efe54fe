from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.core.providers.anthropic.schema import closed


def shaped(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def test_objects_are_closed_and_rules_are_spoken() -> None:
    line = {"type": "integer", "minimum": 1, "description": "A line."}
    made = closed({"$schema": "x", **shaped(line=line), "required": ["line"]})
    assert made == {
        "type": "object",
        "properties": {"line": {"type": "integer", "description": "A line.\n\n{minimum: 1}"}},
        "required": ["line"],
        "additionalProperties": False,
    }


def test_what_is_taken_stays() -> None:
    schema = {
        "type": "array",
        "minItems": 1,
        "items": {"oneOf": [{"type": "string", "format": "date"}, {"const": None}]},
    }
    assert closed(schema) == {
        "type": "array",
        "minItems": 1,
        "items": {"anyOf": [{"type": "string", "format": "date"}, {"const": None}]},
    }


def test_references_keep_their_definitions() -> None:
    schema = {"$ref": "#/$defs/A", "$defs": {"A": shaped(b={"type": ["string", "null"]})}}
    assert closed(schema) == {
        "$ref": "#/$defs/A",
        "$defs": {"A": {**shaped(b={"type": ["string", "null"]}), "additionalProperties": False}},
    }


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object"},
        {**shaped(a={"type": "string"}), "additionalProperties": True},
        {"$defs": {"A": shaped(a={"$ref": "#/$defs/A"})}, "$ref": "#/$defs/A"},
        {"$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"items": {"$ref": "#/$defs/A"}}}},
        shaped(a={"$ref": "#"}),
        nested(1000),
        {"items": 7},
    ],
    ids=["map", "any object", "open", "itself", "each other", "root", "deep", "no schema"],
)
def test_what_cannot_be_said_is_not_said(schema: dict[str, Any]) -> None:
    assert closed(schema) is None
