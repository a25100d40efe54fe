"""The words in which a model is shown what a person mentioned. Pure.

Each text stands in a fence that nothing in it can close, and each path is one visible line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from zeke_bridge.broker.attachments.part import Part
from zeke_bridge.warden.escape import escape

_RUNS = re.compile("`+")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,32}")
_SHORTEST = 3
_NAMES = {
    "file": "The file",
    "buffer": "The buffer",
    "selection": "The selection of",
    "diagnostics": "The diagnostics of",
    "diff": "The changes since the last commit",
    "quickfix": "The list entries of",
    "symbol": "The definition in",
}
_NAMELESS = {
    "buffer": "The buffer without a name",
    "selection": "The selection",
    "diagnostics": "The diagnostics",
    "quickfix": "The list entries",
    "symbol": "The definition",
}


def rendered(parts: Iterable[Part]) -> str:
    """The text that stands before the message; empty without parts."""
    return "\n\n".join(map(_block, parts))


def fence(text: str) -> str:
    """A fence longer than every run of backticks in ``text``."""
    longest = max((len(run) for run in _RUNS.findall(text)), default=0)
    return "`" * max(_SHORTEST, longest + 1)


def _block(part: Part) -> str:
    name = _name(part)
    if part.state == "empty":
        return f"{name}: empty."
    if part.state != "sent":
        # Why is between the person and the editor.
        return f"{name}: not shown to you."
    marks = fence(part.text)
    language = part.language if _LANGUAGE.fullmatch(part.language) else ""
    end = "" if part.text.endswith("\n") else "\n"
    return f"{name}:\n{marks}{language}\n{part.text}{end}{marks}"


def _name(part: Part) -> str:
    """What it is called, so that the question's own words lead to it."""
    label = escape(part.label)
    if part.path:
        name = f"{_NAMES[part.kind]} {escape(part.path)}"
    else:
        name = _NAMELESS.get(part.kind, _NAMES[part.kind])
    if part.first and part.state == "sent":
        last = part.first + part.text.removesuffix("\n").count("\n")
        name = f"{name}, lines {part.first}-{last}"
    return f"{name} ({label})" if label else name
