"""Looking at code for several sorts of problems at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zeke_bridge.core.prompts.excerpt import about, last_line, numbered
from zeke_bridge.core.prompts.prompt import Prompt, closed, turns
from zeke_bridge.model.exchange import AnalysisKind, AnalyzeItem, Snippet
from zeke_bridge.wire.openai import json_schema

MAX_FINDINGS = 6
SMALL_FINDINGS = 3
# A line is picked from a list of lines, which costs a grammar rule each.
LISTED_LINES = 200
SEVERITIES = ("error", "warning", "info", "hint")

_LOOK_FOR: dict[AnalysisKind, str] = {
    "quality": "bugs, unclear names, repeated code, missing error handling",
    "security": "injection, unsafe input, secrets in code, unsafe file or network use",
    "performance": "slow loops, repeated work, wasted memory, needless input and output",
}


def analyze(items: Sequence[AnalyzeItem]) -> Prompt:
    """Ask for the findings of all ``items`` at once; equal snippets are sent once."""
    groups: dict[Snippet, list[AnalyzeItem]] = {}
    for item in items:
        groups.setdefault(item.snippet, []).append(item)
    parts = []
    for snippet, members in groups.items():
        wishes = "\n".join(
            f'- "{item.id}": {item.kind}: {_LOOK_FOR[item.kind]}' for item in members
        )
        parts.append(f"{about(snippet)}\n{numbered(snippet)}\n\nLook for:\n{wishes}")
    system = (
        "You review code and answer in JSON. For each name in the list give the real problems "
        "of that sort in this code, each one different: one short sentence that says what is "
        "wrong, the line where it is, one short sentence that says what to do instead, and a "
        "severity (error, warning, info or hint)."
    )
    small = {
        "temperature": 0.0,
        "max_tokens": 640 * len(items),
        "response_format": _format(items, small=True),
    }
    return Prompt(turns(system, "\n\n".join(parts)), small, _format(items, small=False))


def _format(items: Sequence[AnalyzeItem], *, small: bool) -> dict[str, Any]:
    parts = {item.id: _part_schema(item.snippet, small=small) for item in items}
    return json_schema("findings", closed({"results": closed(parts)}))


def _part_schema(snippet: Snippet, *, small: bool) -> dict[str, Any]:
    """What is wrong comes first, because a model that picks the line first makes up the rest."""
    finding = closed(
        {
            "message": {"type": "string"},
            "line": _line_schema(snippet, small=small),
            "suggestion": {"type": "string"},
            "severity": {"type": "string", "enum": list(SEVERITIES)},
        }
    )
    most = SMALL_FINDINGS if small else MAX_FINDINGS
    return closed({"findings": {"type": "array", "maxItems": most, "items": finding}})


def _line_schema(snippet: Snippet, *, small: bool) -> dict[str, Any]:
    """A number; a small model counts badly and copies a whole numbered line instead."""
    lines = [line for line in numbered(snippet).split("\n") if line.partition("| ")[2].strip()]
    if small and 0 < len(lines) <= LISTED_LINES:
        return {"type": "string", "enum": lines}
    return {"type": "integer", "minimum": snippet.start_line, "maximum": last_line(snippet)}
