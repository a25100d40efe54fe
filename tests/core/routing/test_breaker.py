from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from zeke_bridge.core.routing.breaker import Breaker


def opened(now: float = 0.0, times: int = 1) -> Breaker:
    breaker = Breaker()
    for _ in range(4):
        breaker = breaker.failed(now)
        assert breaker.allows(now)
    breaker = breaker.failed(now)
    for _ in range(times - 1):
        now += breaker.wait(now)
        breaker = breaker.begun(now).failed(now)
    return breaker


def test_five_failures_in_a_row_open_it_for_ten_seconds() -> None:
    breaker = opened(100.0)
    assert not breaker.allows(100.0)
    assert breaker.wait(103.0) == 7.0
    assert breaker.allows(110.0)
    assert breaker.words(103.0) == "resting for 7 s after 5 failures in a row"
    assert breaker.words(110.0) == ""


def test_a_success_in_between_starts_the_count_anew() -> None:
    breaker = Breaker(failures=4).succeeded(0.0)
    assert breaker == Breaker()
    assert breaker.failed(0.0).allows(0.0)


def test_half_open_one_call_goes_out_and_decides() -> None:
    breaker = opened().begun(10.0)
    assert breaker.probing
    assert not breaker.allows(10.0)
    assert breaker.words(10.0) == "being tried again after 5 failures in a row"
    assert breaker.succeeded(11.0) == Breaker()
    again = breaker.failed(11.0)
    assert not again.probing
    assert again.wait(11.0) == 20.0


def test_a_probe_whose_client_left_makes_room_for_the_next() -> None:
    breaker = opened().begun(10.0)
    assert breaker.left().allows(10.0)
    assert not breaker.allows(69.0)
    assert breaker.allows(70.0)


def test_the_rest_doubles_up_to_five_minutes() -> None:
    rests = [opened(times=times).rest for times in range(1, 8)]
    assert rests == [10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]
    assert opened(times=60).rest == 300.0


def test_jitter_spreads_the_rest_a_little() -> None:
    assert Breaker(failures=4).failed(0.0, jitter=0.5).rest == 10.5
    assert Breaker(4, openings=20).failed(0.0, jitter=0.9).rest == 300.0


def test_what_a_provider_wishes_is_kept_to_at_once() -> None:
    breaker = Breaker().failed(0.0, retry_after=30.0)
    assert breaker.wait(0.0) == 30.0
    assert breaker.words(0.0) == "resting for 30 s after a failure"
    assert Breaker().failed(0.0, retry_after=1e9).rest == 3600.0
    assert Breaker().failed(0.0, retry_after=-1.0).allows(0.0)
    assert Breaker().failed(0.0, retry_after=float("nan")).allows(0.0)


def test_calls_that_were_under_way_neither_lengthen_nor_shorten_it() -> None:
    breaker = opened().failed(1.0)
    assert breaker.wait(1.0) == 9.0
    assert breaker.failed(2.0, retry_after=3.0).wait(2.0) == 8.0
    assert breaker.failed(2.0, retry_after=30.0).wait(2.0) == 30.0


def test_a_call_that_goes_out_for_want_of_another_is_no_probe() -> None:
    breaker = opened().begun(3.0).failed(4.0)
    assert breaker.wait(4.0) == 6.0
    assert breaker.allows(10.0)
    assert opened().begun(3.0).succeeded(4.0) == Breaker()


def test_a_clock_that_was_set_back_does_not_lock_it() -> None:
    assert opened(1e9).wait(0.0) == 10.0


class Calls(RuleBasedStateMachine):
    """Any history of calls."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker()
        self.now = 0.0

    @rule(seconds=st.floats(0, 1000))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def begin(self) -> None:
        before = self.breaker
        self.breaker = before.begun(self.now)
        if before.allows(self.now):
            assert self.breaker.allows(self.now) == (before.opened_at is None)
        elif not before.probing:
            assert self.breaker == before

    @rule(after=st.none() | st.floats(), jitter=st.floats(0, 1, exclude_max=True))
    def fail(self, after: float | None, jitter: float) -> None:
        before = self.breaker
        self.breaker = before.failed(self.now, after, jitter)
        # How long a probe may take is no rest: when it fails, the next rest begins.
        assert before.probing or self.breaker.wait(self.now) >= before.wait(self.now)

    @rule()
    def leave(self) -> None:
        self.breaker = self.breaker.left()

    @rule()
    def succeed(self) -> None:
        self.breaker = self.breaker.succeeded(self.now)
        assert self.breaker.allows(self.now)

    @invariant()
    def it_says_why_exactly_when_it_does_not_allow(self) -> None:
        assert bool(self.breaker.words(self.now)) != self.breaker.allows(self.now)

    @invariant()
    def nothing_waits_for_ever(self) -> None:
        assert 0 <= self.breaker.wait(self.now) <= 3600.0


TestCalls = Calls.TestCase
# Enough to open it again and again: it opens after five failures, or at a wish.
TestCalls.settings = settings(max_examples=60, stateful_step_count=25)


@given(st.floats(0, 1e10), st.integers(1, 200))
def test_it_lets_a_call_through_in_the_end(now: float, failures: int) -> None:
    breaker = Breaker()
    for _ in range(failures):
        breaker = breaker.failed(now)
    assert breaker.allows(now + 301.0)


def test_a_probe_that_fails_with_a_wish_leaves_no_probe_behind() -> None:
    rested = Breaker().failed(0, 12).begun(12.1).failed(12.2, 12)
    assert not rested.probing
    assert rested.words(13) == "resting for 11 s after 2 failures in a row"
    assert rested.allows(24.3)
