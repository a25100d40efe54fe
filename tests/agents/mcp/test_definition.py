"""What a model is told of a server's tool, and what the tool is known by."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.agents.loop.kit import FUNCTION_NAME
from zeke_bridge.agents.mcp.definition import called, definition, labelled
from zeke_bridge.warden.escape import escape

TOOL: dict[str, Any] = {"name": "a", "description": "d", "inputSchema": {"type": "object"}}


def test_every_change_is_another_tool_but_for_what_is_beside_the_definition() -> None:
    known = definition(TOOL).sha256
    assert definition({**TOOL, "_meta": {"a": 1}, "icons": []}).sha256 == known
    for change in (
        {"description": "e"},
        {"annotations": {"readOnlyHint": True}},
        {"inputSchema": {"type": "object", "properties": {}}},
        {"outputSchema": {"type": "object"}},
        {"name": "b"},
        {"title": "t"},
    ):
        assert definition({**TOOL, **change}).sha256 != known


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": ""}, "proper"),
        ({"name": "a\x1b[2J"}, "proper"),
        ({"name": "a\u202eb"}, "proper"),
        ({"name": "x" * 129}, "proper"),
        ({"inputSchema": {"type": "array"}}, "object"),
        ({"inputSchema": {"type": "object", "description": "x" * 40_000}}, "too long"),
    ],
)
def test_what_no_model_can_be_told_of_is_left_out(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        definition({**TOOL, **change})


@given(st.text(), st.text(), st.text(), st.text())
def test_names_are_what_providers_take_and_differ(a: str, b: str, c: str, d: str) -> None:
    first = called(a, b, ())
    assert FUNCTION_NAME.fullmatch(first)
    second = called(c, d, {first})
    assert FUNCTION_NAME.fullmatch(second)
    assert (first != second) or (a, b) == (c, d)


@given(st.text(max_size=50), st.text(max_size=50))
def test_labels_are_escaped_and_values_are_not(label: str, value: str) -> None:
    schema = {"properties": {"title": {"description": label, "enum": [value]}}}
    told = labelled(schema)["properties"]["title"]
    assert re.sub(r"…\([0-9]+ more\)…", "", told["description"]) == told["description"]
    assert escape(told["description"]).isprintable()
    assert told["enum"] == [value]
