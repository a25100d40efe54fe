"""What a client says of the cache: the request header ``Cache-Control``. Pure.

Directives are those of RFC 9111, section 5.2.1 (https://www.rfc-editor.org/rfc/rfc9111). Unknown
ones are passed over, as the RFC wants; an age that makes no sense counts as 0, so that a mistake
costs a call and never gives an old answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

# A directive is a token, and may have a token or a quoted string behind it.
_DIRECTIVE = re.compile(
    r"""\s*(?P<name>[^\s,=";]+)\s*(?:=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s,"]*)))?"""
)


@dataclass(frozen=True, slots=True)
class Control:
    """What the cache may do for one question.

    ``lookup``: an answer that was kept, or one that is on its way to somebody else, may be given.
    ``keep``: the answer may be kept. ``max_age``: not one older than this many seconds.
    """

    lookup: bool = True
    keep: bool = True
    max_age: float | None = None


FREE = Control()
_SHORT = 64


def control_of(headers: str | Iterable[str]) -> Control:
    """Read every ``Cache-Control`` line of a request. ``no-store`` wins over all others."""
    line = headers if isinstance(headers, str) else ",".join(headers)
    if not line.strip():
        return FREE
    # Most clients say the same each time; what is long is not remembered.
    return _remembered(line) if len(line) <= _SHORT else _read(line)


def _read(line: str) -> Control:
    directives = list(_directives(line))
    names = {name for name, _ in directives}
    if "no-store" in names:
        return Control(lookup=False, keep=False)
    # Said twice, the shorter age counts: it is the one that both allow.
    ages = [_seconds(value) for name, value in directives if name == "max-age"]
    age = min(ages, default=None)
    return Control(lookup="no-cache" not in names and age != 0, max_age=age)


_remembered = lru_cache(maxsize=64)(_read)


def _directives(line: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(line):
        found = _DIRECTIVE.match(line, at)
        if found is not None:
            yield found["name"].lower(), found["quoted"] or found["plain"] or ""
            at = found.end()
        # Whatever else stands before the next comma is passed over.
        comma = line.find(",", at)
        at = len(line) if comma < 0 else comma + 1


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0
