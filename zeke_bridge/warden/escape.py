r"""Text from outside made safe to show: what is invisible or moves the cursor becomes visible.

``\u{202e}`` stands for the character U+202E; a backslash that would read as the start of such an
escape is itself written ``\u{5c}``, so two different texts never look the same. A tab becomes an
arrow and three spaces, and a real arrow an escape. Knows nothing of prompts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from zeke_bridge.warden.spelling import is_invisible

_TAB = "→   "
# What we write ourselves, and a blank that is no space (Braille pattern without dots).
_OURS = frozenset("→…\u2800")
# Controls, formats, surrogates, private use, unassigned; all separators but the plain space.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me"})
# Marks beyond this many on one letter are there to draw over other lines.
_MAX_MARKS = 2


def escape(text: str) -> str:
    """Every character of ``text`` visible and on one line; injective."""
    if text.isascii() and text.isprintable() and "\\u{" not in text:
        return text
    return "".join(_tokens(text))


def shorten(text: str, limit: int) -> str:
    """``escape(text)`` with at most ``limit`` shown characters of it: both ends and a count.

    The ``…`` of the count cannot come from ``text``.
    """
    if len(text) <= limit:
        return escape(text)
    tokens = _tokens(text)
    if len(tokens) <= limit:
        return "".join(tokens)
    head = (limit + 1) // 2
    tail = limit - head
    left_out = len(tokens) - head - tail
    end = "".join(tokens[len(tokens) - tail :])
    return f"{''.join(tokens[:head])}…({left_out} more)…{end}"


def shorten_lines(lines: Sequence[str], max_lines: int, max_width: int) -> tuple[str, ...]:
    """Each line escaped and shortened by itself; of too many, both ends and a count."""
    if len(lines) <= max_lines:
        return tuple(shorten(line, max_width) for line in lines)
    head = max_lines // 2
    tail = max_lines - head - 1
    left_out = len(lines) - head - tail
    return (
        *(shorten(line, max_width) for line in lines[:head]),
        f"…({left_out} more lines)…",
        *(shorten(line, max_width) for line in lines[len(lines) - tail :]),
    )


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    marks = 0
    for at, char in enumerate(text):
        category = unicodedata.category(char)
        marks = marks + 1 if category in _MARKS else 0
        if char == " " or (char.isascii() and char.isprintable() and char != "\\"):
            tokens.append(char)
        elif char == "\\":
            tokens.append(_code(char) if text.startswith("u{", at + 1) else char)
        elif char == "\t":
            tokens.append(_TAB)
        elif (
            category in _HIDDEN
            or char in _OURS
            or is_invisible(char)
            or marks > _MAX_MARKS
            or (marks and not _has_base(text, at - marks))
        ):
            tokens.append(_code(char))
        else:
            tokens.append(char)
    return tokens


def _has_base(text: str, at: int) -> bool:
    """Say whether the marks after ``at`` stand on a letter of the text, not on one of ours."""
    return at >= 0 and text[at].isalnum()


def _code(char: str) -> str:
    return f"\\u{{{ord(char):x}}}"
