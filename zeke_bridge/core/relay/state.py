"""What a core remembers between questions, whatever its configuration says meanwhile.

Every part stands behind the few methods that are used of it here, so that a team can put a shared
one in its place. Does not know providers.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from zeke_bridge.core.cache.answers import AnswerCache
from zeke_bridge.core.cache.flight import Flights
from zeke_bridge.core.limits.limiter import Limiter
from zeke_bridge.core.metrics import Metrics
from zeke_bridge.core.providers.base import Chunk
from zeke_bridge.core.records.book import UsageBook
from zeke_bridge.core.records.entry import Entry
from zeke_bridge.core.records.spent import Spent
from zeke_bridge.core.relay.pledges import Pledges
from zeke_bridge.core.routing.breaker import Breaker

_log = logging.getLogger(__name__)

ENDED = "request ended"
"""What the log calls the end of a question; its ``fields`` are those of ``told``."""


@dataclass(slots=True)
class State:
    """``breakers`` holds one for each provider that has failed of late."""

    book: UsageBook
    limiter: Limiter
    metrics: Metrics
    cache: AnswerCache = field(init=False)
    flights: Flights[list[Chunk]] = field(default_factory=Flights)
    breakers: dict[str, Breaker] = field(default_factory=dict)
    pledges: Pledges = field(default_factory=Pledges)

    def spent(self, now: float) -> Spent:
        """What was spent, and what may yet be by what runs."""
        return self.pledges.on(self.book.spent(now))

    def spent_by(self, client: str, now: float) -> Spent:
        """The same for one client."""
        return self.pledges.on(self.book.spent_by(client, now), client)

    def note(self, entry: Entry) -> None:
        """Write down what became of one question."""
        told(entry)
        self.book.record(entry)
        self.metrics.observe(entry)

    def resting(self, now: float) -> dict[str, str]:
        """The providers that are left alone for a while, and for how long still."""
        return {
            name: words for name, breaker in self.breakers.items() if (words := breaker.words(now))
        }

    def begun(self, provider: str, now: float) -> None:
        """Say that ``provider`` is being asked."""
        if breaker := self.breakers.get(provider):
            self.breakers[provider] = breaker.begun(now)

    def left(self, provider: str) -> None:
        """Say that nobody waited for what ``provider`` would answer."""
        if breaker := self.breakers.get(provider):
            self.breakers[provider] = breaker.left()

    def failed(self, provider: str, now: float, retry_after: float | None, jitter: float) -> None:
        """Say that ``provider`` did not answer a question that it should have."""
        breaker = self.breakers.get(provider, Breaker())
        self.breakers[provider] = breaker.failed(now, retry_after, jitter)

    def succeeded(self, provider: str) -> None:
        """Say that ``provider`` answered."""
        self.breakers.pop(provider, None)


def told(entry: Entry) -> None:
    """Say in the log what became of one question: names and counts, nothing of its text."""
    if not _log.isEnabledFor(logging.INFO):
        return
    fields = {
        "request_id": entry.request_id,
        "task": entry.task,
        "model": f"{entry.provider}:{entry.model}" if entry.provider else "",
        "status": entry.status,
        "reason": entry.reason,
        "seconds": round(entry.seconds, 3),
        "tokens": entry.usage.total_tokens,
        "cost": entry.cost,
        "client": entry.client,
        "cached": entry.cached,
        "streamed": entry.streamed,
    }
    _log.info(ENDED, extra={"fields": fields})
