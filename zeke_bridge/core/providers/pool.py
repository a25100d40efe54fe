"""Several endpoints of one service as one provider: the least busy one is asked first.

One that keeps failing is left alone for a while, or a model of it is, by breakers of its own;
another one takes over what has not begun to be answered. Does not know what the endpoints are.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from zeke_bridge.core.providers.base import Body, Chunk, Describing, Provider
from zeke_bridge.core.routing.breakers import Breakers
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import (
    BadAnswerError,
    CoreError,
    ProviderError,
    RateLimitError,
    TimedOutError,
    UnreachableError,
)

# What says that this endpoint is ill, and not the question or the key.
_ILL = (UnreachableError, TimedOutError, BadAnswerError, ProviderError, RateLimitError)

# What a call is for that is for no model.
_NO_MODEL = ""

Got = TypeVar("Got")


class _Member:
    """One endpoint: how many calls run on it, and how it has done of late."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.running = 0
        self.breakers = Breakers()

    def wait(self, model: str, now: float) -> float:
        """Seconds until ``model`` may be asked here."""
        return self.breakers.wait(self.provider.name, model, now)

    def failures(self, model: str) -> int:
        """How often in a row it has failed."""
        return self.breakers.failures(self.provider.name, model)

    @contextlib.contextmanager
    def call(self, model: str = _NO_MODEL) -> Iterator[None]:
        """While entered, a call for ``model`` runs; how it ends is remembered."""
        name, breakers = self.provider.name, self.breakers
        self.running += 1
        breakers.begun(name, model, time.monotonic())
        try:
            yield
        except CoreError as error:
            if passes_on(error):
                breakers.failed(name, model, error, time.monotonic())
            else:
                breakers.succeeded(name, model)
            raise
        except BaseException:
            breakers.left(name, model)
            raise
        else:
            breakers.succeeded(name, model)
        finally:
            self.running -= 1


class Pool:
    """Implements ``Provider`` over ``providers``, which have one name and are otherwise alike."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self.name = providers[0].name
        self._members = tuple(map(_Member, providers))

    def offer(self) -> Offer:
        """What the endpoint that would be asked now has, and for how long all are left alone."""
        member, now = self._order()[0], time.monotonic()
        health = member.breakers.resting(now).get(self.name, "")
        return replace(member.provider.offer(), health=health)

    def state(self) -> str:
        """``healthy`` when all are, how many are when some are, else what is wrong with one."""
        now = time.monotonic()
        states = [
            "resting" if member.wait(_NO_MODEL, now) > 0 else member.provider.state()
            for member in self._members
        ]
        well = states.count("healthy")
        if well == len(states):
            return "healthy"
        return f"{well} of {len(states)} endpoints" if well else states[0]

    def traits(self, model: str) -> Traits:
        """What the endpoint that would be asked now says of ``model``."""
        provider = self._order(model)[0].provider
        return provider.traits(model) if isinstance(provider, Describing) else Traits()

    async def models(self) -> tuple[str, ...]:
        """The models of the first endpoint that lists them."""
        return await self._first(_NO_MODEL, lambda provider: provider.models())

    async def answer(self, body: Mapping[str, Any]) -> Body:
        """One whole answer."""
        return await self._first(_model(body), lambda provider: provider.answer(body))

    def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """The events of a streamed answer."""
        return self._events(_model(body), lambda provider: provider.stream(body))

    def fills(self, model: str) -> bool:
        """Whether the endpoint that would be asked now fills in the middle."""
        return self._order(model)[0].provider.fills(model)

    def fill(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """What stands between ``prompt`` and ``suffix``."""
        return self._events(_model(body), lambda provider: provider.fill(body))

    async def embed(self, body: Mapping[str, Any]) -> Body:
        """The vectors of the body's ``input``."""
        return await self._first(_model(body), lambda provider: provider.embed(body))

    async def probe(self) -> None:
        """Probe every endpoint; raises what is wrong when all fail."""

        async def one(member: _Member) -> CoreError | None:
            try:
                with member.call():
                    await member.provider.probe()
            except CoreError as error:
                return error
            return None

        failures = await asyncio.gather(*map(one, self._members))
        if failures[0] is not None and all(failures):
            raise failures[0]

    async def aclose(self) -> None:
        """Close every endpoint's connections."""
        for member in self._members:
            await member.provider.aclose()

    def _order(self, model: str = _NO_MODEL) -> list[_Member]:
        """Those that may be asked for ``model``, least busy first; else the one that may soonest.

        Of two that are equally busy, the one that has failed less often, then the one named first.
        """
        now = time.monotonic()
        ready = [member for member in self._members if member.wait(model, now) <= 0]
        if not ready:
            return [min(self._members, key=lambda member: member.wait(model, now))]
        return sorted(ready, key=lambda member: (member.running, member.failures(model)))

    async def _first(self, model: str, ask: Callable[[Provider], Awaitable[Got]]) -> Got:
        """What the first endpoint says that is not ill; else the last one's error."""
        order = self._order(model)
        for member in order[:-1]:
            try:
                with member.call(model):
                    return await ask(member.provider)
            except CoreError as error:
                if not passes_on(error):
                    raise
        with order[-1].call(model):
            return await ask(order[-1].provider)

    async def _events(
        self, model: str, ask: Callable[[Provider], AsyncGenerator[list[Chunk], None]]
    ) -> AsyncGenerator[list[Chunk], None]:
        """The events of the first endpoint that begins to answer."""
        order, began = self._order(model), False
        for member in order:
            try:
                with member.call(model):
                    async with contextlib.aclosing(ask(member.provider)) as events:
                        async for chunks in events:
                            began = True
                            yield chunks
                return
            except CoreError as error:
                if began or member is order[-1] or not passes_on(error):
                    raise


def _model(body: Mapping[str, Any]) -> str:
    return str(body.get("model", _NO_MODEL))


def passes_on(error: CoreError) -> bool:
    """Whether another endpoint may do better: ``error`` is about this one, not the question."""
    return isinstance(error, _ILL) and (error.retryable or isinstance(error, BadAnswerError))
