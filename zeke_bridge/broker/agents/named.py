"""The paths that a declared request names: those it says are paths, and what plainly is one.

What is taken for a path and is none can only make GhostWarden stricter. Looks at no file.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from zeke_bridge.agents.effects import Declared
from zeke_bridge.warden.form import path_problem

MOST_NAMED = 64
NOBODY_KNOWS = ""
"""Stands for a path that is named and not known: no path is empty, so it cannot be resolved."""
_ENDS = ("path", "paths", "file", "files", "filename", "dir", "directory", "folder", "cwd", "uri")
_BEGINS = ("/", "~", "./", "../", "$", "file:")


def named(request: Declared) -> tuple[str, ...]:
    """All that ``request`` names, each once, from the project or from ``/``."""
    found: dict[str, None] = {}
    for path in _said(request):
        found[_plain(path)] = None
        if len(found) > MOST_NAMED:
            return (*list(found)[:MOST_NAMED], NOBODY_KNOWS)
    return tuple(found)


def _said(request: Declared) -> Iterator[str]:
    yield from request.paths
    yield from (path for path, _, _ in request.edits)
    yield from filter(None, [request.cwd])
    yield from (word for word in request.argv if _is_path("", word))
    call = request.raw.get("toolCall", request.raw)
    if isinstance(call, Mapping):
        texts = _texts(call.get("rawInput"))
        yield from (text for key, text in texts if _is_path(key, text))
        # Of results and places only what is called a path; the rest is text.
        told = _texts([call.get("content"), call.get("locations")])
        yield from (text for key, text in told if _says_path(key) and _is_path(key, text))


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every string in ``value`` with the key it stands under; keys that look like a path too."""
    waiting = deque([("", value)])
    while waiting:
        key, one = waiting.popleft()
        if isinstance(one, str):
            yield key, one
        elif isinstance(one, Mapping):
            yield from (("", name) for name in one if "/" in name or "." in name)
            waiting.extend(one.items())
        elif isinstance(one, list | tuple):
            waiting.extend((key, inner) for inner in one)


def _says_path(key: str) -> bool:
    return key.lower().endswith(_ENDS)


def _is_path(key: str, text: str) -> bool:
    if not text or ("://" in text and not text.startswith("file:")):
        return False
    if _says_path(key):
        return True
    if "\n" in text:
        return False
    return text.startswith(_BEGINS) or not (" " in text or path_problem(text))


def _plain(path: str) -> str:
    """``path`` with what programs put in for its beginning."""
    if path.startswith("file:"):
        path = unquote(urlsplit(path).path)
    if not path.startswith(("~", "$")) or "\0" in path:
        return path
    full = os.path.expanduser(os.path.expandvars(path))  # noqa: PTH111 - Path raises without a home
    return NOBODY_KNOWS if full.startswith(("~", "$")) and "/" in full else full
