"""A token bucket as values: what is left in it, and how long until there is enough. Pure.

A bucket fills with ``rate`` a second up to ``burst``, and each question takes something out. In any
stretch of ``t`` seconds no more than ``rate * t + burst`` is taken. What is larger than the bucket
is given when the bucket is full, and leaves a debt: it has to wait, but it does not wait for ever.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

# What rounding may take from a wait, far below what anybody can measure.
_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Size:
    """How fast a bucket fills, a second, and how much it holds."""

    rate: float
    burst: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """``level`` is what was left at the time ``at``; below zero it is a debt."""

    level: float
    at: float

    def filled(self, size: Size, now: float) -> Bucket:
        """The bucket ``now``. A clock that was put back adds nothing and takes nothing."""
        gained = size.rate * max(0.0, now - self.at)
        return Bucket(min(size.burst, self.level + gained), now)

    def wait(self, size: Size, amount: float, now: float) -> float:
        """Seconds until ``amount`` can be taken: 0 for at once, infinite for never."""
        if size.burst <= 0 < amount:
            return math.inf
        missing = min(amount, size.burst) - self.filled(size, now).level
        if missing <= _EXACT * max(1.0, size.burst):
            return 0.0
        return missing / size.rate if size.rate > 0 else math.inf

    def taken(self, size: Size, amount: float, now: float) -> Bucket:
        """The bucket without ``amount``, which may be negative: then it is given back."""
        level = self.filled(size, now).level - amount
        return Bucket(min(size.burst, level), now)

    def full_in(self, size: Size, now: float) -> float:
        """Seconds until nothing is missing."""
        return self.wait(size, size.burst, now)


@lru_cache(maxsize=1024)
def a_minute(amount: float) -> Size:
    """The size of a bucket that lets ``amount`` through a minute, all of it at once if need be."""
    # One question must fit, however slowly the bucket fills.
    return Size(amount / 60.0, max(amount, 1.0) if amount > 0 else 0.0)


def full(size: Size, now: float) -> Bucket:
    """A bucket that nobody has taken anything from."""
    return Bucket(size.burst, now)
