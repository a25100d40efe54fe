"""Long lines broken for a window of 80 columns, so that nothing of them is cut there.

Text of several lines is broken after each of them, too: a program is read line by line.

A line that goes on begins with ``…``, which text from outside cannot (``escape`` writes it
otherwise). Knows nothing of what the lines say.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

# What a window of 80 columns has left beside its border.
WIDTH = 74
_WIDE = ("W", "F")
_GOES_ON = "  … "
_LEAST = 10
# What ``escape`` makes of the end of a line.
_END_OF_LINE = "\\u{a}"


def wrap(mark: str, text: str, indent: str = "") -> list[str]:
    """Return ``mark`` and ``text`` (escaped) as lines; those that go on begin with ``indent``."""
    others = indent + _GOES_ON
    *ended, last = text.split(_END_OF_LINE)
    room, pieces = WIDTH - len(mark), list[str]()
    for line in (*(line + _END_OF_LINE for line in ended), *([last] if last else [])):
        pieces += _broken(line, room, WIDTH - len(others))
        room = WIDTH - len(others)
    first, *rest = pieces or [""]
    return [mark + first, *(others + piece for piece in rest)]


def _broken(text: str, first: int, others: int) -> Iterator[str]:
    """Break ``text`` anywhere but before a mark that would join what stands before it."""
    piece: list[str] = []
    left = max(first, _LEAST)
    for char in text:
        cells = 2 if unicodedata.east_asian_width(char) in _WIDE else 1
        if cells > left and not unicodedata.category(char).startswith("M"):
            yield "".join(piece)
            piece, left = [], max(others, _LEAST)
        piece.append(char)
        left -= cells
    yield "".join(piece)
