"""A program of its own: prints the lines that match, of files it is told. See ``search``.

It reads one JSON object from its input (``pattern``, ``names``, ``most``, ``bytes``), and prints a
JSON array ``[name, line, text]`` for each match, or a JSON string for a pattern that is none. It is
ended when it takes too long. Imports nothing of ours, so that it starts at once.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

# A link is not followed; a FIFO would keep us waiting.
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_MOST_SHOWN = 1000


def answer(asked: Mapping[str, Any], out: TextIO) -> None:
    """Print what is found of what was asked."""
    try:
        pattern = re.compile(asked["pattern"])
    except (re.error, RecursionError, OverflowError) as error:
        out.write(json.dumps(str(error)) + "\n")
        return
    left = asked["most"]
    for name in asked["names"]:
        for number, text in found(pattern, lines(name, asked["bytes"])):
            out.write(json.dumps([name, number, text[:_MOST_SHOWN]]) + "\n")
            left -= 1
            if left <= 0:
                return


def found(pattern: re.Pattern[str], texts: list[str]) -> Iterator[tuple[int, str]]:
    """Number and text of each line that matches."""
    return ((number, text) for number, text in enumerate(texts, 1) if pattern.search(text))


def lines(name: str, most: int) -> list[str]:
    """The lines of a file; none of what is no text, too long, or not there."""
    try:
        handle = os.open(name, _OPEN)
    except OSError:
        return []
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return []
        content = file.read(most + 1)
    if len(content) > most or b"\0" in content:
        return []
    return content.decode("utf-8", "replace").removesuffix("\n").split("\n")


if __name__ == "__main__":
    answer(json.load(sys.stdin), sys.stdout)
