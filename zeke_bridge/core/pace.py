"""How long one question has taken so far, and its pauses: where a test lets time pass at once."""

from __future__ import annotations

import asyncio
from time import perf_counter


class Pace:
    """Counts from the moment it is made."""

    def __init__(self) -> None:
        self._began = perf_counter()

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return perf_counter() - self._began

    async def pause(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
