"""The newest lines of the audit log, read from its end: what a person asks about first.

The log may have hundreds of megabytes and damaged places; only so much of it is read as is
needed, and what is no audit line is passed over. Does not say whether the chain holds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from zeke_bridge.store import chain

# A project that was not used for so long has no recent lines.
MAX_BYTES = 16 * 1024 * 1024
_BLOCK = 64 * 1024
# ``unmediated``: what somebody has reported to have done without asking.
_DECIDED = frozenset({"verdict", "unmediated"})
_TEXTS = ("time", "op", "target", "to", "subject", "verdict", "step", "by", "risk")


def folded(log: int, root: str) -> Iterator[dict[str, Any]]:
    """Yield the verdicts of the project at ``root`` in the open file ``log``, newest first.

    Each has the texts above and ``result``, taken from the line that tells what became of it.
    """
    wanted = f'"root":{json.dumps(root)}'.encode()
    results: dict[tuple[object, ...], str] = {}
    for line in backward(log, os.fstat(log).st_size):
        if wanted not in line:
            continue
        try:
            entry, _ = chain.read(line)
        except chain.ChainError:
            continue
        texts = {name: entry.get(name) for name in (*_TEXTS, "kind", "root", "digest")}
        if texts["root"] != root or not all(isinstance(text, str) for text in texts.values()):
            continue
        # Equal actions may overlap; which of them a result is of, its step and its grant tell.
        key = (texts["digest"], texts["step"], texts["by"])
        if texts["kind"] == "result":
            results[key] = str(entry.get("result", ""))
        elif texts["kind"] in _DECIDED:
            told = results.pop(key, "") or _lines(entry)
            yield {name: texts[name] for name in _TEXTS} | {"result": told}


def _lines(entry: Mapping[str, Any]) -> str:
    """What a change that was only reported has changed."""
    if entry["kind"] != "unmediated":
        return ""
    return f"+{entry.get('added', 0)} -{entry.get('removed', 0)}"


def backward(log: int, end: int) -> Iterator[bytes]:
    """Yield the lines before byte ``end``, the last one first, each with its newline if it has one.

    Goes back ``MAX_BYTES``; a line that is longer than any can be is passed over.
    """
    stop = max(0, end - MAX_BYTES)
    held = b""
    while end > stop:
        start = max(stop, end - _BLOCK)
        held = os.pread(log, end - start, start) + held
        end = start
        # The first line of what was read may begin further up.
        first, newline, rest = held.partition(b"\n")
        *lines, unfinished = rest.split(b"\n")
        if unfinished:
            yield unfinished
        for line in reversed(lines):
            yield line + b"\n"
        held = first + newline if len(first) < chain.MAX_LINE else b""
    if stop == 0 and held:
        yield held
