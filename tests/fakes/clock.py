"""The clock of the running loop in the hands of a test: what takes how long is then no question of
how busy the machine is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ahead(seconds: float) -> Iterator[None]:
    """Meanwhile it is ``seconds`` later: every timer up to then is due."""
    loop = asyncio.get_running_loop()
    now = loop.time
    loop.time = lambda: now() + seconds  # type: ignore[method-assign]
    try:
        yield
    finally:
        loop.time = now  # type: ignore[method-assign]


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """Meanwhile the clock goes on for ``seconds`` and then stands still: no later timer is due."""
    loop = asyncio.get_running_loop()
    now = loop.time
    end = now() + seconds
    loop.time = lambda: min(now(), end)  # type: ignore[method-assign]
    try:
        yield
    finally:
        loop.time = now  # type: ignore[method-assign]
