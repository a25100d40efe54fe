"""What a name stands for: an alias, a group, a provider's model, or a bare model id.

``provider:model`` is cut at the first colon when what stands before it is a provider, because model
ids hold colons too; ``provider/model`` likewise, unless the whole is a model id. A provider has
other names (``copilot``, ``claude``), and ``github:copilot`` leaves the choice to it. Does not know
whether what is named may be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from zeke_bridge.config.catalog import catalog
from zeke_bridge.core.routing import refusal
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.core.routing.offers import Offers
from zeke_bridge.core.routing.wanted import AUTO, Ask
from zeke_bridge.model.errors import CoreError

if TYPE_CHECKING:
    from zeke_bridge.config.ghostllm.schema import Routes


@dataclass(frozen=True, slots=True)
class Target:
    """A model of a provider; ``model`` empty leaves it to the provider. ``why`` it is meant."""

    offer: Offer
    model: str
    why: str


@dataclass(frozen=True, slots=True)
class Unfound:
    """Nothing of that name: ``why`` in a few words, and the error for who asked for it alone."""

    why: str
    error: Callable[[], CoreError]


@dataclass(frozen=True, slots=True)
class Names:
    """Every name that can be said at one moment."""

    offers: Offers
    routes: Routes
    absent: Mapping[str, str]
    local_only: bool

    def unaliased(self, name: str) -> str:
        """What ``name`` is an alias of, at last; itself when it is none."""
        seen = set()
        while name not in seen and (meant := self.routes.aliases.get(name)):
            seen.add(name)
            name = meant
        return name

    def shares(self, name: str, seen: frozenset[str] = frozenset()) -> list[tuple[str, float]]:
        """The models behind ``name``, each once, with shares that add up to 1."""
        name = self.unaliased(name)
        members = self.routes.groups.get(name, ())
        if not members or name in seen:
            return [(name, 1.0)]
        total = sum(max(weight, 0.0) for _, weight in members)
        found: dict[str, float] = {}
        for member, weight in members:
            part = max(weight, 0.0) / total if total else 1 / len(members)
            for leaf, share in self.shares(member, seen | {name}):
                found[leaf] = found.get(leaf, 0.0) + share * part
        return list(found.items())

    def find(self, name: str) -> Target | Ask | Unfound:
        """The model that ``name`` means; ``Ask`` when that depends on lists that are not known."""
        head, colon, rest = name.partition(":")
        known = self._provider(head)
        if known and (rest or not colon):
            return self._of(known, rest, "It was asked for by name.")
        head, slash, rest = name.partition("/")
        known = self._provider(head) if slash and rest else ""
        if not known:
            return self._bare(name)
        return self._slashed(known, rest, name)

    def _provider(self, word: str) -> str:
        """The provider that ``word`` names; empty for none."""
        if self.offers.has(word) or word in self.absent:
            return word
        proper = catalog().names.get(word, "")
        return proper if proper and proper != word and self._provider(proper) else ""

    def _of(self, provider: str, model: str, why: str) -> Target | Unfound:
        offer = self.offers.find(provider)
        if offer is None:
            remedy = self.absent[provider]
            return Unfound(f"not set up: {remedy}", partial(refusal.absent, provider, remedy))
        if model == AUTO or catalog().names.get(model) == provider:
            return Target(offer, "", why)
        return Target(offer, offer.spelled(model) or model, why)

    def _slashed(self, provider: str, model: str, whole: str) -> Target | Ask | Unfound:
        offer = self.offers.find(provider)
        if offer is not None and self._open(offer):
            if offer.models is None and not offer.health:
                return Ask((provider,))
            if offer.spelled(model):
                return self._of(provider, model, "It was asked for by name.")
        found = self._bare(whole)
        if isinstance(found, Unfound):
            return self._of(provider, model, "It was asked for by name.")
        return found

    def _bare(self, name: str) -> Target | Ask | Unfound:
        usable = [offer for offer in self.offers if self._open(offer)]
        unasked = [offer for offer in usable if offer.models is None]
        if ready := tuple(offer.provider for offer in unasked if not offer.health):
            return Ask(ready)
        having = [offer for offer in usable if name in (offer.models or ())]
        having = having or [offer for offer in usable if offer.spelled(name)]
        if len(having) == 1:
            offer = having[0]
            why = f"Only {offer.provider} has a model of this name."
            return Target(offer, offer.spelled(name) or name, why)
        if having:
            return Unfound("several providers have it", partial(refusal.ambiguous, name, having))
        for offer in self.offers:
            if name and not self._open(offer) and (name in offer.tiers or name == offer.preferred):
                return Target(offer, name, f"It is a model of {offer.provider}.")
        if unasked:
            return Unfound(unasked[0].health, partial(refusal.silent, name, unasked))
        if not usable:
            nothing = partial(refusal.nothing, self.offers, self.local_only)
            return Unfound("no such model", nothing)
        return Unfound("no such model", partial(refusal.unknown, name, usable))

    def _open(self, offer: Offer) -> bool:
        return not offer.hindrance(self.local_only)
