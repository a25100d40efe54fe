"""How fast a program may talk."""

from __future__ import annotations

from zeke_bridge.agents.pace import Pace


def test_a_burst_is_free_and_then_it_is_two_thousand_a_second() -> None:
    pace = Pace(0.0)
    assert max(pace.wait(0.0, 0) for _ in range(4_000)) == 0
    assert 0 < pace.wait(0.0, 0) <= 0.001
    assert pace.wait(10.0, 0) == 0


def test_long_lines_count_for_their_length() -> None:
    pace = Pace(0.0)
    assert pace.wait(0.0, 16 * 2**20) > 0.04


def test_time_that_passes_is_not_saved_for_ever() -> None:
    pace = Pace(0.0)
    assert pace.wait(1e9, 0) == 0
    assert sum(pace.wait(1e9, 0) > 0 for _ in range(4_100)) > 50
