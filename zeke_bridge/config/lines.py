"""The line of every key in a TOML text, which ``tomllib`` does not tell.

For texts that ``tomllib`` has read already: of anything else it finds what it can, and never fails.
Grammar: https://toml.io/en/v1.0.0. Pure.
"""

from __future__ import annotations

import bisect
import contextlib
import re
import tomllib

Place = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG = (
    # Up to two quotes may stand before the three that close.
    re.compile(r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}', re.DOTALL),
    re.compile(r"'''(?:[^']|'{1,2}(?!'))*'{3,5}"),
)
_SCALAR = re.compile(r"[^,\]}\n#]*")


class _StrangeError(Exception):
    pass


def lines(text: str) -> dict[Place, int]:
    """The line, from 1, of each key, table and list element."""
    scan = _Scan(text)
    with contextlib.suppress(_StrangeError, RecursionError):
        scan.document()
    return scan.found


class _Scan:
    def __init__(self, text: str) -> None:
        self.found: dict[Place, int] = {}
        self._text = text
        self._at = 0
        self._starts = [0, *(place.end() for place in re.finditer("\n", text))]
        self._lists: dict[Place, int] = {}

    def document(self) -> None:
        prefix: Place = ()
        while True:
            self._take(_BLANK)
            if self._at >= len(self._text):
                return
            if self._sees("["):
                prefix = self._header()
            else:
                self._pair(prefix)

    def _header(self) -> Place:
        start = self._at
        several = self._text.startswith("[[", start)
        self._at += 2 if several else 1
        keys = self._keys()
        self._expect("]]" if several else "]")
        place: Place = ()
        for depth, key in enumerate(keys, 1):
            place = (*place, key)
            self._mark(place, start)
            if several and depth == len(keys):
                self._lists[place] = self._lists.get(place, -1) + 1
            if place in self._lists:
                place = (*place, self._lists[place])
                self._mark(place, start)
        return place

    def _pair(self, prefix: Place) -> None:
        start = self._at
        place = prefix
        for key in self._keys():
            place = (*place, key)
            self._mark(place, start)
        self._expect("=")
        self._value(place)

    def _keys(self) -> list[str]:
        keys = [self._key()]
        while self._sees("."):
            self._at += 1
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        self._take(_SPACE)
        if self._sees('"'):
            key = str(tomllib.loads(f"k = {self._take(_BASIC)}")["k"])
        elif self._sees("'"):
            key = self._take(_LITERAL)[1:-1]
        else:
            key = self._take(_BARE)
        self._take(_SPACE)
        return key

    def _value(self, place: Place) -> None:
        self._take(_SPACE)
        if self._sees("["):
            self._array(place)
        elif self._sees("{"):
            self._inline(place)
        elif self._sees('"""') or self._sees("'''"):
            self._take(_LONG[0] if self._sees('"') else _LONG[1])
        elif self._sees('"'):
            self._take(_BASIC)
        elif self._sees("'"):
            self._take(_LITERAL)
        else:
            self._take(_SCALAR)
        self._take(_SPACE)

    def _array(self, place: Place) -> None:
        self._at += 1
        number = 0
        while True:
            self._take(_BLANK)
            if self._sees("]"):
                self._at += 1
                return
            self._mark((*place, number), self._at)
            self._value((*place, number))
            number += 1
            self._take(_BLANK)
            if not self._sees("]"):
                self._expect(",")

    def _inline(self, place: Place) -> None:
        self._at += 1
        while True:
            self._take(_BLANK)
            if self._sees("}"):
                self._at += 1
                return
            self._pair(place)
            self._take(_BLANK)
            if not self._sees("}"):
                self._expect(",")

    def _mark(self, place: Place, at: int) -> None:
        self.found.setdefault(place, bisect.bisect_right(self._starts, at))

    def _sees(self, piece: str) -> bool:
        return self._text.startswith(piece, self._at)

    def _expect(self, piece: str) -> None:
        if not self._sees(piece):
            raise _StrangeError
        self._at += len(piece)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise _StrangeError
        self._at = found.end()
        return found[0]
