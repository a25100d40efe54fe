"""Who asks: one client of the core, and what it may use. Knows no key and no HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from zeke_bridge.config.ghostllm.schema import Rates

FREE = Rates()
"""No limit."""


@dataclass(frozen=True, slots=True)
class Client:
    """One client. ``id`` stays when its key is rotated; limits in US dollars, None: no limit.

    ``created``, ``expires`` and ``revoked`` are seconds since the epoch; None: never.
    """

    id: str
    name: str
    rates: Rates = FREE
    daily_limit: float | None = None
    monthly_limit: float | None = None
    created: float = 0.0
    expires: float | None = None
    revoked: float | None = None

    def expired(self, now: float) -> bool:
        """Whether its time is over."""
        return self.expires is not None and now >= self.expires


ANYONE = Client("local", "local")
"""Whoever reaches a core that listens on loopback and has no keys."""

MASTER = Client("master", "master")
"""Whoever has the key that the configuration names."""
