"""Which models to ask, in which order, and why. Pure; asks for lists it lacks by ``Ask``.

A name is ``auto``, a task class (``fast``, ``cost-sensitive``), or what ``routing.names`` knows.
For ``auto`` the user's rule for the task counts first, then the user's order of providers or the
built-in one; the user's ``fallback`` comes right after what would be asked first, and it is also
what a model asked for by name falls back to. Does not know how anything is asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zeke_bridge.config.catalog import Work, catalog
from zeke_bridge.core.routing import refusal
from zeke_bridge.core.routing.hindrance import Judge
from zeke_bridge.core.routing.names import Names
from zeke_bridge.core.routing.need import Need
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.core.routing.offers import Offers
from zeke_bridge.core.routing.order import ordered
from zeke_bridge.core.routing.refusal import unknown
from zeke_bridge.core.routing.slot import Candidate, Slot
from zeke_bridge.core.routing.slots import Slots, unique
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.core.routing.wanted import AUTO, Ask, Wanted
from zeke_bridge.model.exchange import Tried

if TYPE_CHECKING:
    from zeke_bridge.config.ghostllm.schema import Routes

__all__ = ["AUTO", "Ask", "Candidate", "Need", "Plan", "Traits", "Wanted", "plan", "unknown"]

# What stands in the way for a while only.
_PASSING = frozenset({"health", "cost"})
_LATER = "its models have not been asked for yet"


@dataclass(frozen=True, slots=True)
class Plan:
    """At least one candidate, best first; what was passed over; and why the first is the first."""

    candidates: tuple[Candidate, ...]
    passed: tuple[Tried, ...]
    task: str
    reason: str


def plan(
    wanted: Wanted,
    offers: Offers,
    routes: Routes,
    traits: Callable[[str, str], Traits],
    absent: Mapping[str, str],
) -> Plan | Ask:
    """Plan for ``wanted``; ``offers`` in the order of the configuration.

    ``traits`` tells what is known of a provider's model, ``absent`` maps a provider that is known
    and not set up to its remedy. Raises a ``CoreError`` when nothing may be asked: ``AuthError``
    for a provider named without a key, ``UnknownModelError`` naming the nearest models,
    ``ContextError``, ``CostLimitError``, ``RateLimitError`` when only what runs stands in the way,
    else ``NoModelError``.
    """
    names = Names(offers, routes, absent, wanted.local_only)
    name = names.unaliased(wanted.model)
    word = None if name in routes.groups else catalog().task(name)
    task = word or catalog().task(wanted.task) or "chat"
    if wanted.need.kind == "embed":
        task = "embedding"
    slots = Slots(names, Judge(wanted, traits), catalog().works[task].tier)
    planner = _Planner(wanted, offers, routes, slots, task)
    if word or (name.lower() == AUTO and name not in routes.groups):
        return planner.automatic(word or wanted.task)
    return planner.named()


@dataclass(frozen=True, slots=True)
class _Planner:
    wanted: Wanted
    offers: Offers
    routes: Routes
    slots: Slots
    task: str

    def automatic(self, said: str) -> Plan | Ask:
        """The plan when no model was named."""
        reason = f"Your rule for {self._said} names it."
        rule = [slot for name in self._rule() for slot in self.slots.named(name, reason)]
        fallback, built = self._fallback(), self._built_in()
        if any(slot.candidate for slot in rule):
            order = [*rule, *fallback, *built]
        else:
            # A fallback is for what fails: something must have been asked before it.
            first = next((i for i, slot in enumerate(built) if not slot.hindrance), len(built)) + 1
            order = [*rule, *built[:first], *fallback, *built[first:]]
        settled = self._settled(order, said)
        if settled is not None:
            return settled
        looked_at = [(slot.name, slot.hindrance) for slot in unique(order) if slot.hindrance]
        raise refusal.nobody(self.wanted, self.offers, looked_at)

    def named(self) -> Plan | Ask:
        """The plan for a model, or a group of them, that was asked for by name."""
        name = self.wanted.model
        slots = self.slots.named(name, "")
        order = slots
        # A fallback is for what fails, not for what was named by mistake.
        ill = any(slot.hindrance and slot.hindrance.kind in _PASSING for slot in slots)
        if ill or any(slot.candidate or slot.ask for slot in slots):
            order = [*slots, *self._fallback()]
        settled = self._settled(order, self.wanted.task)
        if settled is not None:
            return settled
        raise next(slot.error for slot in slots if slot.error)()

    def _settled(self, slots: Iterable[Slot], said: str) -> Plan | Ask | None:
        """The plan that ``slots`` make; None when there is nothing to ask among them."""
        candidates: list[Candidate] = []
        passed: list[Tried] = []
        before: list[Tried] = []
        for slot in unique(slots):
            if slot.ask and not candidates:
                return Ask(slot.ask)
            if slot.candidate:
                before = before if candidates else list(passed)
                candidates.append(slot.candidate)
            else:
                passed.append(Tried(slot.name, slot.hindrance.why if slot.hindrance else _LATER))
        if not candidates:
            return None
        if self.wanted.need.kind == "embed":
            # Vectors of two models cannot be compared: no other may answer in its place.
            candidates = candidates[:1]
        reason = candidates[0].reason + _passed_over(before)
        return Plan(tuple(candidates), tuple(passed), said, reason)

    def _rule(self) -> tuple[str, ...]:
        """The models that the user wants for this task, by whichever word the task was named."""
        for word, models in self.routes.rules.items():
            if (catalog().task(word) or word) == self.task:
                return models
        return ()

    def _fallback(self) -> list[Slot]:
        if self.wanted.need.kind == "embed":
            return []
        reason = "Your fallback list names it."
        return [slot for name in self.routes.fallback for slot in self.slots.named(name, reason)]

    def _built_in(self) -> list[Slot]:
        """What every provider has for this task, in the order of who is to be asked first."""
        if not self._work.by_price:
            order = ordered(self.task, self.offers, self.routes.priority)
            return [slot for offer, why in order for slot in self.slots.offered(offer, why)]
        priced = [
            (self._price(offer, slot), slot)
            for offer in self.offers
            for slot in self.slots.offered(offer, "")
        ]
        # Sorting is stable: what is passed over comes first, equals keep their order.
        priced.sort(key=lambda pair: (not pair[1].hindrance, pair[0]))
        return [self._priced(slot, price) for price, slot in priced]

    def _price(self, offer: Offer, slot: Slot) -> tuple[bool, float]:
        """A key to sort by: this machine first, then the cheapest, unknown prices last."""
        if offer.local or slot.candidate is None:
            return (not offer.local, math.inf)
        price = self.slots.judge.traits(offer.provider, slot.candidate.model).price
        return (True, math.inf if price is None else price)

    def _priced(self, slot: Slot, price: tuple[bool, float]) -> Slot:
        """``slot`` with its price as the reason why it stands where it stands."""
        if slot.candidate is None:
            return slot
        away, figure = price
        words = f"${figure:g} for a million tokens in and out"
        words = words if figure < math.inf else "its price is not known"
        words = words if away else "it runs on this machine, which costs nothing"
        reason = f"For {self._said} work the cheapest comes first: {words}."
        return replace(slot, candidate=replace(slot.candidate, reason=reason))

    @property
    def _work(self) -> Work:
        return catalog().works[self.task]

    @property
    def _said(self) -> str:
        return self.task.replace("_", "-")


def _passed_over(passed: Sequence[Tried]) -> str:
    """A sentence on what was looked at before, those with one reason together."""
    if not passed:
        return ""
    by_why: dict[str, list[str]] = {}
    for row in passed:
        by_why.setdefault(row.outcome, []).append(row.candidate)
    return " Passed over: " + "; ".join(f"{', '.join(n)} ({w})" for w, n in by_why.items()) + "."
