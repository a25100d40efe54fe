"""What an answer costs by one price."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.costs.rate import Price, Rate, completion, flat
from zeke_bridge.model.exchange import Cost, Usage

PLAIN = Price(flat(2.0), flat(8.0), flat(0.5), flat(2.5))
COUNTS = st.integers(-5, 2_000_000)
USAGES = st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)


def test_fresh_cached_and_written_tokens_have_their_own_prices() -> None:
    cost = PLAIN.cost(Usage(1_000_000, 500_000, 1_500_000, 400_000, 100_000))
    assert cost.input_cost == pytest.approx(0.5 * 2.0 + 0.4 * 0.5 + 0.1 * 2.5)
    assert cost.output_cost == pytest.approx(4.0)
    assert cost.total_cost == pytest.approx(cost.input_cost + cost.output_cost)


def test_what_has_no_price_of_its_own_costs_as_the_rest() -> None:
    price = Price(flat(2.0), flat(8.0))
    cost = price.cost(Usage(1_000_000, 1_000_000, 2_000_000, 300_000, 300_000, 900_000))
    assert cost == Cost(2.0, 8.0, 10.0)
    assert price.rate() == Rate(2.0, 8.0, 2.0)


def test_a_step_holds_for_all_tokens_once_the_prompt_is_longer() -> None:
    price = Price(((-1, 1.0), (200_000, 2.0)), ((-1, 10.0), (200_000, 15.0)))
    assert price.cost(Usage(200_000, 0)).input_cost == pytest.approx(0.2)
    assert price.cost(Usage(200_001, 1_000_000)).input_cost == pytest.approx(0.400002)
    assert price.cost(Usage(200_001, 1_000_000)).output_cost == pytest.approx(15.0)
    assert price.rate() == Rate(1.0, 10.0, 1.0)


def test_thought_tokens_may_have_a_price_of_their_own() -> None:
    price = Price(flat(1.0), flat(8.0), reasoning=flat(3.0))
    assert price.cost(Usage(0, 1_000_000, 1_000_000, 0, 0, 400_000)).output_cost == pytest.approx(
        0.6 * 8.0 + 0.4 * 3.0
    )


def test_thought_tokens_outside_the_completion_are_charged() -> None:
    # xAI: completion_tokens without reasoning_tokens, total_tokens with them.
    assert completion(Usage(32, 9, 135, 0, 0, 94)) == 103
    # OpenAI: inside.
    assert completion(Usage(32, 103, 135, 0, 0, 94)) == 103


def test_a_call_may_cost_something_by_itself() -> None:
    assert Price(flat(1.0), flat(1.0), request=0.012).cost(Usage(1_000_000)).total_cost == 1.012


def test_parts_that_exceed_the_whole_are_cut_off() -> None:
    assert PLAIN.cost(Usage(100, 0, 100, 500, 500)).input_cost == pytest.approx(100 * 0.5 / 1e6)


@given(USAGES)
def test_no_usage_costs_less_than_nothing(usage: Usage) -> None:
    cost = PLAIN.cost(usage)
    assert cost.input_cost >= 0
    assert cost.output_cost >= 0
    assert cost.total_cost == pytest.approx(cost.input_cost + cost.output_cost)


@given(USAGES)
def test_more_of_the_prompt_from_the_cache_is_never_dearer(usage: Usage) -> None:
    cached = Usage(
        usage.prompt_tokens,
        usage.completion_tokens,
        usage.total_tokens,
        usage.prompt_tokens,
        0,
        usage.reasoning_tokens,
    )
    assert PLAIN.cost(cached).total_cost <= PLAIN.cost(usage).total_cost + 1e-12
