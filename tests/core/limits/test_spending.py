from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.config.ghostllm.schema import Costs
from zeke_bridge.core.access.clients import ANYONE, Client
from zeke_bridge.core.limits.spending import (
    Spent,
    Standing,
    limited,
    standing,
    together,
    verdict,
)
from zeke_bridge.model.exchange import Budget


@dataclass(frozen=True)
class Gone:
    hour: float = 0.0
    day: float = 0.0
    month: float = 0.0


def test_without_a_limit_nothing_is_said() -> None:
    assert verdict(Costs(warn=1), Gone(9, 9, 9)) == Standing()


def test_under_the_limit_there_is_a_budget_with_its_warning() -> None:
    found = verdict(Costs(daily_limit=10, warn=8), Gone(0.5, 8.5, 20))
    assert found == Standing("", Budget("day", 8.5, 10, 8))


def test_the_limit_itself_blocks_with_a_sentence() -> None:
    found = verdict(Costs(daily_limit=10), Gone(0.5, 10, 20))
    assert found.blocked == (
        "The daily limit of $10.00 is reached ($10.00 spent): until tomorrow only what costs "
        "nothing is asked."
    )
    assert found.budget == Budget("day", 10, 10)


@pytest.mark.parametrize(
    ("costs", "word"),
    [
        (Costs(hourly_limit=1), "hourly"),
        (Costs(hourly_limit=1, daily_limit=1), "daily"),
        (Costs(hourly_limit=1, daily_limit=1, monthly_limit=1), "monthly"),
    ],
)
def test_the_block_that_lasts_longest_is_the_one_that_is_said(costs: Costs, word: str) -> None:
    assert word in verdict(costs, Gone(2, 2, 2)).blocked


def test_the_nearest_limit_is_the_budget_and_a_warning_is_of_its_own_period() -> None:
    costs = Costs(daily_limit=10, monthly_limit=100, warn=8)
    assert verdict(costs, Gone(0, 5, 90)).budget == Budget("month", 90, 100)
    assert verdict(costs, Gone(0, 5, 10)).budget == Budget("day", 5, 10, 8)
    monthly = Costs(monthly_limit=1000, warn=800)
    assert verdict(monthly, Gone(0, 5, 10)).budget == Budget("month", 10, 1000, 800)


def test_a_limit_of_nothing_blocks_at_once() -> None:
    assert verdict(Costs(daily_limit=0), Gone()).blocked


def test_small_sums_are_not_shown_as_nothing() -> None:
    assert "$0.0012" in verdict(Costs(daily_limit=0.001), Gone(0, 0.00123, 0)).blocked


SOON = "What is being answered now may reach the hourly limit of $0.30: try again in a moment."


def test_what_runs_blocks_for_a_moment_and_is_not_said_to_be_spent() -> None:
    costs = Costs(hourly_limit=0.3)
    found = verdict(costs, Gone(0.0025), running=0.3)
    assert (found.blocked, found.soon) == (SOON, True)
    assert found.budget == Budget("hour", 0.0025, 0.3)
    assert verdict(costs, Gone(0.0025), running=0.2).blocked == ""
    reached = verdict(costs, Gone(0.3), running=0.3)
    assert "($0.30 spent)" in reached.blocked
    assert not reached.soon


def test_a_limit_that_is_reached_is_said_before_one_that_may_be() -> None:
    found = verdict(Costs(hourly_limit=1, monthly_limit=10), Gone(1, 1, 9), running=5)
    assert "hourly" in found.blocked
    assert not found.soon
    lasting, soon = Standing("no"), Standing("soon", soon=True)
    assert together(soon, lasting) == lasting
    assert together(Standing(), soon) == soon


def test_what_runs_counts_for_the_core_and_for_each_client() -> None:
    def running(client: str | None) -> float:
        return 0.9 if client else 1.9

    def spent(*_: object) -> Spent:
        return Gone(day=0.2)

    ours = standing(Costs(daily_limit=2), ANYONE, 5, spent, spent, running=running)
    its = standing(Costs(), CLIENT, 5, spent, spent, running=running)
    assert "the daily limit of $2.00" in ours.blocked
    assert "the daily limit of laptop of $1.00" in its.blocked
    assert ours.soon
    assert its.soon


def test_who_has_a_limit() -> None:
    assert not limited(Costs(warn=1), ANYONE)
    assert limited(Costs(hourly_limit=1), ANYONE)
    assert limited(Costs(), CLIENT)


CLIENT = Client("key-1", "laptop", daily_limit=1)


def ask(costs: Costs, client: Client, all_spent: Spent, own: Spent) -> tuple[Standing, list[str]]:
    asked: list[str] = []

    def spent_by(name: str, now: float) -> Spent:
        asked.append(name)
        return own

    return standing(costs, client, 5, lambda now: all_spent, spent_by), asked


def test_a_clients_own_budget_blocks_it_and_names_it() -> None:
    found, asked = ask(Costs(daily_limit=10), CLIENT, Gone(0, 2, 2), Gone(0, 1.5, 1.5))
    assert found.blocked.startswith("The daily limit of laptop of $1.00 is reached ($1.50 spent)")
    assert found.budget == Budget("day", 1.5, 1)
    assert asked == ["key-1"]


def test_the_cores_limit_counts_for_every_client() -> None:
    found, _ = ask(Costs(daily_limit=2), CLIENT, Gone(0, 2, 2), Gone(0, 0.1, 0.1))
    assert found.blocked.startswith("The daily limit of $2.00")


def test_the_nearer_of_both_is_the_budget() -> None:
    monthly = Client("key-1", "laptop", monthly_limit=100)
    assert ask(Costs(daily_limit=2), CLIENT, Gone(day=1.9), Gone(day=0.1))[0].budget == Budget(
        "day", 1.9, 2
    )
    assert ask(Costs(), monthly, Gone(day=1.9), Gone(month=60))[0].budget == Budget(
        "month", 60, 100
    )


def test_a_client_without_a_budget_is_not_looked_up() -> None:
    found, asked = ask(Costs(), Client("key-2", "desk"), Gone(9, 9, 9), Gone())
    assert (found, asked) == (Standing(), [])


def test_of_several_the_one_that_blocks_counts() -> None:
    near = Standing("", Budget("day", 9, 10))
    assert together(near, Standing("no", Budget("hour", 1, 1))).blocked == "no"
    assert together(Standing(), near, Standing("", Budget("day", 1, 10))) == near
    assert together(Standing()) == Standing()


LIMITS = st.none() | st.floats(0, 1000)


@given(LIMITS, LIMITS, LIMITS, st.floats(0, 2000), st.floats(0, 2000), st.floats(0, 2000))
def test_it_blocks_exactly_when_a_limit_is_reached(
    hourly: float | None,
    daily: float | None,
    monthly: float | None,
    hour: float,
    day: float,
    month: float,
) -> None:
    found = verdict(Costs(hourly, daily, monthly), Gone(hour, day, month))
    pairs = [(hour, hourly), (day, daily), (month, monthly)]
    assert bool(found.blocked) == any(gone >= limit for gone, limit in pairs if limit is not None)
    assert (found.budget is None) == all(limit is None for _, limit in pairs)
