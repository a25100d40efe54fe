"""Nothing is lost between what came and what is acted on."""

from __future__ import annotations

from typing import Any

import pytest
from acp import schema
from acp.exceptions import RequestError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tests.agents.acp.test_wire import SCALARS, VALUES
from zeke_bridge.agents.acp.strict import difference, exact

CREATE = TypeAdapter(schema.CreateTerminalRequest)
UPDATE = TypeAdapter(schema.SessionNotification)
PERMISSION = TypeAdapter(schema.RequestPermissionRequest)

ODD = VALUES | SCALARS
FIELDS = ("sessionId", "command", "args", "env", "cwd", "outputByteLimit", "_meta", "session_id")


@given(st.dictionaries(st.sampled_from(FIELDS), ODD | st.lists(st.text()) | st.text()))
def test_a_command_is_the_same_as_came_or_refused(came: Any) -> None:
    try:
        found, kept = exact(CREATE, came)
    except RequestError as error:
        assert error.code == -32602
        return
    assert kept == came
    assert found.command == came["command"]
    assert found.args == came.get("args")
    assert [(one.name, one.value) for one in found.env or ()] == [
        (one["name"], one["value"]) for one in came.get("env") or ()
    ]


CALL_FIELDS = (
    "title",
    "kind",
    "status",
    "content",
    "locations",
    "rawInput",
    "rawOutput",
    "_meta",
    "name",
)


@given(st.dictionaries(st.sampled_from(CALL_FIELDS), ODD))
def test_a_tool_call_of_a_permission_is_the_same_as_came_or_refused(call: Any) -> None:
    came = {"sessionId": "s", "toolCall": {"toolCallId": "c", **call}, "options": []}
    try:
        _, kept = exact(PERMISSION, came, more=True)
    except RequestError:
        return
    assert kept["toolCall"] == {
        name: said for name, said in came["toolCall"].items() if name != "name"
    }


@given(st.dictionaries(st.text(), ODD), st.sampled_from(["tool_call", "plan", "usage_update", "x"]))
def test_an_update_loses_nothing_that_is_acps(more: Any, kind: str) -> None:
    update = {"toolCallId": "c", "title": "t", "entries": [], "used": 1, "size": 2, **more}
    came = {"sessionId": "s", "update": {**update, "sessionUpdate": kind}}
    try:
        _, kept = exact(UPDATE, came, more=True)
    except RequestError:
        return
    assert kept["update"].items() <= came["update"].items()


@given(VALUES)
def test_a_value_is_no_different_from_itself(value: Any) -> None:
    assert difference(value, value) is None


@pytest.mark.parametrize(
    ("came", "kept", "where"),
    [
        ({"a": 1}, {}, "a"),
        ({"a": [1, 2]}, {"a": [1]}, "a"),
        ({"a": [{"b": "x"}]}, {"a": [{"b": "y"}]}, "a.0.b"),
        (True, 1, ""),
        ({"a": 0}, {"a": False}, "a"),
        ("1", 1, ""),
        (None, [], ""),
        ({}, {"a": None}, ""),
        ({"a": "x"}, {"a": "x/"}, "a"),
        (1, 1.0, None),
        ("https://example.com", "https://example.com/", None),
    ],
)
def test_where_they_differ(came: Any, kept: Any, where: str | None) -> None:
    assert difference(came, kept) == where


def test_keys_beyond_acps_are_passed_over_only_where_that_is_said() -> None:
    came = {"sessionId": "s", "command": "ls", "timeout": 3}
    with pytest.raises(RequestError, match="timeout is not as ACP has it"):
        exact(CREATE, came)
    _, kept = exact(CREATE, came, more=True)
    assert kept == {"sessionId": "s", "command": "ls"}
