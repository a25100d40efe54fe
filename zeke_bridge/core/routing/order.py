"""In which order providers are looked at for a task, and why each stands where it does.

Does not know what they offer.
"""

from __future__ import annotations

from collections.abc import Sequence

from zeke_bridge.config.catalog import catalog
from zeke_bridge.core.routing.offer import Offer

_LOCAL = "local"


def ordered(task: str, offers: Sequence[Offer], by_user: bool) -> list[tuple[Offer, str]]:
    """``offers`` for the task class ``task``, each with a sentence on its place.

    ``by_user`` says that their order was written by the user, and not only built in. Otherwise
    those that are good at the task come first, and the small model on this machine last.
    """
    if by_user:
        return [
            (offer, f"{offer.provider} is number {number} in your order of providers.")
            for number, offer in enumerate(offers, 1)
        ]
    said = task.replace("_", "-")
    good = {name: number for number, name in enumerate(catalog().works[task].order, 1)}
    built_in = sorted(
        offers, key=lambda o: (good.get(o.provider, len(good) + 1), o.provider == _LOCAL)
    )
    return [
        (
            offer,
            f"{offer.provider} is number {good[offer.provider]} in the built-in order for {said}."
            if offer.provider in good
            else f"{offer.provider} comes after the built-in order for {said}.",
        )
        for offer in built_in
    ]
