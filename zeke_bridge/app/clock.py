"""The system's clock, for all that takes one."""

from __future__ import annotations

import time


class SystemClock:
    """Seconds since the epoch."""

    def now(self) -> float:
        """Now, UTC."""
        return time.time()
