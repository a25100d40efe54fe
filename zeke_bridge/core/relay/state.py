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
from zeke_bridge.core.relay.pledges import Pledges
from zeke_bridge.core.routing.breakers import Breakers

_log = logging.getLogger(__name__)

ENDED = "request ended"
"""What the log calls the end of a question; its ``fields`` are those of ``told``."""


@dataclass(slots=True)
class State:
    """``cache`` is set by who knows what is to be kept, and for how long."""

    book: UsageBook
    limiter: Limiter
    metrics: Metrics
    cache: AnswerCache = field(init=False)
    flights: Flights[list[Chunk]] = field(default_factory=Flights)
    breakers: Breakers = field(default_factory=Breakers)
    pledges: Pledges = field(default_factory=Pledges)

    def note(self, entry: Entry) -> None:
        """Write down what became of one question."""
        told(entry)
        self.book.record(entry)
        self.metrics.observe(entry)


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
