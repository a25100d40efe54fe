"""Calls of MCP tools: bound to the server, the tool and its definition, and shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from zeke_bridge.agents.effects import ToolUse
from zeke_bridge.broker.agents.tools import calling
from zeke_bridge.model.errors import DeniedError, InputError

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]
USE = ToolUse("fs", "1" * 64, "read", "2" * 64, {"path": "a\u202e", "n": [1]})


async def used(one: Any, use: ToolUse, choice: str, count: int) -> Any:
    calling = asyncio.create_task(one.hands.use_tool(use))
    asked = await one.answer(choice, count)
    await asyncio.gather(calling, return_exceptions=True)
    return asked


async def test_a_person_sees_what_is_passed(bench: Make) -> None:
    one = bench()
    asked = await used(one, USE, "once", 1)
    assert (asked["verb"], asked["target"], asked["risk"]) == ("use the tool", "fs/read", "High")
    assert '  "path": "a\\u{202e}"' in asked["diff"]
    assert one.lines()[0]["result"] == "called"


async def test_a_grant_is_for_this_definition_of_this_server(bench: Make) -> None:
    one = bench()
    await used(one, USE, "session", 1)
    await one.hands.use_tool(replace(USE, arguments={"path": "b"}))
    others = (
        replace(USE, tool="write"),
        replace(USE, server="other"),
        replace(USE, fingerprint="3" * 64),
        replace(USE, schema="3" * 64),
        replace(USE, server="fs/read", tool=""),
    )
    for count, other in enumerate(others, 2):
        asked = await used(one, other, "once", count)
        assert asked["verb"] == "use the tool"


def test_what_is_passed_is_of_the_action(bench: Make) -> None:
    owner = bench().owner
    digests = {
        calling(owner, replace(USE, arguments=arguments)).digest()
        for arguments in ({}, {"a": 1}, {"a": "1"}, {"a": None}, {"a": [1]})
    }
    assert len(digests) == 5


async def test_what_cannot_be_shown_is_not_called(bench: Make) -> None:
    one = bench()
    for arguments in ({"x": float("inf")}, {"x": object()}, {"x": "y" * 2_000_000}):
        with pytest.raises(InputError):
            await one.hands.use_tool(replace(USE, arguments=arguments))
    for tool in ("a\x1b", "x" * 300):
        with pytest.raises(DeniedError, match="no proper name"):
            await one.hands.use_tool(replace(USE, tool=tool))
