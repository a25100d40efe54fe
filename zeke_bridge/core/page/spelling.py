"""How the page writes figures: money, times, shares, counts, moments. Pure.

A figure that is not known is a dash. What is no number at all (a price that overflowed) is one too.
"""

from __future__ import annotations

import math
from datetime import date, datetime, tzinfo

NONE = "–"
UNKNOWN = "unknown"
_HUGE = 1e12
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def count(number: int) -> str:
    """``1,247``."""
    return f"{number:,}"


def counted(number: int, one: str, many: str = "") -> str:
    """``1 request``, ``1,247 requests``."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def money(amount: float, places: int = 2, unpriced: int = 0) -> str:
    """US dollars with so many decimals, the same in a whole column; ``<$0.01`` for a trace.

    Nothing at all is ``$0``. With answers of which nobody knows the price among it, it is
    ``$0.12 + unknown``, or ``unknown``.
    """
    if unpriced > 0:
        return f"{money(amount, places)} + {UNKNOWN}" if amount > 0 else UNKNOWN
    if not math.isfinite(amount):
        return NONE
    if amount == 0:
        return "$0"
    if abs(amount) >= _HUGE:
        return f"${amount:.1e}"
    least = 10.0**-places
    if 0 < amount < least / 2:
        return f"<${least:.{places}f}"
    return f"{'-' if amount < 0 else ''}${abs(amount):,.{places}f}"


def price(amount: float, unpriced: int = 0) -> str:
    """US dollars by themselves: small amounts get the decimals that say something."""
    return money(amount, 4 if 0 < abs(amount) < 0.1 else 2, unpriced)


def round_money(amount: float) -> str:
    """US dollars on an axis: ``$0``, ``$2``, ``$0.50``, ``$0.0025``."""
    if amount == int(amount):
        return f"${int(amount):,}"
    spelled = f"{amount:,.6f}".rstrip("0")
    return f"${spelled}0" if spelled[-2] == "." else f"${spelled}"


def seconds(value: float | None) -> str:
    """Seconds with two decimals, the same in a whole column."""
    if value is None or not 0 <= value < _HUGE:
        return NONE
    return "<0.01 s" if 0 < value < 0.005 else f"{value:,.2f} s"


def pace(value: float | None) -> str:
    """Seconds by themselves: ``245 ms``, ``1.24 s``, ``12.3 s``, ``2 min 5 s``."""
    if value is None or not 0 <= value < _HUGE:
        return NONE
    if value < 0.9995:
        return "<1 ms" if 0 < value < 0.0005 else f"{value * 1000:.0f} ms"
    if value < 9.995:
        return f"{value:.2f} s"
    return f"{value:.1f} s" if value < 59.95 else lasting(value)


def lasting(value: float) -> str:
    """A length of time in its two largest units: ``2 d 14 h``, ``5 min 12 s``, ``0 s``."""
    if not math.isfinite(value):
        return NONE
    rest = max(0, int(value))
    parts = []
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (1, "s")):
        number, rest = divmod(rest, size)
        parts.append((number, unit))
    first = next((at for at, (number, _) in enumerate(parts) if number), len(parts) - 1)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2])


def percent(share: float | None) -> str:
    """``67%``. Only all of it is ``100%``, only nothing is ``0%``."""
    if share is None or not math.isfinite(share):
        return NONE
    if 0 < share < 0.01:
        return "<1%"
    if 0.99 < share < 1:
        return f"{math.floor(share * 1000) / 10:.1f}%"
    return f"{share * 100:.0f}%"


def size(number: int) -> str:
    """``512 B``, ``34 KB``, ``1.2 MB``."""
    if number < 1000:
        return f"{number} B"
    for unit in ("KB", "MB"):
        number_of = number / (1000 if unit == "KB" else 1000**2)
        if number_of < 999.5:
            return f"{number_of:.3g} {unit}"
    return f"{number / 1000**3:,.1f} GB"


def day(iso: str) -> str:
    """``2026-11-21`` as ``21 Nov``; what is no day stays as it is."""
    try:
        found = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{found.day} {found:%b}"


def clock(time: float, zone: tzinfo | None) -> str:
    """The time of day, ``14:32:05``."""
    moment = _moment(time, zone)
    return f"{moment:%H:%M:%S}" if moment else NONE


def moment(time: float, now: float, zone: tzinfo | None) -> str:
    """When it was: the time of day, with the day when that is not today's."""
    then, today = _moment(time, zone), _moment(now, zone)
    if then is None:
        return NONE
    if today is not None and then.date() == today.date():
        return f"{then:%H:%M:%S}"
    return f"{then.day} {then:%b} {then:%H:%M}"


def iso(time: float, zone: tzinfo | None) -> str:
    """As HTML's ``<time datetime>`` wants it; empty for what is no moment."""
    found = _moment(time, zone)
    return found.astimezone().isoformat(timespec="seconds") if found else ""


def _moment(time: float, zone: tzinfo | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(time, zone)
    except (OverflowError, ValueError, OSError):
        return None
