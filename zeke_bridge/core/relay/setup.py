"""What one configuration gives a core: its providers, its prices, its routes.

A changed configuration makes a new one; the old one is closed when its last question has ended.
Does not know what is asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from zeke_bridge.config.ghostllm import LOCAL, GhostConfig, Logs
from zeke_bridge.config.paths import ghostllm_usage
from zeke_bridge.core.costs import pricelist
from zeke_bridge.core.costs.prices import Prices
from zeke_bridge.core.costs.rate import Price, flat
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.base import Describing, Provider
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.records.requests import RequestLog
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.core.routing.offers import Offers
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import CoreError
from zeke_bridge.model.exchange import Cost, ModelInfo, Usage

_OWN = "ghostllm"
"""Who owns a name that is not a provider's."""
# Of the time until a client is told that work goes on; the rest is for the attempt itself.
_PATIENCE = 0.8

_log = logging.getLogger(__name__)


class Uses:
    """How many use something now: one more for each that has entered."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    def __enter__(self) -> None:
        self._count += 1
        self._none.clear()

    def __exit__(self, *_: object) -> None:
        self._count -= 1
        if not self._count:
            self._none.set()

    async def ended(self) -> None:
        """Return when there is nobody."""
        await self._none.wait()


class Setup:
    """``providers`` best first; ``absent`` maps one that is known but not set up to its remedy.

    ``pace`` makes what counts the time of one question, of which ``patience`` seconds may pass
    until it is tried for the last time. ``log`` takes questions and answers where the user wants
    that.
    """

    def __init__(
        self,
        config: GhostConfig,
        providers: Sequence[Provider],
        absent: Mapping[str, str],
        keys: Keys,
        limits: Limits,
    ) -> None:
        self.config = config
        self.pace = limits.pace
        self.patience = limits.keepalive * _PATIENCE
        self.log = _request_log(config.logs)
        self._keys = keys
        self.providers = {provider.name: provider for provider in providers}
        self._describing = {
            name: one for name, one in self.providers.items() if isinstance(one, Describing)
        }
        self.absent = absent
        self.prices = Prices(config.models, config.providers)
        self._priced = False
        self._uses = Uses()

    def in_use(self) -> Uses:
        """While entered, the providers stay open."""
        return self._uses

    async def ready(self) -> None:
        """Wait until it is known which providers have a key, and what models cost."""
        await self._keys.ready(self.config.providers)
        if not self._priced:
            # Loading the list takes longer than the loop may stand still.
            await asyncio.to_thread(pricelist.load)
            self._priced = True

    def offers(self, failed: Mapping[str, CoreError], health: Mapping[str, str]) -> Offers:
        """What every provider has, each at the moment when somebody looks at it.

        ``failed`` maps those that could not list their models to why, ``health`` those that are
        left alone for a while, and each ``provider:model`` that is, to why.
        """

        def look(name: str) -> Offer:
            offer = self.providers[name].offer()
            if name in failed:
                offer = replace(offer, obstacle=failed[name].code.replace("_", " "))
            if not health:
                return offer
            parts = [(key.partition(":"), why) for key, why in health.items()]
            resting = {model: why for (owner, _, model), why in parts if model and owner == name}
            return replace(offer, health=health.get(name, offer.health), resting=resting)

        return Offers(self.providers, look)

    def traits(self, provider: str, model: str) -> Traits:
        """What is known of a model: what its server says of it, else what the price list does."""
        listed, asked = self.prices.traits(provider, model), self._describing.get(provider)
        return listed.under(asked.traits(model)) if asked is not None else listed

    def cost(self, provider: str, model: str, usage: Usage) -> Cost:
        """What ``usage`` cost there: by the price list, else by what its server charges."""
        cost = self.prices.cost(provider, model, usage)
        if cost.known:
            return cost
        said = self.traits(provider, model)
        if said.input_price is None or said.output_price is None:
            return cost
        return Price(flat(said.input_price), flat(said.output_price)).cost(usage)

    def here(self) -> frozenset[str]:
        """The providers that run on this machine."""
        return frozenset(name for name, one in self.providers.items() if one.offer().local)

    async def learn(self, names: Sequence[str]) -> dict[str, CoreError]:
        """Have providers get their models; the error of each that could not."""

        async def one(name: str) -> tuple[str, CoreError | None]:
            try:
                await self.providers[name].models()
            except CoreError as error:
                return name, error
            return name, None

        asked = await asyncio.gather(*(one(name) for name in names))
        return {name: error for name, error in asked if error is not None}

    async def models(self) -> list[ModelInfo]:
        """Every model that can be asked now, and the user's own names for them.

        A provider that does not list its models is left out.
        """
        with self.in_use():
            await self.ready()
            await self.learn(
                [offer.provider for offer in self.offers({}, {}) if not offer.obstacle]
            )
            routes = self.config.routes
            return [
                *(self._named(name) for name in (*routes.aliases, *routes.groups)),
                *(
                    self._info(offer, model)
                    for offer in self.offers({}, {})
                    if not offer.obstacle
                    for model in offer.models or ()
                ),
            ]

    async def leave_to(self, heir: Setup) -> None:
        """Once nothing runs here, close every provider that ``heir`` has not taken over."""
        await self._uses.ended()
        for name, provider in self.providers.items():
            if heir.providers.get(name) is not provider and name != LOCAL:
                await _close(provider)
        await self._close_log()

    async def aclose(self) -> None:
        """Close every provider."""
        for provider in self.providers.values():
            await _close(provider)
        await self._close_log()

    async def _close_log(self) -> None:
        if self.log is not None:
            await asyncio.to_thread(self.log.close)

    def _named(self, name: str) -> ModelInfo:
        """A name of the user's own, with the dearest price of what it may reach."""
        leaves = [leaf.partition(":") for leaf in self.config.routes.leaves(name)]
        known = [self.traits(provider, model) for provider, colon, model in leaves if colon]
        dear = max(known, key=lambda one: one.output_price or 0.0, default=Traits())
        context = min((one.context for one in known if one.context), default=0)
        return ModelInfo(name, _OWN, False, dear.input_price, dear.output_price, context)

    def _info(self, offer: Offer, model: str) -> ModelInfo:
        traits = self.traits(offer.provider, model)
        return ModelInfo(
            f"{offer.provider}:{model}",
            offer.provider,
            offer.local,
            traits.input_price,
            traits.output_price,
            traits.context or 0,
        )


async def _close(provider: Provider) -> None:
    try:
        await provider.aclose()
    except (CoreError, OSError) as error:
        # The others have to be closed too.
        _log.warning("%s does not end: %s", provider.name, type(error).__name__)


def _request_log(logs: Logs) -> RequestLog | None:
    if not logs.requests:
        return None
    directory = logs.directory or ghostllm_usage().parent / "requests"
    return RequestLog(directory, redact=logs.redact)
