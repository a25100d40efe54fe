"""Hours, days, weeks and months of the local calendar, as seconds since the epoch.

The one place that knows time zones. A day may have 23 or 25 hours. Reads no clock.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

DAY = 86400.0


def hour_start(now: float) -> float:
    """When the clock last struck the hour: a whole number, as the quarters of it are."""
    local = datetime.fromtimestamp(now).astimezone()
    return local.replace(minute=0, second=0, microsecond=0).timestamp()


def today(now: float) -> date:
    """The day it is here."""
    return datetime.fromtimestamp(now).astimezone().date()


def day_start(day: date) -> float:
    """Midnight at the beginning of ``day``."""
    return datetime(day.year, day.month, day.day).timestamp()


def tomorrow(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)


def week_start(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def month_start(day: date) -> date:
    """The first of its month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """The first of the month after."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def projected(spent: float, now: float) -> float:
    """What a month will have cost at its end, going on as it began.

    ``spent`` is what it has cost so far. A month is taken to be at least one day old, so that one
    question in its first minutes does not look like thousands of dollars.
    """
    day = today(now)
    begin = day_start(month_start(day))
    length = day_start(month_end(day)) - begin
    share = min(1.0, max(now - begin, DAY) / length)
    return max(spent, spent / share)
