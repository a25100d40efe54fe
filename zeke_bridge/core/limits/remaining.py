"""What a client may still ask this minute, as values and as the headers OpenAI has for it.

See https://platform.openai.com/docs/guides/rate-limits (headers ``x-ratelimit-*``). Pure.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Left:
    """``left`` of ``limit``; all of it again in ``reset`` seconds."""

    limit: int
    left: int
    reset: float


@dataclass(frozen=True, slots=True)
class Remaining:
    """Of several limits the one that is nearest to its end; None: there is no limit."""

    requests: Left | None = None
    tokens: Left | None = None

    def headers(self) -> list[tuple[bytes, bytes]]:
        """``x-ratelimit-limit-requests`` and its like; empty without limits."""
        made = []
        for what, left in (("requests", self.requests), ("tokens", self.tokens)):
            if left is not None:
                said = (("limit", left.limit), ("remaining", left.left), ("reset", _span(left)))
                made += [(f"x-ratelimit-{n}-{what}".encode(), f"{v}".encode()) for n, v in said]
        return made


def _span(left: Left) -> str:
    """Seconds as OpenAI writes them: ``250ms``, ``1.5s``, ``6m0s``."""
    if left.reset < 1:
        return f"{left.reset * 1000:.0f}ms"
    minutes, seconds = divmod(round(left.reset, 3), 60)
    return f"{minutes:.0f}m{seconds:g}s" if minutes else f"{seconds:g}s"
