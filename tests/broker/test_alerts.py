"""A cost limit that is near is told once for each mark and period."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.street import Street
from zeke_bridge.broker.alerts import Alert, CostAlerts
from zeke_bridge.model.exchange import Budget, Receipt


def day(spent: float, limit: float = 10.0, warn: float = 0.0) -> Budget:
    return Budget("day", spent, limit, warn)


def told(alerts: CostAlerts, *spent: float, **more: float) -> list[int]:
    """The percents that were told of while that much was spent."""
    found = [alerts.passed("", day(one, **more)) for one in spent]
    return [alert.percent for alert in found if alert is not None]


def test_at_80_and_95_percent_once_each() -> None:
    assert told(CostAlerts(), 1, 7.99, 8.0, 8.5, 9.0, 9.49, 9.5, 9.9, 10, 12) == [80, 95]
    assert told(CostAlerts(), 8.5, 8.5) == [85]
    assert told(CostAlerts(), 1, 9.7, 9.8) == [97]


def test_what_is_said() -> None:
    assert CostAlerts().passed("", day(8.5)) == Alert("day", 8.5, 10.0, 85, "warning")
    critical = CostAlerts().passed("", Budget("month", 19.5, 20.0))
    assert critical == Alert("month", 19.5, 20.0, 97, "critical")


def test_the_users_own_mark() -> None:
    assert told(CostAlerts(), 4.9, 5.0, 6, 8, 9.5, warn=5.0) == [50, 80, 95]
    assert told(CostAlerts(), 8.0, 8.9, 9.0, 9.5, warn=9.0) == [80, 90, 95]
    notice = CostAlerts().passed("", day(5.0, warn=5.0))
    assert notice is not None
    assert notice.level == "notice"
    assert told(CostAlerts(), 5, 9, warn=20.0) == [90]


def test_a_new_period_tells_again() -> None:
    alerts = CostAlerts()
    assert told(alerts, 8.2, 9.6) == [82, 96]
    assert told(alerts, 0.4, 8.3, 9.7) == [83, 97]
    # The first answer of the new day comes late, after others have spent a lot.
    assert told(alerts, 9.0) == [90]


def test_answers_that_overtake_each_other_tell_once() -> None:
    assert told(CostAlerts(), 8.01, 7.99, 8.02, 9.51, 9.49, 9.52) == [80, 95]


def test_cores_periods_and_limits_are_apart() -> None:
    alerts = CostAlerts()
    assert told(alerts, 8.5) == [85]
    assert alerts.passed("http://far", day(8.5)) is not None
    assert alerts.passed("", Budget("month", 8.5, 10.0)) is not None
    assert told(alerts, 9.0, limit=20.0) == []
    assert told(alerts, 16.0, limit=20.0) == [80]


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan")])
def test_no_limit_is_nothing_to_tell(limit: float) -> None:
    assert told(CostAlerts(), 5, 50, limit=limit) == []
    assert told(CostAlerts(), float("nan"), -1.0) == []


@given(st.lists(st.floats(0, 30, allow_nan=False), max_size=30).map(sorted), st.floats(0, 12))
def test_in_one_period_each_mark_is_told_at_most_once(spent: list[float], warn: float) -> None:
    found = told(CostAlerts(), *spent, warn=warn)
    assert found == sorted(found)
    assert len(found) <= 3
    if spent and spent[-1] >= 9.51:
        assert found[-1] >= 95


@pytest.mark.anyio
async def test_every_editor_hears_it(street: Street) -> None:
    one, near = street.editor()
    other, far = street.editor(street.other)
    one.receipt(Receipt("m", "p", budget=day(8.5)))
    other.receipt(Receipt("m", "p", budget=day(8.6)))
    one.receipt(Receipt("m", "p"))
    alert = {"period": "day", "spent": 8.5, "limit": 10.0, "percent": 85, "level": "warning"}
    assert near.named("cost.alert") == far.named("cost.alert") == [alert]
