"""Text as itself in Markdown, which is what clients show titles and contents as. Pure."""

from __future__ import annotations

import re

_TICKS = re.compile(r"`+")


def code(text: str) -> str:
    """``text``, one line, as a code span: no part of it is read as a link, or as nothing."""
    fence = "`" * (_longest(text) + 1)
    # A span that begins or ends with a backtick or a blank needs a blank that is not part of it.
    room = " " if not text.strip(" ") or text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{room}{text}{room}{fence}"


def block(text: str, language: str = "") -> str:
    """``text`` as a fenced block."""
    fence = "`" * max(3, _longest(text) + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"


def _longest(text: str) -> int:
    return max((len(found) for found in _TICKS.findall(text)), default=0)
