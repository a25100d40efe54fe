"""What became of one question, as it is written down: counts and names, nothing of its text."""

from __future__ import annotations

from dataclasses import dataclass

from zeke_bridge.model.exchange import Usage

OK = "ok"
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the usage book.

    ``time`` in seconds since the epoch, at the end; ``seconds`` is how long it took,
    ``first_token`` how long until anything came. ``status`` is ``ok``, ``cancelled`` (the client
    left) or the code of an error. ``cost`` and ``saved`` (by the cache) in US dollars; not
    ``priced`` when nobody knows the price, and they are 0 then. ``failed`` names the providers that
    were tried before this one and did not answer. Without a provider nobody was asked.
    """

    time: float
    request_id: str
    client: str
    project: str
    provider: str
    model: str
    task: str
    reason: str
    status: str
    usage: Usage
    cost: float
    saved: float
    seconds: float
    first_token: float | None
    cached: bool
    streamed: bool
    failed: tuple[str, ...] = ()
    priced: bool = True

    @property
    def blames(self) -> bool:
        """Whether it failed through the provider, and not through what was asked of it."""
        return bool(self.provider) and self.status in FAULTS

    @property
    def broke(self) -> bool:
        """Whether it ended in an error; to leave early is none."""
        return self.status not in {OK, CANCELLED}


FAULTS = frozenset(
    {
        "unreachable",
        "timed_out",
        "bad_answer",
        "auth_failed",
        "rate_limited",
        "provider_failed",
        "overloaded",
    }
)
"""The errors (see ``model.errors``) that say of a provider that it was not there."""
