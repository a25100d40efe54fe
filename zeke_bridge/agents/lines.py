"""Bytes from a program cut into lines, with a limit. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_VALUES = 200_000
"""Of JSON in one line."""
# Lines below this cannot hold too many values.
_SMALL = 2 * MAX_VALUES
# One that does not end goes to the end of the line: each byte is looked at once.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)


class Lines:
    """A line of more than ``most`` bytes is dropped as it comes, and given as None."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rest = bytearray()
        self._dropping = False

    def feed(self, data: bytes) -> Iterator[bytes | None]:
        """Yield the lines that end in ``data``, without their ends and without empty ones."""
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            self._keep(data[start:end])
            start = end + 1
            if self._dropping:
                self._dropping = False
                yield None
            elif line := bytes(self._rest).strip():
                yield line
            self._rest.clear()
        self._keep(data[start:])

    def _keep(self, piece: bytes) -> None:
        if self._dropping or len(self._rest) + len(piece) > self._most:
            self._dropping = True
            self._rest.clear()
        else:
            self._rest += piece


def has_too_many(line: bytes) -> bool:
    """Say whether a line has more values than are read while others wait."""
    if len(line) <= _SMALL:
        return False
    bare = _STRING.sub(b"", line)
    return bare.count(b",") + bare.count(b"[") + bare.count(b"{") > MAX_VALUES
