from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zeke_bridge.config.ghostllm.schema import Rates
from zeke_bridge.core.limits.limiter import Limiter
from zeke_bridge.model.errors import RateLimitError

FIVE = Rates(requests_per_minute=5)
TOKENS = Rates(tokens_per_minute=100)
ONE_AT_A_TIME = Rates(max_parallel=1)


def refused(
    limiter: Limiter, names: list[tuple[str, str, Rates]], tokens: int, now: float
) -> float:
    with pytest.raises(RateLimitError) as caught:
        limiter.admit(names, tokens, now)
    assert caught.value.retryable
    assert caught.value.retry_after is not None
    return caught.value.retry_after


def test_requests_a_minute_for_each_name_alone() -> None:
    limiter = Limiter()
    for _ in range(5):
        limiter.admit([("client", "a", FIVE)], 10, 0)
    assert refused(limiter, [("client", "a", FIVE)], 10, 0) == pytest.approx(12)
    limiter.admit([("client", "b", FIVE)], 10, 0)
    limiter.admit([("provider", "a", FIVE)], 10, 0)
    limiter.admit([("client", "a", FIVE)], 10, 12)


def test_the_sentence_says_which_limit_and_when() -> None:
    limiter = Limiter()
    names = [("provider", "groq", Rates(requests_per_minute=1))]
    limiter.admit(names, 0, 0)
    with pytest.raises(RateLimitError, match=r"1 requests a minute for groq .* in 60 s"):
        limiter.admit(names, 0, 0)


def test_past_every_name_or_past_none() -> None:
    limiter = Limiter()
    limiter.admit([("provider", "p", Rates(requests_per_minute=1))], 0, 0)
    both = [("client", "a", FIVE), ("provider", "p", Rates(requests_per_minute=1))]
    assert refused(limiter, both, 0, 0) == pytest.approx(60)
    left = limiter.remaining([("client", "a", FIVE)], 0).requests
    assert left is not None
    assert left.left == 5


def test_the_longest_wait_is_the_one_that_is_said() -> None:
    limiter = Limiter()
    both = [("client", "a", FIVE), ("provider", "p", Rates(requests_per_minute=0.5))]
    limiter.admit(both, 0, 0)
    assert refused(limiter, both, 0, 0) == pytest.approx(120)


def test_tokens_are_reserved_and_then_settled_with_the_real_ones() -> None:
    limiter = Limiter()
    names = [("client", "a", TOKENS)]
    lease = limiter.admit(names, 80, 0)
    assert refused(limiter, names, 80, 0) == pytest.approx(36)
    limiter.settle(lease, 20, 0)
    lease = limiter.admit(names, 80, 0)
    limiter.settle(lease, 140, 0)
    assert refused(limiter, names, 0, 0) == pytest.approx(36.6)
    assert refused(limiter, names, 100, 0) == pytest.approx(96)


def test_a_reservation_is_kept_where_nobody_counted_and_given_back_once_only() -> None:
    limiter = Limiter()
    names = [("client", "a", TOKENS)]
    limiter.settle(limiter.admit(names, 50, 0), None, 0)
    lease = limiter.admit(names, 50, 0)
    limiter.settle(lease, 0, 0)
    limiter.settle(lease, 0, 0)
    left = limiter.remaining(names, 0).tokens
    assert left is not None
    assert left.left == 50


def test_a_question_larger_than_the_limit_waits_for_a_full_bucket_and_then_passes() -> None:
    limiter = Limiter()
    names = [("client", "a", TOKENS)]
    limiter.admit(names, 1, 0)
    assert refused(limiter, names, 100_000, 0) == pytest.approx(0.6)
    limiter.admit(names, 100_000, 1)


@pytest.mark.parametrize("absurd", [10**30, -(10**30)])
def test_absurd_counts_shut_nobody_out_for_ever(absurd: int) -> None:
    limiter = Limiter()
    names = [("client", "a", Rates(tokens_per_minute=1_000_000))]
    limiter.settle(limiter.admit(names, absurd, 0), absurd, 0)
    limiter.admit(names, 1, 3600)
    left = limiter.remaining(names, 0).tokens
    assert left is not None
    assert left.left <= 1_000_000


def test_how_many_may_run_at_once() -> None:
    limiter = Limiter()
    names = [("client", "a", ONE_AT_A_TIME)]
    lease = limiter.admit(names, 0, 0)
    assert refused(limiter, names, 0, 0) == 1
    limiter.settle(lease, 0, 5)
    limiter.settle(lease, 0, 5)
    limiter.admit(names, 0, 5)
    assert refused(limiter, names, 0, 5) == 1


def test_nothing_allowed_says_so_and_not_when() -> None:
    with pytest.raises(RateLimitError, match="nothing is allowed") as caught:
        Limiter().admit([("client", "a", Rates(requests_per_minute=0))], 0, 0)
    assert caught.value.retry_after is None


def test_without_limits_there_is_no_account() -> None:
    limiter = Limiter()
    names = [("client", "a", Rates()), ("core", "", Rates())]
    limiter.settle(limiter.admit(names, 10**9, 0), 1, 0)
    assert limiter.remaining(names, 0).headers() == []
    assert len(limiter) == 0


def test_another_limit_counts_at_once() -> None:
    limiter = Limiter()
    for _ in range(5):
        limiter.admit([("client", "a", FIVE)], 0, 0)
    assert refused(limiter, [("client", "a", Rates(requests_per_minute=60))], 0, 0) == 1
    limiter.admit([("client", "a", Rates(max_parallel=9))], 0, 0)
    names = [("client", "a", Rates(10, 10, 9))]
    limiter.admit(names, 0, 0)
    left = limiter.remaining(names, 0).requests
    assert left is not None
    assert left.left == 9


def test_the_nearest_limit_is_in_the_headers() -> None:
    limiter = Limiter()
    names = [("core", "", Rates(1000, 1000)), ("client", "a", Rates(5, 100))]
    limiter.admit(names, 40, 0)
    assert dict(limiter.remaining(names, 0).headers()) == {
        b"x-ratelimit-limit-requests": b"5",
        b"x-ratelimit-remaining-requests": b"4",
        b"x-ratelimit-reset-requests": b"12s",
        b"x-ratelimit-limit-tokens": b"100",
        b"x-ratelimit-remaining-tokens": b"60",
        b"x-ratelimit-reset-tokens": b"24s",
    }
    assert limiter.remaining([], 0).headers() == []


def test_who_is_full_again_is_forgotten() -> None:
    limiter = Limiter()
    running = limiter.admit([("client", "running", FIVE)], 0, 0)
    for number in range(30_000):
        now = number * 0.1
        limiter.settle(limiter.admit([("client", str(number), FIVE)], 0, now), 0, now)
        assert len(limiter) < 1400
    limiter.settle(running, 0, 1e5)


def test_nobody_buys_themselves_free_with_new_names() -> None:
    """An account that is not full again stays, however many others come."""
    limiter = Limiter()
    for _ in range(5):
        limiter.settle(limiter.admit([("client", "a", FIVE)], 0, 0), 0, 0)
    for number in range(20_000):
        limiter.settle(limiter.admit([("client", str(number), FIVE)], 0, 0), 0, 0)
    refused(limiter, [("client", "a", FIVE)], 0, 0)


EVENTS = st.lists(
    st.tuples(st.floats(0, 30), st.integers(0, 200), st.integers(0, 300), st.booleans()),
    max_size=40,
)


@settings(max_examples=60)
@given(EVENTS, st.integers(1, 100), st.integers(1, 200), st.integers(1, 5))
def test_what_was_really_used_stays_within_the_limits(
    events: list[tuple[float, int, int, bool]], requests: int, tokens: int, parallel: int
) -> None:
    limiter, now = Limiter(), 0.0
    names = [("client", "a", Rates(requests, tokens, parallel))]
    admitted, used, running = 0, 0, []
    for pause, wish, real, ends in events:
        now += pause
        wish = min(wish, tokens)
        try:
            running.append((limiter.admit(names, wish, now), min(real, wish)))
        except RateLimitError as error:
            assert error.retry_after is not None
            assert error.retry_after > 0
        else:
            admitted += 1
        assert len(running) <= parallel
        if ends and running:
            lease, spent = running.pop(0)
            limiter.settle(lease, spent, now)
            used += spent
        assert admitted <= requests * (1 + now / 60) + 1e-6
        assert used <= tokens * (1 + now / 60) + 1e-6


@settings(max_examples=60)
@given(EVENTS)
def test_whoever_waits_as_told_is_let_in(events: list[tuple[float, int, int, bool]]) -> None:
    limiter, now = Limiter(), 0.0
    names = [("client", "a", Rates(3, 100))]
    for pause, wish, real, _ in events:
        now += pause
        try:
            lease = limiter.admit(names, wish, now)
        except RateLimitError as error:
            assert error.retry_after is not None
            now += error.retry_after + 1e-6
            lease = limiter.admit(names, wish, now)
        limiter.settle(lease, real, now)
