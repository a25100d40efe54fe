"""Bytes from a program cut into lines, with a limit. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

EDGE = 8 * 1024
MAX_VALUES = 200_000
"""Of JSON in one line."""
# Lines below this cannot hold too many values.
_SMALL = 2 * MAX_VALUES
# One that does not end goes to the end of the line: each byte is looked at once.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Edges:
    """How a line begins and how it ends: ``EDGE`` bytes each, or all of it where it is short."""

    first: bytes
    last: bytes

    @staticmethod
    def of(line: bytes) -> Edges:
        """Those of a whole line."""
        return Edges(line[:EDGE], line[-EDGE:])


class Lines:
    """A line of more than ``most`` bytes is dropped as it comes, and its edges are given."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rest = bytearray()
        self._first: bytes | None = None
        """Of a line that is being dropped."""

    def feed(self, data: bytes) -> Iterator[bytes | Edges]:
        """Yield the lines that end in ``data``, without their ends and without empty ones."""
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            self._keep(data[start:end])
            start = end + 1
            first, line = self._first, bytes(self._rest).strip()
            self._first = None
            self._rest.clear()
            if first is not None:
                yield Edges(first.lstrip(), line)
            elif line:
                yield line
        self._keep(data[start:])

    def _keep(self, piece: bytes) -> None:
        if self._first is None and len(self._rest) + len(piece) > self._most:
            self._first = bytes((self._rest[:EDGE] + piece[:EDGE])[:EDGE])
        self._rest += piece
        if self._first is not None:
            del self._rest[:-EDGE]


def has_too_many(line: bytes) -> bool:
    """Say whether a line has more values than are read while others wait."""
    if len(line) <= _SMALL:
        return False
    bare = _STRING.sub(b"", line)
    return bare.count(b",") + bare.count(b"[") + bare.count(b"{") > MAX_VALUES
