"""``[costs]``: limits in US dollars, and from which amount on to warn.

Format::

    [costs]
    daily_limit_usd = 10.00
    warn_threshold_usd = 8.00
"""

from __future__ import annotations

from zeke_bridge.config.ghostllm.schema import Costs
from zeke_bridge.config.section import Section

_HOURLY, _DAILY, _MONTHLY = "hourly_limit_usd", "daily_limit_usd", "monthly_limit_usd"
_WARN = "warn_threshold_usd"


def read_costs(section: Section) -> Costs:
    """What ``section`` says."""
    section.only((_HOURLY, _DAILY, _MONTHLY, _WARN))
    return limits(section, hourly=_HOURLY, daily=_DAILY, monthly=_MONTHLY, warn=_WARN)


def limits(section: Section, *, hourly: str, daily: str, monthly: str, warn: str) -> Costs:
    """The limits under the keys that a format has for them."""
    costs = Costs(
        section.number(hourly), section.number(daily), section.number(monthly), section.number(warn)
    )
    limit = next(
        (one for one in (costs.daily_limit, costs.monthly_limit, costs.hourly_limit) if one), None
    )
    if costs.warn is not None and limit is not None and costs.warn > limit:
        raise section.wrong(warn, f"is over the limit of {limit:g}, which comes first.")
    return costs
