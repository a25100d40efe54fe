from __future__ import annotations

import pytest

from zeke_bridge.core.routing.need import Need
from zeke_bridge.core.routing.traits import SURE, Traits


def test_nothing_known_rules_nothing_out() -> None:
    everything = Need(room=10**9, tools=True, json=True, images=True)
    assert not Traits().too_small(everything)
    assert Traits().missing(everything, "nobody", "x") == ""
    assert not Traits().free
    assert Traits().price is None


def test_room() -> None:
    assert not Traits(context=100).too_small(Need(room=100))
    assert Traits(context=100).too_small(Need(room=101))
    assert not Traits(context=100).too_small(Need(room=200), SURE)
    assert Traits(context=100).too_small(Need(room=201), SURE)
    assert not Traits(context=0).too_small(Need(room=1))
    assert not Traits(context=100).too_small(Need(tokens=10**9, room=100))


def test_what_the_server_says_counts_more_than_the_catalog() -> None:
    need = Need(images=True)
    assert Traits().missing(need, "local", "x") == "does not see images"
    assert Traits(images=True).missing(need, "local", "x") == ""
    assert Traits(images=False).missing(need, "openai", "new") == "does not see images"
    assert Traits(images=False).missing(Need(), "local", "x") == ""


@pytest.mark.parametrize(
    ("traits", "free"),
    [
        (Traits(input_price=0.0, output_price=0.0), True),
        (Traits(input_price=0.0), False),
        (Traits(input_price=0.0, output_price=1.0), False),
        (Traits(output_price=0.0), False),
        (Traits(input_price=0.1, output_price=0.0), False),
    ],
)
def test_free_is_only_what_certainly_costs_nothing(traits: Traits, free: bool) -> None:
    assert traits.free == free


def test_half_a_price_is_none_to_compare_by() -> None:
    assert Traits(input_price=1.0, output_price=2.0).price == 3.0
    assert Traits(input_price=1.0).price is None
    assert Traits(output_price=1.0).price is None
