from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.wire.patience import length_of, retry_after

NOW = "Sat, 21 Nov 2026 12:00:00 GMT"
EPOCH = 1795262400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("0.5", 0.5),
        ("6m0s", 360),
        ("7.66s", 7.66),
        ("20ms", 0.02),
        ("1h2m3s", 3723),
        ("2m59.56s", 179.56),
        ("", None),
        ("soon", None),
        ("5 apples", None),
        ("-3", None),
    ],
)
def test_lengths_of_time(text: str, seconds: float | None) -> None:
    assert length_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT", "date": NOW}, 30),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT", "date": NOW}, 0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT"}, None),
        ({"retry-after": "never", "date": NOW}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "99999999999"}, None),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "6m0s"}, 360),
        (
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-tokens": "500",
                "x-ratelimit-reset-tokens": "6m0s",
            },
            1,
        ),
        ({"x-ratelimit-reset": str(EPOCH + 12), "date": NOW}, 12),
        ({"x-ratelimit-reset": str((EPOCH + 12) * 1000), "date": NOW}, 12),
        ({"x-ratelimit-reset": str(EPOCH + 12)}, None),
    ],
)
def test_headers(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        (
            {
                "details": [
                    {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}
                ]
            },
            34,
        ),
        ({"message": "Rate limit reached. Please try again in 7m12.48s. Visit …"}, 432.48),
        ({"message": "Please try again in 250ms."}, 0.25),
        ({"metadata": {"headers": {"X-RateLimit-Reset": str((EPOCH + 3) * 1000)}}}, 3),
        ({"details": "none", "metadata": 3, "message": None}, None),
    ],
)
def test_what_the_body_says(fields: dict[str, object], seconds: float | None) -> None:
    assert retry_after({"date": NOW}, fields) == pytest.approx(seconds)


NAMES = st.sampled_from(
    [
        "retry-after",
        "retry-after-ms",
        "date",
        "x-ratelimit-reset",
        "x-ratelimit-reset-tokens",
        "x-ratelimit-remaining-tokens",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(
    headers=st.dictionaries(NAMES, st.text() | st.integers().map(str)),
    fields=st.dictionaries(st.sampled_from(["message", "details", "metadata"]), JSON),
)
def test_it_is_a_sensible_length_or_nothing(
    headers: dict[str, str], fields: dict[str, object]
) -> None:
    seconds = retry_after(headers, fields)
    assert seconds is None or 0 <= seconds <= 31 * 86400
