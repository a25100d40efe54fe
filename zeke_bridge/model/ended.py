"""How a program ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ended:
    """``code``, or the name of the ``signal`` that ended it; ``timed_out``: we did, for time."""

    code: int | None
    signal: str | None = None
    timed_out: bool = False
