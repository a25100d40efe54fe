"""A running core and the files it was configured from: looked at with each question.

No timer and no watcher: a changed file counts for the first question after it. A wrong one counts
for nothing, and neither does one that is gone; both are spoken of until all is right again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from zeke_bridge.config.ghostllm import GhostConfig
from zeke_bridge.config.ghostllm.changes import Fingerprint, fingerprint
from zeke_bridge.core.relay.builder import Builder
from zeke_bridge.core.relay.relay import Relay
from zeke_bridge.core.relay.setup import Setup
from zeke_bridge.model.errors import ConfigError, ZekeError

# A file system's clock stands still for so long: what was written within it may be written again
# and look the same.
_TICK_NS = 100_000_000
_FAREWELL = 5.0

_log = logging.getLogger(__name__)


class Reload:
    """``load`` reads the configuration anew; ``problem`` is what is wrong with it, else empty."""

    def __init__(self, relay: Relay, builder: Builder, load: Callable[[], GhostConfig]) -> None:
        self.problem = ""
        self._relay = relay
        self._builder = builder
        self._load = load
        self._seen = self._right = fingerprint(relay.config.sources)
        # It was read a moment ago, and may have changed since.
        self._young = True
        self._leaving: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Take over what has changed. Never raises."""
        seen = fingerprint(self._relay.config.sources)
        if seen == self._seen and not self._young:
            return
        self._seen, self._young = seen, _young(seen)
        try:
            self._take_over(seen)
        except ZekeError as error:
            problem = error.message
        except Exception as error:  # the edge: whatever is wrong with a file, the core goes on
            problem = f"The configuration cannot be read: {type(error).__name__}."
        else:
            problem = ""
        if problem and problem != self.problem:
            _log.error("The configuration stays as it was: %s", problem)
        self.problem = problem

    async def aclose(self) -> None:
        """Wait until what is no longer used is closed."""
        if self._leaving is not None:
            _, late = await asyncio.wait({self._leaving}, timeout=_FAREWELL)
            for task in late:
                task.cancel()

    def _take_over(self, seen: Fingerprint) -> None:
        relay, before = self._relay, self._relay.setup
        for path, there, now in zip(before.config.sources, self._right, seen, strict=True):
            if there and not now:
                # Editors take a file away for a moment, and its limits must not go with it.
                raise ConfigError(f"{path} is gone: put it back, or start the core again.")
        config = self._load()
        self._right = seen
        if config == before.config:
            return
        setup = self._builder.setup(config, before)
        relay.use(setup)
        _log.info("The configuration was read again.")
        for note in config.notes:
            if note not in before.config.notes:
                _log.warning("%s", note)
        leaving = _leave(before, setup, self._leaving)
        self._leaving = asyncio.get_running_loop().create_task(leaving)


async def _leave(before: Setup, heir: Setup, earlier: asyncio.Task[None] | None) -> None:
    """Close what ``before`` had and ``heir`` has not, after the same for all that came earlier.

    A question under an earlier configuration may still be at a provider that went on to this one.
    """
    if earlier is not None:
        await asyncio.wait({earlier})
    await before.leave_to(heir)


def _young(seen: Fingerprint) -> bool:
    now = time.time_ns()
    return any(one is not None and abs(now - one[0]) < _TICK_NS for one in seen)
