"""Filling slots: what each name, rule and provider comes to for one question.

Does not know in which order they count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from zeke_bridge.core.routing import refusal
from zeke_bridge.core.routing.hindrance import Hindrance, Judge
from zeke_bridge.core.routing.names import Names, Target, Unfound
from zeke_bridge.core.routing.offer import EMBED, Offer
from zeke_bridge.core.routing.slot import Candidate, Slot
from zeke_bridge.core.routing.wanted import Ask


@dataclass(frozen=True, slots=True)
class Slots:
    """``tier`` is what is looked for in a provider that is named without a model."""

    names: Names
    judge: Judge
    tier: str

    def named(self, name: str, reason: str = "") -> list[Slot]:
        """The models behind ``name``, those of a group in the order of the lot.

        ``reason`` is why the name counts at all; without it the person named it.
        """
        shares = self.names.shares(name)
        if len(shares) == 1:
            return [self._leaf(shares[0][0], 1.0, name, reason)]
        slots = [(self._leaf(leaf, share, name, reason), share) for leaf, share in shares]
        return drawn(slots, self.judge.wanted.lot)

    def offered(self, offer: Offer, reason: str, named: bool = False) -> list[Slot]:
        """What ``offer`` has for the tier: those passed over, and then the first that fits."""
        if hindrance := self.judge.provider(offer):
            return [self._passed(offer, "", hindrance)]
        slots: list[Slot] = []
        guess = offer.models is None
        for model, why in offer.choices(self.tier):
            slot = self._slot(offer, model, f"{reason.rstrip('.')}; {model} {why}.", named)
            # What the user prefers is taken on trust; for the rest the list says what is there.
            if slot.candidate is None:
                slots.append(slot)
            elif guess and model != offer.preferred:
                return [*slots, replace(slot, ask=(offer.provider,))]
            else:
                return [*slots, slot]
        if guess:
            return [Slot(offer.provider, ask=(offer.provider,))]
        if not slots:
            kind = "embeddings" if self.tier == EMBED else "models that chat"
            return [self._passed(offer, "", Hindrance("ability", f"has no {kind}"))]
        return slots

    def _leaf(self, leaf: str, share: float, name: str, reason: str) -> Slot:
        found = self.names.find(leaf)
        if isinstance(found, Ask):
            return Slot(leaf, ask=found.providers)
        if isinstance(found, Unfound):
            return Slot(leaf, hindrance=Hindrance("unknown", found.why), error=found.error)
        why = reason or _why(found, leaf, share, name)
        if not found.model:
            slots = self.offered(found.offer, why, named=not reason)
            return next((slot for slot in slots if slot.candidate or slot.ask), slots[0])
        if hindrance := self.judge.provider(found.offer):
            return self._passed(found.offer, found.model, hindrance)
        return self._slot(found.offer, found.model, why, named=not reason)

    def _slot(self, offer: Offer, model: str, reason: str, named: bool) -> Slot:
        if hindrance := self.judge.model(offer, model, named):
            return self._passed(offer, model, hindrance)
        candidate = Candidate(offer.provider, model, offer.local, reason)
        return Slot(candidate.id, candidate)

    def _passed(self, offer: Offer, model: str, hindrance: Hindrance) -> Slot:
        name = f"{offer.provider}:{model}" if model else offer.provider
        error = partial(refusal.hindered, self.judge.wanted, offer, model, hindrance)
        return Slot(name, hindrance=hindrance, error=error)


def drawn(slots: Sequence[tuple[Slot, float]], lot: float) -> list[Slot]:
    """``slots`` with the one that ``lot`` falls on first, then the others by weight.

    Only those that may be asked are drawn from, in proportion to their weights; the others come
    before them, because they were passed over.
    """
    passed = [slot for slot, _ in slots if slot.hindrance]
    rest = [(slot, share) for slot, share in slots if not slot.hindrance]
    rest.sort(key=lambda pair: -pair[1])
    point = lot * sum(share for _, share in rest)
    for index, (_, share) in enumerate(rest):
        point -= share
        if point < 0:
            rest.insert(0, rest.pop(index))
            break
    return [*passed, *(slot for slot, _ in rest)]


def unique(slots: Iterable[Slot]) -> Iterator[Slot]:
    """Each candidate once, where it stands first; the same for what is passed over."""
    seen: set[str] = set()
    for slot in slots:
        if slot.name not in seen:
            seen.add(slot.name)
            yield slot


def _why(found: Target, leaf: str, share: float, name: str) -> str:
    if share < 1.0:
        return f"The group {name} gives it a share of {share:.0%}."
    return found.why if leaf == name else f"{name} stands for it."
