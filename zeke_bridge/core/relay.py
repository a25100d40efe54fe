"""Between a question and a provider: chooses, sends, and writes the receipt.

Does not know HTTP toward the client, nor what a task's prompt says.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from zeke_bridge.core.providers.base import Body, Chunk, Provider
from zeke_bridge.core.routing.choose import Ask, Choice, Wanted, choose, unknown
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.model.errors import CoreError, UnknownModelError
from zeke_bridge.model.exchange import Audience, ModelInfo, Receipt, Usage


@dataclass(frozen=True, slots=True)
class Call:
    """One question on its way: where it goes, why, and under which id."""

    choice: Choice
    local: bool
    request_id: str

    def receipt(self, usage: Usage | None) -> Receipt:
        """What the answer carries; ``usage`` as the provider counted it."""
        choice = self.choice
        return Receipt(
            model=choice.model,
            provider=choice.provider,
            route=choice.route,
            usage=usage or Usage(),
            request_id=self.request_id,
        )


class Relay:
    """The providers of one core, best first.

    ``absent`` maps a provider that is known but not set up to what sets it up.
    """

    def __init__(self, providers: Sequence[Provider], absent: Mapping[str, str]) -> None:
        self._providers = {provider.name: provider for provider in providers}
        self._absent = absent

    async def route(self, audience: Audience, task: str) -> Call:
        """Choose a model for ``task``. Raises what ``routing.choose`` does."""
        wanted = Wanted(audience.model, task, audience.local_only)
        failed: dict[str, str] = {}
        while True:
            offers = self._offers(failed)
            step = choose(wanted, offers, self._absent)
            if isinstance(step, Choice):
                local = next(o.local for o in offers if o.provider == step.provider)
                return Call(step, local, f"zk-{secrets.token_hex(8)}")
            failed |= await self._list(step)

    async def answer(self, call: Call, body: Mapping[str, Any]) -> Body:
        """The whole answer to ``body``, whose model is replaced by the chosen one."""
        with self._naming(call):
            return await self._provider(call).answer({**body, "model": call.choice.model})

    async def stream(
        self, call: Call, body: Mapping[str, Any]
    ) -> AsyncGenerator[list[Chunk], None]:
        """The events of the streamed answer, as ``Provider.stream`` gives them."""
        with self._naming(call):
            events = self._provider(call).stream({**body, "model": call.choice.model})
            async with contextlib.aclosing(events):
                async for chunks in events:
                    yield chunks

    async def models(self) -> list[ModelInfo]:
        """Every model that can be asked now; a provider that does not list them is left out."""
        await self._list(Ask(tuple(o.provider for o in self._offers({}) if not o.obstacle)))
        return [
            ModelInfo(name, offer.provider, offer.local)
            for offer in self._offers({})
            if not offer.obstacle
            for name in offer.ids()
        ]

    def states(self) -> dict[str, str]:
        """A word or two about each provider, without a call."""
        return {name: provider.state() for name, provider in self._providers.items()}

    async def aclose(self) -> None:
        """Close every provider."""
        for provider in self._providers.values():
            await provider.aclose()

    def _provider(self, call: Call) -> Provider:
        return self._providers[call.choice.provider]

    def _offers(self, failed: Mapping[str, str]) -> list[Offer]:
        offers = [provider.offer() for provider in self._providers.values()]
        return [
            replace(offer, obstacle=failed[offer.provider]) if offer.provider in failed else offer
            for offer in offers
        ]

    async def _list(self, ask: Ask) -> dict[str, str]:
        """Have the providers get their models; the reason for each that could not."""

        async def one(name: str) -> tuple[str, str]:
            try:
                await self._providers[name].models()
            except CoreError as error:
                return name, error.code.replace("_", " ")
            return name, ""

        asked = await asyncio.gather(*(one(name) for name in ask.providers))
        return {name: reason for name, reason in asked if reason}

    @contextlib.contextmanager
    def _naming(self, call: Call) -> Any:
        """Name the nearest models when the provider does not have the one that was chosen."""
        try:
            yield
        except UnknownModelError as error:
            raise unknown(call.choice.route.tried[-1].candidate, self._offers({})) from error
