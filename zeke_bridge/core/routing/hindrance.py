"""Why a model may not be asked: the place, the key, its health, its abilities, its price.

Knows neither names nor orders.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from zeke_bridge.core.routing.offer import NO_KEY, Offer
from zeke_bridge.core.routing.traits import SURE, Traits
from zeke_bridge.core.routing.wanted import Wanted

Kind = Literal["far", "key", "obstacle", "health", "unknown", "context", "ability", "cost"]


@dataclass(frozen=True, slots=True)
class Hindrance:
    """``why`` reads well after the name of what is hindered."""

    kind: Kind
    why: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges for one question; ``traits`` tells what is known of a provider's model."""

    wanted: Wanted
    traits: Callable[[str, str], Traits]

    def provider(self, offer: Offer) -> Hindrance | None:
        """What speaks against every model of ``offer``."""
        if self.wanted.local_only and not offer.local:
            return Hindrance("far", "not local")
        if offer.obstacle:
            return Hindrance("key" if offer.obstacle == NO_KEY else "obstacle", offer.obstacle)
        if offer.health:
            return Hindrance("health", offer.health)
        return None

    def model(self, offer: Offer, model: str, named: bool = False) -> Hindrance | None:
        """What speaks against ``model`` of an ``offer`` that nothing speaks against.

        ``named`` says that the person named it: then a guess at its length is not held against it
        unless it is far too long.
        """
        if offer.refuses(model):
            return Hindrance("unknown", "no such model")
        need, traits = self.wanted.need, self.traits(offer.provider, model)
        if missing := traits.missing(need, offer.provider, model):
            return Hindrance("ability", missing)
        if traits.too_small(need, SURE if named else 1):
            why = f"reads {traits.context} tokens, and this needs about {need.room}"
            return Hindrance("context", why)
        if resting := offer.resting.get(model):
            return Hindrance("health", resting)
        if self.wanted.blocked and not (offer.local or traits.free):
            so = (
                "what runs may reach a cost limit"
                if self.wanted.soon
                else "a cost limit is reached"
            )
            return Hindrance("cost", f"costs money, and {so}")
        return None
