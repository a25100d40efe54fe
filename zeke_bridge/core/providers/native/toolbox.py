"""The tools of a chat request, and how they may be used.

The fields are ``tools``, ``tool_choice`` and ``parallel_tool_calls`` of
https://platform.openai.com/docs/api-reference/chat/create. Does not know what a provider can do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from zeke_bridge.model.errors import InputError

Mode = Literal["", "auto", "none", "required"]


@dataclass(frozen=True, slots=True)
class Tool:
    """One function; ``schema`` is that of its arguments, None when it takes none.

    ``marks`` are the tool's fields beside it (``cache_control``).
    """

    name: str
    description: str = ""
    schema: Mapping[str, Any] | None = None
    strict: bool = False
    marks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """``mode`` is empty when nothing was said; ``name`` is the one tool that must be called."""

    tools: tuple[Tool, ...] = ()
    mode: Mode = ""
    name: str = ""
    parallel: bool = True

    @property
    def forced(self) -> bool:
        """Whether some tool must be called."""
        return bool(self.tools) and self.mode == "required"


def read(body: Mapping[str, Any]) -> Toolbox:
    """The tools in ``body``. Raises ``InputError``."""
    if body.get("functions"):
        # Whoever asks so waits for an answer in those words, too.
        raise InputError("functions is OpenAI's older word, not known here: use tools.")
    rows = body.get("tools") or []
    if not isinstance(rows, list):
        raise InputError("tools must be a list.")
    tools = tuple(_tool(row) for row in rows)
    parallel = body.get("parallel_tool_calls") is not False
    choice = body.get("tool_choice")
    if choice is None:
        return Toolbox(tools, parallel=parallel)
    if choice in ("auto", "none", "required"):
        return Toolbox(tools, choice, parallel=parallel)
    kind = choice.get("type") if isinstance(choice, Mapping) else None
    if kind == "function":
        name = _name(choice)
        if name not in {tool.name for tool in tools}:
            raise InputError(f"tool_choice names {name!r}, which is not among the tools.")
        return Toolbox(tools, "required", name, parallel)
    if kind == "allowed_tools":
        return _allowed(tools, choice.get("allowed_tools"), parallel)
    raise InputError("tool_choice must be auto, none, required, a function or allowed_tools.")


def _allowed(tools: tuple[Tool, ...], inner: Any, parallel: bool) -> Toolbox:
    rows = inner.get("tools") if isinstance(inner, Mapping) else None
    mode = inner.get("mode") if isinstance(inner, Mapping) else None
    if not isinstance(rows, list) or mode not in ("auto", "required"):
        raise InputError("allowed_tools needs a mode (auto or required) and a list of tools.")
    names = {_name(row) for row in rows}
    return Toolbox(tuple(tool for tool in tools if tool.name in names), mode, parallel=parallel)


def _tool(row: Any) -> Tool:
    if not isinstance(row, Mapping) or row.get("type") != "function":
        raise InputError("tools must hold functions: this provider takes no others.")
    function = row.get("function")
    inner: Mapping[str, Any] = function if isinstance(function, Mapping) else {}
    schema, said = inner.get("parameters"), inner.get("description")
    if not isinstance(schema, Mapping | None):
        raise InputError("A tool's parameters must be a JSON schema.")
    text = said if isinstance(said, str) else ""
    marks = {name: row[name] for name in ("cache_control",) if row.get(name)}
    return Tool(_name(row), text, schema or None, inner.get("strict") is True, marks)


def _name(row: Any) -> str:
    function = row.get("function") if isinstance(row, Mapping) else None
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(name, str) or not name:
        raise InputError("A tool needs a function with a name.")
    return name
