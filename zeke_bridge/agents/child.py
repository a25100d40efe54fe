"""A program that an agent or a tool server is: started for us, and spoken to by its pipes.

Does not know what is spoken, nor how it is started: that is behind ``Start``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from zeke_bridge.model.ended import Ended


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start: ``argv`` without a shell, in the project's directory ``cwd`` (absolute).

    ``pass_on`` names variables of the person's environment that it gets besides (such as the key
    of its provider); ``env`` are variables with their values, which are shown. ``note`` is our own
    sentence of what it is. ``writes`` are places outside the project where it keeps what is its
    own (``~`` is the person's home): in bounds, it may write there as well.
    """

    argv: tuple[str, ...]
    cwd: str
    pass_on: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    note: str = ""
    writes: tuple[str, ...] = ()


class Child(Protocol):
    """It runs. Its process group ends with it, and with the broker."""

    pid: int
    reader: asyncio.StreamReader
    """What it prints."""
    writer: asyncio.StreamWriter
    """What it reads."""

    def errors(self) -> str:
        """The end of what it printed on its error output; not escaped."""
        ...

    async def wait(self) -> Ended:
        """Wait for its end, however long that takes."""
        ...

    async def aclose(self) -> None:
        """Close its input, give it a moment, then end its group."""
        ...


Start = Callable[[Launch], Awaitable[Child]]
"""Asks GhostWarden, then starts it. Raises ``ConsentError`` or ``ProcessError``."""
