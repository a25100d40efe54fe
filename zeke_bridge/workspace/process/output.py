"""The end of what a program prints, within a limit.

As ACP has it for ``terminal/output`` (``outputByteLimit``): what is too much is cut off the
beginning, at the boundary of a character.
"""

from __future__ import annotations

import codecs

_CONTINUES = range(0x80, 0xC0)
# A character has four bytes at most, so three may be left of one.
_MOST_REST = 3


class Tail:
    """Keeps the last ``limit`` bytes of what is added."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self.truncated = False

    def add(self, data: bytes) -> None:
        """Take more output."""
        self._kept += data
        # To cut at each call would move all of it for every few bytes.
        if len(self._kept) > 2 * self._limit + len(data):
            self._cut()

    def text(self, *, final: bool) -> str:
        """Return what is kept, in at most ``limit`` bytes of UTF-8.

        Bytes that are no text become U+FFFD. Unless ``final``, a character of which a part is
        still to come is left for the next time.
        """
        self._cut()
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = decoder.decode(bytes(self._kept), final)
        encoded = text.encode()
        if len(encoded) <= self._limit:
            return text
        # Replacements are longer than what they stand for.
        self.truncated = True
        return _end(encoded, self._limit).decode()

    def take(self, *, final: bool) -> str:
        """Return what ``text`` does and forget it, but for the part of a character."""
        text = self.text(final=final)
        rest = b"" if final else _part(self._kept)
        self._kept, self.truncated = bytearray(rest), False
        return text

    def _cut(self) -> None:
        if len(self._kept) > self._limit:
            self.truncated = True
            self._kept = bytearray(_end(self._kept, self._limit))


def _end(data: bytes | bytearray, limit: int) -> bytes | bytearray:
    """Return the last ``limit`` bytes, or a few less: no character is cut in two."""
    start = len(data) - limit
    last = min(start + _MOST_REST, len(data))
    while start < last and data[start] in _CONTINUES:
        start += 1
    return data[start:]


def _part(data: bytes | bytearray) -> bytes:
    """Return the bytes at the end that begin a character and do not complete it."""
    end = bytes(data[-_MOST_REST:])
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(end)
    return decoder.getstate()[0]
