"""The breakers of providers and of their models: who is left alone for a while, and how long still.

A provider that cannot be reached, or says nothing, has all its models rest. One that does answer
is well, whatever it answers: a limit reached or a failure is held against the model that was asked
for, and its others stay. Knows no provider, no clock and no chance.
"""

from __future__ import annotations

from zeke_bridge.core.routing.breaker import Breaker
from zeke_bridge.model.errors import CoreError, TimedOutError, UnreachableError

# Names of models come from outside: what has not failed for longest is forgotten first.
_MOST = 512
_SILENT = (UnreachableError, TimedOutError)


class Breakers:
    """``by_name`` holds one for each provider, and each ``provider:model``, that failed of late."""

    def __init__(self) -> None:
        self.by_name: dict[str, Breaker] = {}

    def resting(self, now: float) -> dict[str, str]:
        """Those that are left alone for a while, and why, for a person."""
        return {name: words for name, one in self.by_name.items() if (words := one.words(now))}

    def wait(self, provider: str, model: str, now: float) -> float:
        """Seconds until ``model`` may be asked."""
        found = (self.by_name.get(name) for name in _names(provider, model))
        return max((one.wait(now) for one in found if one), default=0.0)

    def failures(self, provider: str, model: str) -> int:
        """How often in a row ``model`` has failed, or its provider has."""
        found = (self.by_name.get(name) for name in _names(provider, model))
        return max((one.failures for one in found if one), default=0)

    def begun(self, provider: str, model: str, now: float) -> None:
        """Say that ``model`` is being asked."""
        for name in _names(provider, model):
            if one := self.by_name.get(name):
                self.by_name[name] = one.begun(now)

    def left(self, provider: str, model: str) -> None:
        """Say that nobody waited for what ``model`` would answer."""
        for name in _names(provider, model):
            if one := self.by_name.get(name):
                self.by_name[name] = one.left()

    def failed(
        self, provider: str, model: str, error: CoreError, now: float, jitter: float = 0.0
    ) -> None:
        """Say that ``model`` did not answer a question that it should have."""
        whole, one = _names(provider, model)
        silent = isinstance(error, _SILENT)
        if silent:
            self.left(provider, model)
        else:
            self.by_name.pop(whole, None)
        name = whole if silent else one
        breaker = self.by_name.pop(name, Breaker())
        after = getattr(error, "retry_after", None)
        self.by_name[name] = breaker.failed(now, after, jitter)
        if len(self.by_name) > _MOST:
            del self.by_name[next(iter(self.by_name))]

    def succeeded(self, provider: str, model: str) -> None:
        """Say that ``model`` answered."""
        for name in _names(provider, model):
            self.by_name.pop(name, None)

    def forget(self, provider: str) -> None:
        """Say that ``provider`` is another one now."""
        for name in [name for name in self.by_name if name.partition(":")[0] == provider]:
            del self.by_name[name]


def _names(provider: str, model: str) -> tuple[str, str]:
    return provider, f"{provider}:{model}"
