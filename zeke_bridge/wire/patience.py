"""How long a server asks its client to wait, wherever it says so.

``Retry-After`` is RFC 9110 section 10.2.3, in seconds or as a date; ``retry-after-ms`` and
``x-ratelimit-*`` are OpenAI's (https://platform.openai.com/docs/guides/rate-limits), Groq's and
OpenRouter's, ``retryDelay`` Google's (https://google.aip.dev/193). Pure: a date is measured against
the answer's own ``Date``, which also keeps a clock that is wrong out of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SENTENCE = re.compile(r"(?:try|retry) again in ((?:\d+(?:\.\d+)?(?:ms|h|m|s))+)", re.I)
_EPOCH = 1e9
_LONGEST = 31 * 86400.0


def retry_after(headers: Mapping[str, str], fields: Mapping[str, Any] = {}) -> float | None:
    """Seconds to wait, None when nothing says so; what is no sensible length counts as not said.

    ``headers`` in lower case, ``fields`` are the error's.
    """
    for seconds in _said(headers, fields):
        if seconds is not None and math.isfinite(seconds) and 0 <= seconds <= _LONGEST:
            return seconds
    return None


def length_of(text: str) -> float | None:
    """The seconds of ``6m0s``, ``7.66s``, ``20ms`` or a plain number."""
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    parts = _LENGTH.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _said(headers: Mapping[str, str], fields: Mapping[str, Any]) -> Iterator[float | None]:
    """Every place that may say it, the most exact one first."""
    exact = length_of(headers.get("retry-after-ms", ""))
    yield None if exact is None else exact / 1000
    told = headers.get("retry-after", "")
    yield length_of(told)
    yield _until(told, headers)
    yield _delay(fields)
    yield _reset(headers)
    extra = fields.get("metadata")
    inner = extra.get("headers") if isinstance(extra, dict) else None
    if isinstance(inner, dict):
        yield _reset({**headers, **{str(key).lower(): str(inner[key]) for key in inner}})
    found = _SENTENCE.search(str(fields.get("message") or ""))
    yield length_of(found[1]) if found else None


def _until(date: str, headers: Mapping[str, str]) -> float | None:
    try:
        left = parsedate_to_datetime(date) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, left.total_seconds())


def _delay(fields: Mapping[str, Any]) -> float | None:
    """Google's ``RetryInfo`` among an error's details."""
    details = fields.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and isinstance(detail.get("retryDelay"), str):
            return length_of(detail["retryDelay"])
    return None


def _reset(headers: Mapping[str, str]) -> float | None:
    """When what is used up comes back; of several the last."""
    waits = []
    for kind in ("-requests", "-tokens", ""):
        left = headers.get(f"x-ratelimit-remaining{kind}", "0")
        wait = length_of(headers.get(f"x-ratelimit-reset{kind}", ""))
        if wait is not None and left.strip() in {"0", "0.0"}:
            waits.append(_from_epoch(wait, headers) if wait > _EPOCH else wait)
    known = [wait for wait in waits if wait is not None]
    return max(known) if known else None


def _from_epoch(moment: float, headers: Mapping[str, str]) -> float | None:
    """A moment in seconds or milliseconds since 1970, as what is left until then."""
    seconds = moment / 1000 if moment > _EPOCH * 100 else moment
    try:
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, seconds - now)
