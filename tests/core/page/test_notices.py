from __future__ import annotations

import pytest

from zeke_bridge.core.page.notices import notices
from zeke_bridge.model.stats import CostStats


@pytest.mark.parametrize(
    ("spent", "tone", "title"),
    [
        (7.99, None, ""),
        (8.0, "warn", "80% of the daily cost limit"),
        (9.49, "warn", "95% of the daily cost limit"),
        (9.5, "near", "95% of the daily cost limit"),
        (9.999, "near", "99.9% of the daily cost limit"),
        (10.0, "bad", "The daily cost limit is reached"),
        (12.0, "bad", "The daily cost limit is reached"),
    ],
)
def test_a_limit_warns_from_80_and_95_percent_on(
    spent: float, tone: str | None, title: str
) -> None:
    said = notices(CostStats(today=spent, daily_limit=10.0), "")
    if tone is None:
        assert said == ()
        return
    [notice] = said
    assert (notice.tone, notice.title) == (tone, title)
    if tone != "bad":
        assert "of $10.00 are spent" in notice.text
    else:
        assert "until tomorrow only what costs nothing is asked" in notice.text


def test_each_limit_speaks_for_itself_and_the_worst_first() -> None:
    costs = CostStats(0.9, 1.0, month=50.0, hourly_limit=1.0, daily_limit=100.0, monthly_limit=50.0)
    assert [(row.tone, row.title) for row in notices(costs, "")] == [
        ("bad", "The monthly cost limit is reached"),
        ("warn", "90% of the hourly cost limit"),
    ]


def test_a_warning_is_given_where_the_user_wants_it() -> None:
    costs = CostStats(0.5, 3.0, month=3.0, daily_limit=10.0, monthly_limit=10.0, warn=3.0)
    assert [row.title for row in notices(costs, "")] == ["30% of the daily cost limit"]
    assert notices(CostStats(today=3.0, warn=1.0), "") == ()


def test_a_limit_of_nothing_is_reached() -> None:
    [notice] = notices(CostStats(daily_limit=0.0), "")
    assert notice.tone == "bad"


def test_a_wrong_configuration_is_said_with_its_words_made_visible() -> None:
    [notice] = notices(CostStats(), "config.toml, line 3:\u202e no such key\n." + "x" * 2000)
    assert notice.tone == "bad"
    assert notice.title == "The configuration has a mistake"
    assert notice.text.startswith("config.toml, line 3:\\u{202e} no such key\\u{a}.")
    assert len(notice.text) < 800
    assert notice.text.endswith("the one that was read before counts.")
