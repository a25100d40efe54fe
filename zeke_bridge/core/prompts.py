"""The words a model is asked with, for each task. Pure: a question in, messages out.

Short and plain, because the smallest model that has to understand them has half a billion
parameters. Does not know which model it will be, nor how answers are read (``analysis`` does for
findings; rewritten code is read by whoever asked).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zeke_bridge.model.exchange import AnalysisKind, AnalyzeItem, CodeAsk, Snippet
from zeke_bridge.wire.openai import json_schema

WHOLE_LINES = 150
"""Up to this many lines a rewrite is asked for in whole, above it as SEARCH/REPLACE blocks."""
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
_BLOCK_FORM = """<<<<<<< SEARCH
lines that are in the code now
=======
lines that replace them
>>>>>>> REPLACE"""


@dataclass(frozen=True, slots=True)
class Prompt:
    """``messages`` and ``response_format`` go to every model.

    ``small`` holds sampling options for a small local model (others may refuse them), and
    what is asked of it in another form.
    """

    messages: tuple[dict[str, str], ...]
    small: dict[str, Any]
    response_format: dict[str, Any] | None = None

    def body(self, *, small: bool) -> dict[str, Any]:
        """The fields of a chat request, all but ``model``."""
        body: dict[str, Any] = {"messages": list(self.messages)}
        if self.response_format is not None:
            body["response_format"] = self.response_format
        return body | (self.small if small else {})


def explain(ask: CodeAsk) -> Prompt:
    """Ask what the code does, or ``instruction`` about it."""
    question = ask.instruction.strip() or (
        "Explain what this code does and how. Name anything surprising or wrong. Be brief."
    )
    system = "You explain code to programmers. Answer in Markdown."
    user = f"{_about(ask.snippet)}\n{_fenced(ask.snippet)}\n\n{question}"
    return Prompt(_turns(system, user), {"temperature": 0.2, "max_tokens": 1024})


def refactor(ask: CodeAsk) -> Prompt:
    """Ask for the code rewritten as ``instruction`` says."""
    lines = ask.snippet.code.count("\n") + 1
    if lines <= WHOLE_LINES:
        system = (
            "You rewrite code. Answer with the complete rewritten code in one fenced block "
            "and nothing else. Keep the indentation and what need not change."
        )
    else:
        system = (
            "You change code. Answer only with one or more blocks of this form and nothing "
            f"else:\n{_BLOCK_FORM}\nCopy the SEARCH lines exactly from the code."
        )
    user = f"{_about(ask.snippet)}\n{_fenced(ask.snippet)}\n\nChange it: {ask.instruction.strip()}"
    # A rewrite needs about as many tokens as the code has, and some room.
    room = 512 + len(ask.snippet.code)
    return Prompt(_turns(system, user), {"temperature": 0.0, "max_tokens": room})


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
        parts.append(f"{_about(snippet)}\n{_numbered(snippet)}\n\nLook for:\n{wishes}")
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
    return Prompt(_turns(system, "\n\n".join(parts)), small, _format(items, small=False))


def _format(items: Sequence[AnalyzeItem], *, small: bool) -> dict[str, Any]:
    parts = {item.id: _part_schema(item.snippet, small=small) for item in items}
    return json_schema("findings", _object({"results": _object(parts)}))


def _part_schema(snippet: Snippet, *, small: bool) -> dict[str, Any]:
    """What is wrong comes first, because a model that picks the line first makes up the rest."""
    finding = _object(
        {
            "message": {"type": "string"},
            "line": _line_schema(snippet, small=small),
            "suggestion": {"type": "string"},
            "severity": {"type": "string", "enum": list(SEVERITIES)},
        }
    )
    most = SMALL_FINDINGS if small else MAX_FINDINGS
    return _object({"findings": {"type": "array", "maxItems": most, "items": finding}})


def _line_schema(snippet: Snippet, *, small: bool) -> dict[str, Any]:
    """A number; a small model counts badly and copies a whole numbered line instead."""
    lines = [line for line in _numbered(snippet).split("\n") if line.partition("| ")[2].strip()]
    if small and 0 < len(lines) <= LISTED_LINES:
        return {"type": "string", "enum": lines}
    return {"type": "integer", "minimum": snippet.start_line, "maximum": last_line(snippet)}


def last_line(snippet: Snippet) -> int:
    """The number of the snippet's last line in its file."""
    return snippet.start_line + snippet.code.removesuffix("\n").count("\n")


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _turns(system: str, user: str) -> tuple[dict[str, str], ...]:
    return ({"role": "system", "content": system}, {"role": "user", "content": user})


def _about(snippet: Snippet) -> str:
    language = f"{snippet.language} code" if snippet.language else "Code"
    return f"{language} from {snippet.path}:" if snippet.path else f"{language}:"


def _fenced(snippet: Snippet) -> str:
    # A fence longer than any in the code, so that code that holds Markdown stays whole.
    fence = "```"
    while fence in snippet.code:
        fence += "`"
    return f"{fence}{snippet.language}\n{snippet.code}\n{fence}"


def _numbered(snippet: Snippet) -> str:
    lines = snippet.code.removesuffix("\n").split("\n")
    return "\n".join(f"{number}| {line}" for number, line in enumerate(lines, snippet.start_line))
