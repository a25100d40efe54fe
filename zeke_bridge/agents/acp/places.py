"""The files that a tool call names in ``rawInput``, by the keys that agents name files with.

ACP has ``locations`` and diffs for that, and leaves ``rawInput`` to the agent: this is for one that
says it nowhere else. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

_MOST = 100
_LONGEST = 4096
_ENDS = ("path", "paths", "file", "files", "filename", "uri")
_ENTIRE = frozenset({"from", "to", "source", "destination", "src", "dst", "target"})


def places(raw: Any) -> list[str]:
    """Each once, as they are said, but for ``file:`` addresses; at most a hundred."""
    found: dict[str, None] = {}
    for text in _texts(raw):
        if text and len(text) <= _LONGEST and "\n" not in text:
            found[_path(text)] = None
            if len(found) == _MOST:
                break
    return list(found)


def _texts(raw: Any) -> Iterator[str]:
    waiting = deque([("", raw)])
    while waiting:
        key, one = waiting.popleft()
        if isinstance(one, dict):
            waiting.extend(one.items())
        elif isinstance(one, list):
            waiting.extend((key, inner) for inner in one)
        elif isinstance(one, str) and (key.lower().endswith(_ENDS) or key.lower() in _ENTIRE):
            yield one


def _path(text: str) -> str:
    if text[:5].lower() != "file:":
        return text
    try:
        return unquote(urlsplit(text).path) or text
    except ValueError:
        return text
