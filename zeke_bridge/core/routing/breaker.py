"""When to leave a provider alone that keeps failing, and when to try it again.

A value: every event gives a new one. Knows no provider, no clock and no chance: ``now`` is seconds
of any clock that does not jump, ``jitter`` a number from 0 up to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

_FAILURES = 5
_FIRST_REST = 10.0
_LONGEST_REST = 300.0
# A provider may say itself when to come again, but it does not shut itself out for days.
_LONGEST_WISH = 3600.0
_SPREAD = 0.1
# A probe nobody reported on (its client left) does not shut out the next one for ever.
_PROBE_LASTS = 60.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """Closed with ``opened_at`` None; else it rests for ``rest`` seconds, and is then half open.

    ``failures`` and ``openings`` count in a row. Half open, one call may go out (``begun``), and
    its end decides.
    """

    failures: int = 0
    opened_at: float | None = None
    rest: float = 0.0
    openings: int = 0
    probe_at: float | None = None

    @property
    def probing(self) -> bool:
        """Whether the one call of a half-open breaker is under way."""
        return self.probe_at is not None

    def allows(self, now: float) -> bool:
        """Whether a call may go out."""
        return self.wait(now) <= 0

    def wait(self, now: float) -> float:
        """Seconds until a call may go out."""
        if self.opened_at is None:
            return 0.0
        left = _left(self.opened_at, self.rest, now)
        if left > 0 or self.probe_at is None:
            return left
        return _left(self.probe_at, _PROBE_LASTS, now)

    def begun(self, now: float) -> Breaker:
        """A call goes out. One that goes out while it rests, for want of another, is no probe."""
        if self.opened_at is None or _left(self.opened_at, self.rest, now) > 0:
            return self
        return replace(self, probe_at=now)

    def left(self) -> Breaker:
        """That call ended without saying anything about the provider: its client has left."""
        return replace(self, probe_at=None)

    def failed(self, now: float, retry_after: float | None = None, jitter: float = 0.0) -> Breaker:
        """A call failed; ``retry_after`` is how long the provider wants to be left alone."""
        failures = self.failures + 1
        if retry_after is not None and retry_after > 0:
            wished = min(retry_after, _LONGEST_WISH)
            # A call that was under way before does not shorten a longer rest.
            if self.opened_at is not None and _left(self.opened_at, self.rest, now) > wished:
                return replace(self, failures=failures, probe_at=None)
            return Breaker(failures, now, wished, max(self.openings, 1))
        if self.opened_at is None:
            if failures < _FAILURES:
                return replace(self, failures=failures)
        elif _left(self.opened_at, self.rest, now) > 0:
            return replace(self, failures=failures)
        rest = min(_FIRST_REST * 2.0 ** min(self.openings, 32), _LONGEST_REST)
        rest = min(rest * (1 + _SPREAD * jitter), _LONGEST_REST)
        return Breaker(failures, now, rest, self.openings + 1)

    def succeeded(self, now: float) -> Breaker:
        """A call succeeded: all is forgotten."""
        return Breaker()

    def words(self, now: float) -> str:
        """Why no call may go out now, for a person; empty when one may."""
        wait = self.wait(now)
        if wait <= 0:
            return ""
        count = "a failure" if self.failures == 1 else f"{self.failures} failures in a row"
        if self.opened_at is not None and _left(self.opened_at, self.rest, now) <= 0:
            return f"being tried again after {count}"
        return f"resting for {max(1, round(wait))} s after {count}"


def _left(since: float, lasts: float, now: float) -> float:
    """What is left of ``lasts`` seconds; never more, even if the clock was set back."""
    return min(max(since + lasts - now, 0.0), lasts)
