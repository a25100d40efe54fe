"""The text of an ``answer`` step as it comes, out of the JSON that it is in. Pure."""

from __future__ import annotations

import json
import re

_BEGIN = re.compile(r'\s*\{\s*"tool"\s*:\s*"answer"\s*,\s*"arguments"\s*:\s*\{\s*"text"\s*:\s*"')
# The whole characters of a JSON text: anything plain, and whole escapes.
_WHOLE = re.compile(r'(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*')
_HALF = re.compile("[\ud800-\udbff]$")


class AnswerText:
    """Fed the JSON in pieces, it gives the text in pieces; nothing for any other step."""

    def __init__(self) -> None:
        self._raw = ""
        self._given = 0

    def feed(self, piece: str) -> str:
        """What ``piece`` adds to the text."""
        self._raw += piece
        begun = _BEGIN.match(self._raw)
        if begun is None:
            return ""
        found = _WHOLE.match(self._raw, begun.end())
        try:
            text: str = json.loads(f'"{found[0] if found else ""}"', strict=False)
        except ValueError:
            return ""
        # The first half of a pair waits for the second.
        text = _HALF.sub("", text)
        new, self._given = text[self._given :], max(self._given, len(text))
        return new
