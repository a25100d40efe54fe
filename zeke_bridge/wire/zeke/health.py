"""The answer of ``GET /health``."""

from __future__ import annotations

from pydantic import Field

from zeke_bridge.model.exchange import CoreHealth
from zeke_bridge.wire.zeke.body import Reply


class HealthAnswer(Reply):
    """``uptime`` is for people (``2d 14h 32m``), ``uptime_s`` the same in seconds.

    ``service`` tells a core of ours from other servers that have a ``/health``. ``resting`` maps
    each model that is left alone for a while to why.
    """

    status: str
    service: str = ""
    version: str = ""
    providers: dict[str, str] = Field(default_factory=dict)
    resting: dict[str, str] = Field(default_factory=dict)
    uptime: str = ""
    uptime_s: float = 0.0
    requests_served: int = 0

    def health(self) -> CoreHealth:
        """The same as a value."""
        return CoreHealth(self.status, self.providers, self.requests_served, self.uptime_s)
