"""The lines of the audit log and how each is chained to the one before; no file is opened here.

A line is an object in canonical JSON (sorted keys, no spaces, ASCII) with the fields given,
``seq`` (counted from 1), ``time`` (UTC, ISO 8601), ``prev`` (the hash of the line before) and
``hash``, the SHA-256 of the line's canonical JSON without ``hash``. The head is one line of text
with number and hash of the last line. The format is the product's own.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

RESTART = "restart"
"""The ``kind`` of the first line of a log that follows a damaged one."""
MAX_LINE = 128 * 1024

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_HEAD = re.compile(rb"([0-9]{20}) ([0-9a-f]{64})\n")


class ChainError(ValueError):
    """A line is not what was once written; the message goes on from "The line "."""


@dataclass(frozen=True, slots=True)
class Link:
    """One line's place in the chain. ``before`` is the hash of the line before it."""

    number: int
    hash: str
    before: str = field(default="", compare=False)

    def follows(self, other: Link) -> bool:
        """Say whether this is the very next line after ``other``."""
        return (self.number - 1, self.before) == (other.number, other.hash)


START = Link(0, "0" * 64)
"""What the first line is chained to."""


def write(fields: Mapping[str, Any], time: float, after: Link) -> tuple[bytes, Link]:
    """Return the line that follows ``after``, with its newline, and its link.

    Raises:
        ValueError: it is too long, or ``fields`` are no plain data.
    """
    moment = datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")
    number = after.number + 1
    entry = {
        **fields,
        "seq": number,
        "time": moment.replace("+00:00", "Z"),
        "prev": after.hash,
    }
    entry["hash"] = _digest(entry)
    line = _canonical(entry) + b"\n"
    if len(line) > MAX_LINE:
        raise ValueError(f"a line of it may have {MAX_LINE} bytes at most")
    return line, Link(number, entry["hash"], after.hash)


def read(line: bytes) -> tuple[dict[str, Any], Link]:
    """Return the fields of one line (with its newline) and its link.

    Raises:
        ChainError: it is cut, no audit line at all, or was edited.
    """
    if not line.endswith(b"\n"):
        raise ChainError("is cut")
    try:
        entry = json.loads(line)
        claimed = entry.pop("hash")
        link = Link(entry["seq"], claimed, entry["prev"])
        edited = _canonical({**entry, "hash": claimed}) + b"\n" != line or _digest(entry) != claimed
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise ChainError("is not an audit line") from error
    if edited or type(link.number) is not int or not isinstance(link.before, str):
        raise ChainError("was edited")
    return entry, link


def write_head(link: Link) -> bytes:
    """Return what the head file holds when ``link`` is the last line; always as long."""
    return f"{link.number:020d} {link.hash}\n".encode()


def read_head(content: bytes) -> Link:
    """Return the link that the head knows.

    Raises:
        ChainError: it is not a head.
    """
    found = _HEAD.fullmatch(content)
    if found is None:
        raise ChainError("is not the head of an audit log")
    return Link(int(found[1]), found[2].decode())


def _canonical(entry: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(entry).encode()


def _digest(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(entry)).hexdigest()
