"""What a model costs and how much it can read: as the user says, else as the price list does.

Does not know what was spent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from zeke_bridge.config.ghostllm.schema import LOCAL, ModelConfig, ProviderConfig
from zeke_bridge.core.costs import pricelist
from zeke_bridge.core.costs.pricelist import Listed, Place
from zeke_bridge.core.costs.rate import Price, Rate, flat
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.exchange import Cost, Usage

# What runs on one's own machines costs nothing, and a subscription nothing more.
_FREE = frozenset({LOCAL, "ollama", "vllm", "llama.cpp", "github"})
_FREE_DIALECTS = frozenset({"ollama", "github"})
# The ids that the price list has for ours. GLM is sold by two houses under one name.
_IDS = {
    "openai": ("openai",),
    "anthropic": ("anthropic",),
    "google": ("google",),
    "groq": ("groq",),
    "xai": ("x-ai",),
    "glm": ("zhipuai", "zai"),
    "openrouter": ("openrouter",),
}
_DIALECTS = {"anthropic": ("anthropic",), "google": ("google",), "glm": ("zhipuai", "zai")}
_PASSES_ON = frozenset({"litellm", "openrouter"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HOLDS = 900.0
_MOST = 4096
_MILLION = 1_000_000.0
_NOTHING = Usage()


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one model; the price holds until ``until``, when the list may change it."""

    listed: Listed | None
    price: Price | None
    traits: Traits
    until: float


class Prices:
    """Prices by provider and model, each remembered for a quarter of an hour.

    ``models`` are the user's own words on ``provider:model`` and win; ``providers`` tell where a
    provider is, which tells whose prices it has. ``clock`` gives seconds since the epoch: some
    prices change on a date, or by the hour.
    """

    def __init__(
        self,
        models: Mapping[str, ModelConfig] = {},
        providers: Mapping[str, ProviderConfig] = {},
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._models = models
        self._providers = providers
        self._clock = clock
        self._known: dict[tuple[str, str], _Known] = {}

    def rate(self, provider: str, model: str) -> Rate | None:
        """What ``model`` costs there; None when nobody knows, all 0 when it is free."""
        price = self._look(provider, model).price
        return None if price is None else price.rate()

    def cost(self, provider: str, model: str, usage: Usage) -> Cost:
        """What ``usage`` cost there; not known when no price is, unless nothing was used."""
        price = self._look(provider, model).price
        if price is None:
            return Cost(known=usage == _NOTHING)
        return price.cost(usage)

    def traits(self, provider: str, model: str) -> Traits:
        """What a router may want to know of ``model``: its size and its price."""
        return self._look(provider, model).traits

    def _look(self, provider: str, model: str) -> _Known:
        now = self._clock()
        known = self._known.get((provider, model))
        if known is not None and now < known.until:
            return known
        if known is None:
            listed = None if self._free(provider) else self._listed(provider, model)
        else:
            listed = known.listed
        said = self._models.get(f"{provider}:{model}")
        context = said.context if said and said.context else listed.context if listed else None
        price = self._price(provider, said, listed, now)
        known = _Known(listed, price, _traits(price, context), _next(now))
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[provider, model] = known
        return known

    def _price(
        self, provider: str, said: ModelConfig | None, listed: Listed | None, now: float
    ) -> Price | None:
        found = Price() if self._free(provider) else None
        if listed is not None:
            found = listed.price(now)
        return found if said is None else _told(found, said)

    def _free(self, provider: str) -> bool:
        config = self._providers.get(provider)
        return provider in _FREE or (config is not None and config.dialect in _FREE_DIALECTS)

    def _listed(self, provider: str, model: str) -> Listed | None:
        return pricelist.find(model, self._place(provider))

    def _place(self, provider: str) -> Place:
        config = self._providers.get(provider)
        base_url = config.base_url if config else ""
        ids = _IDS.get(provider, ())
        if not ids and config is not None:
            ids = _DIALECTS.get(config.dialect, ())
        if "zai" in ids and "z.ai" in base_url:
            ids = ids[::-1]
        if ids and provider not in _PASSES_ON:
            return Place(ids)
        here = urlsplit(base_url).hostname in _LOOPBACK
        return Place(ids, "" if here else base_url, True, here and provider not in _PASSES_ON)


def _traits(price: Price | None, context: int | None) -> Traits:
    rate = None if price is None else price.rate()
    if rate is None:
        return Traits(context=context)
    return Traits(context=context, input_price=rate.input, output_price=rate.output)


def _next(now: float) -> float:
    """The next moment at which a price may change: they do at quarters of an hour."""
    return (now // _HOLDS + 1) * _HOLDS


def _told(found: Price | None, said: ModelConfig) -> Price | None:
    """``found`` with what the user says in its place; a price for input is one for all of it.

    Where neither says anything, nobody knows.
    """
    given, asked, cached = said.input_cost, said.output_cost, said.cached_cost
    if given is None and asked is None and cached is None:
        return found
    base = found or Price(None, None)
    read = () if given is not None else base.cached
    return Price(
        base.input if given is None else flat(given * _MILLION),
        base.output if asked is None else flat(asked * _MILLION),
        read if cached is None else flat(cached * _MILLION),
        base.written if given is None else (),
        base.reasoning if asked is None else (),
        base.request,
    )
