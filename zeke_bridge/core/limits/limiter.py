"""How often and how much each client, each provider and the core as a whole may be asked.

One token bucket for requests and one for tokens, and a count of what runs, for everything that has
a name and ``Rates``. Tokens are reserved by estimate and settled with what was really used. Who is
full again and asks nothing is forgotten. The clock is an argument; knows neither keys nor HTTP.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zeke_bridge.config.ghostllm.schema import Rates
from zeke_bridge.core.access.clients import FREE
from zeke_bridge.core.limits.bucket import Bucket, Size, a_minute, full
from zeke_bridge.core.limits.remaining import Left, Remaining
from zeke_bridge.model.errors import RateLimitError

Limited = tuple[str, str, Rates]
"""What it is (``core``, ``client``, ``key``, ``address``, ``provider``), its name, how much."""

_FEW = 1024
# More than any model reads: a client that wishes for more, or a provider that counts more, is not
# believed, because the debt would shut others out for days.
_MOST = 10_000_000
# Nobody knows when something that runs will end; a client may look again soon.
_SOON = 1.0
_CALLED = {"core": "this core", "client": "your client", "key": "your key", "address": "you"}


@dataclass(slots=True)
class _Account:
    """What one name has left. A bucket is None while nothing limits it."""

    rates: Rates
    requests: Bucket | None = None
    tokens: Bucket | None = None
    running: int = 0

    def now_with(self, rates: Rates, now: float) -> None:
        """Take over ``rates``; a limit that is new begins full."""
        self.rates = rates
        self.requests = _kept(self.requests, rates.requests_per_minute, now)
        self.tokens = _kept(self.tokens, rates.tokens_per_minute, now)

    def buckets(self) -> Iterable[tuple[str, Bucket, Size]]:
        """``requests`` and ``tokens``, where there is a limit."""
        if self.requests is not None and self.rates.requests_per_minute is not None:
            yield "requests", self.requests, a_minute(self.rates.requests_per_minute)
        if self.tokens is not None and self.rates.tokens_per_minute is not None:
            yield "tokens", self.tokens, a_minute(self.rates.tokens_per_minute)

    def take(self, requests: float, tokens: float, now: float) -> None:
        """Take from both buckets; what is negative is given back."""
        for what, bucket, size in tuple(self.buckets()):
            if what == "requests":
                self.requests = bucket.taken(size, requests, now)
            else:
                self.tokens = bucket.taken(size, tokens, now)

    def idle(self, now: float) -> bool:
        """Whether a new account would be the same."""
        return not self.running and all(b.full_in(s, now) <= 0 for _, b, s in self.buckets())


@dataclass(slots=True)
class Lease:
    """One question that was let in. Give it back with ``Limiter.settle``, once and for all."""

    names: tuple[tuple[str, str], ...] = ()
    tokens: int = 0
    settled: bool = False


class Limiter:
    """All accounts of one core."""

    def __init__(self) -> None:
        self._accounts: OrderedDict[tuple[str, str], _Account] = OrderedDict()

    def __len__(self) -> int:
        return len(self._accounts)

    def admit(self, names: Sequence[Limited], tokens: int, now: float) -> Lease:
        """Let a question of about ``tokens`` tokens past every one of ``names``, or past none.

        Raises:
            RateLimitError: one has nothing left; ``retry_after`` says when it will, None if never.
        """
        accounts = [(name, self._account(name, now)) for name in names if _limits(name[2])]
        if not accounts:
            return Lease()
        tokens = min(max(0, tokens), _MOST)
        self._refuse(accounts, tokens, now)
        for _, account in accounts:
            account.take(1, tokens, now)
            account.running += 1
        return Lease(tuple(name[:2] for name, _ in accounts), tokens)

    def settle(self, lease: Lease, tokens: int | None, now: float) -> None:
        """The question of ``lease`` has ended and took ``tokens`` (None: what was reserved)."""
        if lease.settled:
            return
        lease.settled = True
        spent = lease.tokens if tokens is None else min(max(0, tokens), _MOST)
        for name in lease.names:
            # It is there: what runs is not forgotten.
            account = self._accounts[name]
            account.running -= 1
            account.take(0, spent - lease.tokens, now)

    def remaining(self, names: Sequence[Limited], now: float) -> Remaining:
        """What is left for ``names``, without asking for any of it."""
        nearest: dict[str, Left] = {}
        for account in [self._seen(name, now) for name in names if _limits(name[2])]:
            for what, bucket, size in account.buckets():
                there = int(max(0.0, bucket.filled(size, now).level))
                left = Left(round(size.rate * 60), there, bucket.full_in(size, now))
                if what not in nearest or left.left < nearest[what].left:
                    nearest[what] = left
        return Remaining(nearest.get("requests"), nearest.get("tokens"))

    def _account(self, name: Limited, now: float) -> _Account:
        self._forget(now)
        account = self._seen(name, now)
        self._accounts[name[:2]] = account
        return account

    def _seen(self, name: Limited, now: float) -> _Account:
        account = self._accounts.get(name[:2]) or _Account(name[2])
        account.now_with(name[2], now)
        return account

    def _refuse(
        self, accounts: Sequence[tuple[Limited, _Account]], tokens: int, now: float
    ) -> None:
        """Raise for the limit that is the longest wait, if any is reached."""
        found: list[tuple[float, str]] = []
        for name, account in accounts:
            who = _CALLED.get(name[0], name[1])
            most = account.rates.max_parallel
            if most is not None and account.running >= most:
                found.append((_SOON, f"No more than {most} may run at once for {who}"))
            for what, bucket, size in account.buckets():
                wait = bucket.wait(size, 1 if what == "requests" else max(1, tokens), now)
                if wait > 0:
                    allowed = f"{size.rate * 60:.6g} {what} a minute"
                    found.append((wait, f"The limit of {allowed} for {who} is reached"))
        if not found:
            return
        wait, why = max(found)
        if math.isinf(wait):
            raise RateLimitError(f"{why}: nothing is allowed.")
        raise RateLimitError(f"{why}: try again in {max(1, math.ceil(wait))} s.", wait)

    def _forget(self, now: float) -> None:
        """Look at the two accounts nobody has looked at for longest, and drop who is idle.

        Two for each that may be new, so that there are never many more than are in use.
        """
        for _ in range(2 if len(self._accounts) > _FEW else 0):
            name, account = self._accounts.popitem(last=False)
            if not account.idle(now):
                self._accounts[name] = account


def _limits(rates: Rates) -> bool:
    # Most are this very value, and to compare them by what is in them takes longer.
    return rates is not FREE and rates != FREE


def _kept(bucket: Bucket | None, limit: float | None, now: float) -> Bucket | None:
    if limit is None:
        return None
    return bucket or full(a_minute(limit), now)
