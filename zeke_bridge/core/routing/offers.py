"""What all providers offer at one moment, each looked at only when somebody asks for it.

To look at one takes looking for its key, and most questions name the model that they want. Does not
know how an offer is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import overload

from zeke_bridge.core.routing.offer import Offer


class Offers(Sequence[Offer]):
    """The offers of the providers called ``names``, in that order.

    ``look`` makes the offer of one; it is called once for each that is wanted, and never again.
    """

    def __init__(self, names: Iterable[str], look: Callable[[str], Offer]) -> None:
        self._names = tuple(names)
        self._look = look
        self._seen: dict[str, Offer] = {}

    @classmethod
    def of(cls, offers: Iterable[Offer]) -> Offers:
        """Those that are known already."""
        made = {offer.provider: offer for offer in offers}
        return cls(made, made.__getitem__)

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> Offer: ...
    @overload
    def __getitem__(self, index: slice) -> list[Offer]: ...
    def __getitem__(self, index: int | slice) -> Offer | list[Offer]:
        if isinstance(index, slice):
            return [self._offer(name) for name in self._names[index]]
        return self._offer(self._names[index])

    def has(self, provider: str) -> bool:
        """Whether there is a provider of this name."""
        return provider in self._names

    def find(self, provider: str) -> Offer | None:
        """The offer of ``provider``, if there is one of this name."""
        return self._offer(provider) if provider in self._names else None

    def _offer(self, name: str) -> Offer:
        seen = self._seen.get(name)
        if seen is None:
            seen = self._seen[name] = self._look(name)
        return seen
