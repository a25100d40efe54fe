from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.providers.retry import ATTEMPTS, pause
from zeke_bridge.model import errors

LEFT = 20.0
RETRYABLE = [
    errors.UnreachableError("x"),
    errors.TimedOutError("x"),
    errors.ProviderError("x"),
    errors.RateLimitError("x"),
    errors.OverloadedError("x"),
]
FINAL = [
    errors.AuthError("x"),
    errors.ContextError("x"),
    errors.FilteredError("x"),
    errors.UnknownModelError("x"),
    errors.BadAnswerError("x"),
    errors.CostLimitError("x"),
]


@pytest.mark.parametrize("error", RETRYABLE)
def test_waits_grow_and_come_to_an_end(error: errors.CoreError) -> None:
    waits = [pause(error, attempt, 0.5, LEFT) for attempt in range(1, ATTEMPTS + 1)]
    assert waits == [0.375, 1.5, None]


@pytest.mark.parametrize("error", FINAL)
def test_what_would_fail_again_is_not_asked_again(error: errors.CoreError) -> None:
    assert pause(error, 1, 0.5, LEFT) is None


def test_no_credit_now_is_no_credit_in_a_moment() -> None:
    error = errors.RateLimitError("x")
    error.retryable = False
    assert pause(error, 1, 0.5, LEFT) is None


@pytest.mark.parametrize("kind", [errors.RateLimitError, errors.OverloadedError])
def test_a_server_gets_the_time_it_asks_for_within_reason(
    kind: type[errors.RateLimitError] | type[errors.OverloadedError],
) -> None:
    assert pause(kind("x", 7.0), 1, 0.9, LEFT) == 7.0
    assert pause(kind("x", 0.0), 2, 0.9, LEFT) == 0.0
    assert pause(kind("x", LEFT), 1, 0.0, LEFT) == LEFT
    assert pause(kind("x", LEFT + 0.1), 1, 0.0, LEFT) is None
    assert pause(kind("x", 1.0), ATTEMPTS, 0.0, LEFT) is None


@given(
    error=st.sampled_from(RETRYABLE + FINAL),
    attempt=st.integers(1, 100),
    jitter=st.floats(0, 1, exclude_max=True),
    left=st.floats(-10, 30),
)
def test_it_never_takes_more_than_is_left(
    error: errors.CoreError, attempt: int, jitter: float, left: float
) -> None:
    wait = pause(error, attempt, jitter, left)
    assert wait is None or (0 < wait <= left and attempt < ATTEMPTS)
