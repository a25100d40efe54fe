"""The log: a line of JSON for each thing seen, from many processes at once."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from zeke_denied.doer import IN_PRODUCT

# Tests replace some of these, so that a disk is full or a name is taken.
_open, _write, _close = os.open, os.write, os.close
_busy = threading.local()
_MOST = 600


def is_busy() -> bool:
    """Whether this thread is writing a note itself."""
    return getattr(_busy, "now", False)


@contextmanager
def unwatched() -> Iterator[None]:
    """What this thread does meanwhile is the observer's own."""
    before = is_busy()
    _busy.now = True
    try:
        yield
    finally:
        _busy.now = before


def note(effect: str, target: str, chain: Sequence[str]) -> None:
    """Write down an ``effect``; ``chain`` are the places in the product that led to it."""
    line = {
        "effect": effect,
        "target": target[:_MOST],
        "chain": list(chain),
        "test": os.environ.get("PYTEST_CURRENT_TEST", ""),
        "product": IN_PRODUCT,
        "pid": os.getpid(),
    }
    with unwatched():
        handle = _open(os.environ["ZEKE_DENIED_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            _write(handle, json.dumps(line).encode() + b"\n")
        finally:
            _close(handle)
