"""The paths that a declared request names: those it says are paths, and what plainly is one.

Text is looked at word by word, the title too. What is taken for a path and is none can only make
GhostWarden stricter. Looks at no file.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from zeke_bridge.agents.effects import Declared
from zeke_bridge.warden.form import path_problem
from zeke_bridge.warden.lists import is_protected, is_secret
from zeke_bridge.warden.spelling import disguises

MOST_NAMED = 64
MOST_TEXT = 64 * 1024
"""Characters that are looked at; who says more has named what nobody knows."""
NOBODY_KNOWS = ""
"""Stands for a path that is named and not known: no path is empty, so it cannot be resolved."""
_ENDS = ("path", "paths", "file", "files", "filename", "dir", "directory", "folder", "cwd", "uri")
_BEGINS = ("/", "~", "./", "../", "$")
_FILE = "file:"
# What ends a word of a sentence or of a command; and what a path may follow within one.
_BETWEEN = re.compile(r"""[\s"'`<>|;&(){}\[\],]+""")
_WITHIN = re.compile(r"[=:@]")
_AFTER = "!?.:"
_GLUED = re.compile(r"^-\w*(?=[/~$])")


def named(request: Declared, root: str) -> tuple[str, ...]:
    """All that ``request`` names, each once, from the project at ``root`` or from ``/``."""
    found: dict[str, None] = {}
    for path in _said(request, root):
        found[_plain(path)] = None
        if len(found) > MOST_NAMED:
            return (*list(found)[:MOST_NAMED], NOBODY_KNOWS)
    return tuple(found)


def _said(request: Declared, root: str) -> Iterator[str]:
    yield from request.paths
    yield from (path for path, _, _ in request.edits)
    yield from filter(None, [request.cwd])
    texts = [("", request.title), *(("", word) for word in request.argv)]
    yield from (word for word in request.argv if _is_path("", word))
    call = request.raw.get("toolCall", request.raw)
    if isinstance(call, Mapping):
        given = list(_texts(call.get("rawInput")))
        yield from (text for key, text in given if _is_path(key, text))
        # Of results and places what is called a path; the words of the rest, but not of files.
        told = list(_texts([call.get("content"), call.get("locations")]))
        yield from (text for key, text in told if _says_path(key) and _is_path(key, text))
        texts += [*given, *(one for one in told if one[0] == "text")]
    said = [text for _, text in texts]
    if _BETWEEN.search(root):
        # The name of the project is no end of a word.
        said = [text.replace(f"{root}/", "./") for text in said]
    yield from _paths_within(said)


def _paths_within(texts: list[str]) -> Iterator[str]:
    """Words that are a path, or are called like what is asked about each time."""
    if sum(map(len, texts)) > MOST_TEXT:
        yield NOBODY_KNOWS
        return
    words = dict.fromkeys(word for text in texts for word in _BETWEEN.split(text) if word)
    for word in words:
        at = word.lower().find(_FILE)
        if at >= 0:
            yield word[at:]
        elif "://" not in word:
            first, *after = _WITHIN.split(word)
            # What begins as a path goes on: there, a first piece would be another one.
            pieces = [word, *after] if word.startswith(_BEGINS) else [word, first, *after]
            for piece in dict.fromkeys((*pieces, _GLUED.sub("", word))):
                yield from filter(_looks_so, dict.fromkeys((piece, piece.rstrip(_AFTER))))


def _looks_so(word: str) -> bool:
    if not word or "/" in word or word.startswith(_BEGINS):
        return bool(word)
    forms = disguises([word])
    return is_secret(forms) or is_protected(forms, on_runtimepath=False)


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every string in ``value`` with the key it stands under; keys that look like a path too."""
    waiting = deque([("", value)])
    while waiting:
        key, one = waiting.popleft()
        if isinstance(one, str):
            yield key, one
        elif isinstance(one, Mapping):
            yield from (("", name) for name in one if _is_called_so(name))
            waiting.extend(one.items())
        elif isinstance(one, list | tuple):
            waiting.extend((key, inner) for inner in one)


def _is_called_so(name: str) -> bool:
    return "/" in name or "." in name or name.startswith(_BEGINS)


def _says_path(key: str) -> bool:
    return key.lower().endswith(_ENDS)


def _is_path(key: str, text: str) -> bool:
    if not text or ("://" in text and not _is_file(text)):
        return False
    if _says_path(key):
        return True
    if "\n" in text:
        return False
    return text.startswith(_BEGINS) or _is_file(text) or not (" " in text or path_problem(text))


def _is_file(text: str) -> bool:
    """Whether it is an address of a file; a scheme has no case (RFC 3986, 3.1)."""
    return text[: len(_FILE)].lower() == _FILE


def _plain(path: str) -> str:
    """``path`` with what programs put in for its beginning."""
    if _is_file(path):
        try:
            path = unquote(urlsplit(path).path)
        except ValueError:
            return NOBODY_KNOWS
    if not path.startswith(("~", "$")) or "\0" in path:
        return path
    full = os.path.expanduser(os.path.expandvars(path))  # noqa: PTH111 - Path raises without a home
    return NOBODY_KNOWS if full.startswith(("~", "$")) and "/" in full else full
