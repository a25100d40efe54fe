"""From a question to its answer: kept, already being asked for, or asked now.

Does not know HTTP toward the client, nor what a task's prompt says.
"""

from __future__ import annotations

import time

from zeke_bridge.config.ghostllm import GhostConfig
from zeke_bridge.core.order import Order
from zeke_bridge.core.providers.base import Body
from zeke_bridge.core.relay.call import Call
from zeke_bridge.core.relay.likeness import cache_for
from zeke_bridge.core.relay.run import Run
from zeke_bridge.core.relay.setup import Setup
from zeke_bridge.core.relay.state import State
from zeke_bridge.model.exchange import ModelInfo


class Relay:
    """One core's way to its models. ``setup`` is what counts for the next question."""

    def __init__(self, setup: Setup, state: State) -> None:
        self.setup = setup
        self.state = state
        state.cache = cache_for(setup.config.caching, self._whole)
        self.runs: dict[str, Run] = {}
        self.changes = 0

    @property
    def config(self) -> GhostConfig:
        """What counts now."""
        return self.setup.config

    def call(self, order: Order) -> Call:
        """``order`` on its way. Raises ``RateLimitError`` when its client asks too much."""
        return Call(order, self)

    def use(self, setup: Setup) -> None:
        """Let ``setup`` count from the next question on."""
        if setup.config.caching != self.config.caching:
            self.state.cache = cache_for(setup.config.caching, self._whole)
        elif _answers(setup) != _answers(self.setup):
            # A name may mean another model now, or another server.
            self.state.cache.clear()
        for name, provider in self.setup.providers.items():
            if setup.providers.get(name) is not provider:
                self.state.breakers.forget(name)
        self.setup = setup
        self.changes += 1

    async def _whole(self, order: Order) -> Body:
        return await self.call(order).whole()

    async def models(self) -> list[ModelInfo]:
        """Every model that can be asked now."""
        return await self.setup.models()

    def states(self) -> dict[str, str]:
        """A word or two about each provider, without a call."""
        resting = self.resting()
        return {
            name: resting.get(name) or provider.state()
            for name, provider in self.setup.providers.items()
        }

    def resting(self) -> dict[str, str]:
        """The providers and models that are left alone for a while, and why."""
        return self.state.breakers.resting(time.monotonic())

    async def aclose(self) -> None:
        """Close every provider and every file."""
        await self.setup.aclose()
        self.state.book.close()


def _answers(setup: Setup) -> tuple[object, ...]:
    """What of a configuration decides who answers, and how."""
    config = setup.config
    return config.order, config.providers, config.routes, config.models, config.local_preferred
