from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.core.providers.native.toolbox import Tool, Toolbox, read
from zeke_bridge.model.errors import InputError

SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}


def tool(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, **more}}


READ = tool("read", description="Reads.", parameters=SCHEMA, strict=True)


def test_tools_are_functions() -> None:
    box = read({"tools": [READ, tool("list")], "parallel_tool_calls": False})
    assert box == Toolbox(
        (Tool("read", "Reads.", SCHEMA, strict=True), Tool("list")), parallel=False
    )


@pytest.mark.parametrize("mode", ["auto", "none", "required"])
def test_a_choice_in_a_word(mode: str) -> None:
    box = read({"tools": [READ], "tool_choice": mode})
    assert box.mode == mode
    assert box.forced == (mode == "required")


def test_a_choice_of_one_tool() -> None:
    box = read({"tools": [READ], "tool_choice": tool("read")})
    assert (box.mode, box.name, box.forced) == ("required", "read", True)


def test_a_choice_among_some_tools() -> None:
    allowed = {"mode": "auto", "tools": [tool("list")]}
    box = read(
        {
            "tools": [READ, tool("list")],
            "tool_choice": {"type": "allowed_tools", "allowed_tools": allowed},
        }
    )
    assert [one.name for one in box.tools] == ["list"]
    assert box.mode == "auto"


def test_no_tools_force_nothing() -> None:
    assert read({}) == Toolbox()
    assert not read({"tools": [], "tool_choice": "required"}).forced


@pytest.mark.parametrize(
    "body",
    [
        {"tools": "read"},
        {"tools": [7]},
        {"tools": [{"type": "web_search"}]},
        {"tools": [tool("")]},
        {"tools": [tool("x", parameters=7)]},
        {"functions": [READ["function"]]},
        {"tools": [READ], "tool_choice": "always"},
        {"tools": [READ], "tool_choice": {"type": "other"}},
        {"tools": [READ], "tool_choice": tool("write")},
        {"tools": [READ], "tool_choice": {"type": "allowed_tools"}},
    ],
)
def test_what_is_no_tool_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        read(body)
