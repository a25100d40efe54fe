from __future__ import annotations

import pytest

from zeke_bridge.core.limits.remaining import Left, Remaining


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, b"0ms"),
        (0.25, b"250ms"),
        (1, b"1s"),
        (1.5, b"1.5s"),
        (60, b"1m0s"),
        (361.25, b"6m1.25s"),
    ],
)
def test_a_span_is_written_as_openai_does(seconds: float, text: bytes) -> None:
    headers = dict(Remaining(requests=Left(10, 3, seconds)).headers())
    assert headers[b"x-ratelimit-reset-requests"] == text
    assert headers[b"x-ratelimit-remaining-requests"] == b"3"
    assert len(headers) == 3
