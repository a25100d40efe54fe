"""How fast a program may talk: faster than anybody can read, slower than it can flood. Pure."""

from __future__ import annotations

_RATE = 2_000.0
"""Lines a second, in the long run."""
_BURST = 4_000.0
_BYTES = 4_096
"""A line of this length counts twice, of twice this length three times, and so on."""


class Pace:
    """A token bucket; the pipe is left alone until there is a token again."""

    def __init__(self, now: float) -> None:
        self._level = _BURST
        self._then = now

    def wait(self, now: float, size: int) -> float:
        """Seconds to wait before the next line, after one of ``size`` bytes."""
        self._level = min(_BURST, self._level + (now - self._then) * _RATE)
        self._then = now
        self._level -= 1 + size / _BYTES
        return max(0.0, -self._level / _RATE)
