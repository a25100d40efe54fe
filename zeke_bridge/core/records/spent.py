"""What was spent in this hour, on this day and in this month: counters that cost nothing to read.

Pure but for the time zone. Does not know where entries are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zeke_bridge.core.records import calendar


@dataclass(frozen=True, slots=True)
class Spent:
    """US dollars, by the local calendar."""

    hour: float = 0.0
    day: float = 0.0
    month: float = 0.0


@dataclass(frozen=True, slots=True)
class Payment:
    """``cost`` US dollars at ``time``, by ``client``."""

    time: float
    client: str
    cost: float

    def undone(self) -> Payment:
        """What takes it back."""
        return Payment(self.time, self.client, -self.cost)


class _Period:
    """The current hour, day or month, and what each client spent in it."""

    def __init__(self) -> None:
        self.begin = 0.0
        self.end = 0.0
        self.total = 0.0
        self.clients: dict[str, float] = {}

    def enter(self, begin: float, end: float) -> None:
        self.begin, self.end, self.total = begin, end, 0.0
        self.clients.clear()

    def add(self, payment: Payment) -> None:
        self.total += payment.cost
        self.clients[payment.client] = self.clients.get(payment.client, 0.0) + payment.cost


class Counters:
    """Sums over payments. A period that has ended is forgotten when a time after it comes up.

    ``earlier`` are payments of any age, of which those count that belong to a period of ``now``.
    """

    def __init__(self, now: float, earlier: Iterable[Payment] = ()) -> None:
        self._periods = (_Period(), _Period(), _Period())
        self._until = 0.0
        self._turn(now)
        for payment in earlier:
            for period in self._periods:
                if period.begin <= payment.time < period.end:
                    period.add(payment)

    def add(self, payment: Payment) -> None:
        """Count ``payment``, which is of now even when a clock that was put back disagrees."""
        self._turn(payment.time)
        for period in self._periods:
            period.add(payment)

    def spent(self, now: float) -> Spent:
        """By everybody."""
        self._turn(now)
        return Spent(*(period.total for period in self._periods))

    def spent_by(self, client: str, now: float) -> Spent:
        """By ``client`` alone."""
        self._turn(now)
        return Spent(*(period.clients.get(client, 0.0) for period in self._periods))

    def payments(self) -> list[Payment]:
        """Payments that would give the same sums."""
        made = []
        shorter: dict[str, float] = {}
        for period in self._periods:
            for client, cost in period.clients.items():
                made.append(Payment(period.begin, client, cost - shorter.get(client, 0.0)))
            shorter = dict(period.clients)
        return made

    def _turn(self, now: float) -> None:
        """Begin anew what has ended by ``now``. A clock that was put back ends nothing."""
        if now < self._until:
            return
        day = calendar.today(now)
        hour = calendar.hour_start(now)
        begins = (hour, calendar.day_start(day), calendar.day_start(calendar.month_start(day)))
        ends = (
            hour + 3600.0,
            calendar.day_start(calendar.tomorrow(day)),
            calendar.day_start(calendar.month_end(day)),
        )
        for period, begin, end in zip(self._periods, begins, ends, strict=True):
            if now >= period.end:
                period.enter(begin, end)
        self._until = min(period.end for period in self._periods)
