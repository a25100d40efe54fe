"""What holds for every question, every state of the providers and every configuration."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.core.routing.scene import LOCAL, ids
from zeke_bridge.config.catalog import Tiers
from zeke_bridge.config.ghostllm.schema import Routes
from zeke_bridge.core.routing.need import Need
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.core.routing.offers import Offers
from zeke_bridge.core.routing.plan import Ask, Plan, Wanted, plan
from zeke_bridge.core.routing.traits import SURE, Traits
from zeke_bridge.model.errors import CoreError

WORDS = ("auto", "fast", "cost-sensitive", "team", "ring", "alias", "openai", "a", "b", "t:1")
FULL = ("openai:a", "claude:a", "y:b", "z:c", "openai/a", "y/b", "absent:a", "x:", ":a", "x/")
NAMES = st.sampled_from((*WORDS, *FULL)) | st.text(max_size=5)
LISTS = st.lists(st.sampled_from(["a", "b", "t:1", "embed", "y/b"]), max_size=4).map(tuple)
TIERS = st.builds(Tiers, fast=LISTS, balanced=LISTS, embed=LISTS)
OFFERS = st.lists(
    st.builds(
        Offer,
        provider=st.sampled_from(["openai", "anthropic", "local", "y", "z"]),
        local=st.booleans(),
        obstacle=st.sampled_from(["", "", "no key", "unreachable"]),
        health=st.sampled_from(["", "", "resting for 3 s"]),
        models=st.none() | LISTS,
        complete=st.booleans(),
        preferred=st.sampled_from(["", "a"]),
        usual=LISTS,
        tiers=TIERS,
    ),
    unique_by=lambda offer: offer.provider,
    max_size=5,
)
ROUTES = st.builds(
    Routes,
    rules=st.dictionaries(
        st.sampled_from(["quick_tasks", "chat", "edit"]), st.lists(NAMES, max_size=2).map(tuple)
    ),
    fallback=st.lists(NAMES, max_size=3).map(tuple),
    aliases=st.dictionaries(st.sampled_from(["alias", "a"]), NAMES, max_size=2),
    groups=st.fixed_dictionaries(
        {},
        optional={
            "team": st.lists(st.tuples(NAMES, st.sampled_from([0.0, 0.5, 2.0])), max_size=3).map(
                tuple
            ),
            "ring": st.just((("team", 1.0), ("ring", 1.0))),
        },
    ),
    priority=st.booleans(),
)
NEEDS = st.builds(
    Need,
    tokens=st.sampled_from([0, 10, 15, 30]),
    tools=st.booleans(),
    json=st.booleans(),
    images=st.booleans(),
    kind=st.sampled_from(["chat", "fill", "embed"]),
)
WANTED = st.builds(
    Wanted,
    model=NAMES,
    task=st.sampled_from(["chat", "refactor", "cost-sensitive", "poetry"]),
    local_only=st.booleans(),
    need=NEEDS,
    blocked=st.sampled_from(["", "The limit is reached."]),
    lot=st.floats(0, 1, exclude_max=True),
)
ABILITY = st.sampled_from([None, True, False])
TRAITS = st.builds(
    Traits,
    context=st.sampled_from([None, 10, 20]),
    tools=ABILITY,
    json=ABILITY,
    images=ABILITY,
    input_price=st.sampled_from([None, 0.0, 1.0]),
    output_price=st.sampled_from([None, 0.0, 1.0]),
)


@given(WANTED, OFFERS, ROUTES, TRAITS)
def test_whatever_is_planned_may_be_asked(
    wanted: Wanted, offers: list[Offer], routes: Routes, traits: Traits
) -> None:
    by_name = {offer.provider: offer for offer in offers}

    def known(_provider: str, _model: str) -> Traits:
        return traits

    def once() -> Plan | Ask | str:
        try:
            return plan(wanted, Offers.of(offers), routes, known, {"absent": "add it"})
        except CoreError as error:
            assert error.message.strip().endswith((".", "`"))
            return error.message

    step = once()
    assert step == once()
    if isinstance(step, str):
        return
    if isinstance(step, Ask):
        assert step.providers
        for name in step.providers:
            offer = by_name[name]
            assert offer.models is None
            assert not offer.hindrance(wanted.local_only)
            assert not offer.health
        return
    assert step.candidates
    assert len({candidate.id for candidate in step.candidates}) == len(step.candidates)
    assert step.reason.startswith(step.candidates[0].reason)
    for candidate in step.candidates:
        offer, need = by_name[candidate.provider], wanted.need
        assert candidate.model
        assert candidate.local == offer.local
        assert not offer.hindrance(wanted.local_only)
        assert not offer.health
        assert offer.local or not wanted.local_only
        assert not (need.tools and traits.tools is False)
        assert not (need.json and traits.json is False)
        assert not (need.images and traits.images is False)
        assert traits.context is None or need.tokens <= traits.context * SURE
        assert not wanted.blocked or offer.local or traits.input_price == 0
        assert not offer.refuses(candidate.model)
    assert not {row.candidate for row in step.passed} & {one.id for one in step.candidates}


@given(
    st.lists(st.integers(0, 20), min_size=1, max_size=6).filter(any),
    st.integers(1, 60),
)
def test_a_group_follows_its_weights_over_all_lots(weights: list[int], lots: int) -> None:
    models = tuple(f"m{number}" for number in range(len(weights)))
    offer = Offer("x", models=models, complete=True)
    routes = Routes(groups={"team": tuple(zip(models, map(float, weights), strict=True))})
    drawn = Counter(
        ids(Wanted("team", lot=(lot + 0.5) / lots), offer, LOCAL, routes=routes)[0]
        for lot in range(lots)
    )
    for model, weight in zip(models, weights, strict=True):
        exact = Fraction(weight * lots, sum(weights))
        assert math.floor(exact) - 1 <= drawn[f"x:{model}"] <= math.ceil(exact) + 1
        assert weight or not drawn[f"x:{model}"]
