"""Only what is wanted is looked at, and only once."""

from __future__ import annotations

from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.core.routing.offers import Offers


def test_one_is_found_without_looking_at_the_others() -> None:
    looked_at: list[str] = []

    def look(name: str) -> Offer:
        looked_at.append(name)
        return Offer(name)

    offers = Offers(["a", "b", "c"], look)
    assert len(offers) == 3
    assert offers.has("c")
    assert not looked_at
    assert offers.find("b") == Offer("b")
    assert offers.find("b") == Offer("b")
    assert looked_at == ["b"]
    assert offers.find("d") is None
    assert [offer.provider for offer in offers] == ["a", "b", "c"]
    assert looked_at == ["b", "a", "c"]
    assert [offer.provider for offer in offers[1:]] == ["b", "c"]


def test_what_is_known_is_given_as_it_is() -> None:
    first, second = Offer("a", health="resting"), Offer("b", obstacle="no key")
    assert list(Offers.of([first, second])) == [first, second]
