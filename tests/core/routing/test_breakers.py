from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.core.routing import breakers as module
from zeke_bridge.core.routing.breakers import Breakers
from zeke_bridge.model.errors import (
    BadAnswerError,
    OverloadedError,
    ProviderError,
    RateLimitError,
    TimedOutError,
    UnreachableError,
)

NOW = 1000.0
LIMIT = RateLimitError("Slow down.", 864.0)


def failed(error: Any, times: int = 5) -> Breakers:
    breakers = Breakers()
    for _ in range(times):
        breakers.failed("far", "ill", error, NOW)
    return breakers


@pytest.mark.parametrize("error", [UnreachableError("No."), TimedOutError("No.")])
def test_who_is_silent_rests_as_a_whole(error: Any) -> None:
    breakers = failed(error)
    assert set(breakers.resting(NOW)) == {"far"}
    assert breakers.wait("far", "well", NOW) > 0


@pytest.mark.parametrize("error", [ProviderError("No."), BadAnswerError("No."), LIMIT])
def test_who_answers_is_well_but_for_the_model(error: Any) -> None:
    breakers = failed(error)
    assert set(breakers.resting(NOW)) == {"far:ill"}
    assert breakers.wait("far", "ill", NOW) > 0
    assert breakers.wait("far", "well", NOW) == 0
    assert breakers.failures("far", "ill") == 5


def test_a_provider_says_itself_how_long_a_model_rests() -> None:
    assert failed(LIMIT, 1).wait("far", "ill", NOW) == 864
    assert failed(OverloadedError("No.", 30.0), 1).wait("far", "ill", NOW) == 30
    assert failed(LIMIT, 1).wait("far", "well", NOW) == 0


def test_a_failure_that_is_said_ends_a_silence() -> None:
    breakers = failed(UnreachableError("No."), 4)
    breakers.failed("far", "ill", ProviderError("No."), NOW)
    breakers.failed("far", "ill", UnreachableError("No."), NOW)
    assert breakers.resting(NOW) == {}


def test_an_answer_clears_the_model_and_its_provider_alone() -> None:
    breakers = failed(UnreachableError("No."))
    breakers.failed("far", "ill", LIMIT, NOW)
    breakers.failed("near", "ill", LIMIT, NOW)
    breakers.succeeded("far", "well")
    assert set(breakers.resting(NOW)) == {"far:ill", "near:ill"}
    breakers.succeeded("far", "ill")
    assert set(breakers.resting(NOW)) == {"near:ill"}


def test_one_probe_goes_out_and_may_be_left() -> None:
    breakers = failed(ProviderError("No."))
    later = NOW + 60
    assert breakers.wait("far", "ill", later) == 0
    breakers.begun("far", "ill", later)
    assert breakers.wait("far", "ill", later) > 0
    breakers.left("far", "ill")
    assert breakers.wait("far", "ill", later) == 0
    breakers.begun("far", "ill", later)
    breakers.failed("far", "ill", UnreachableError("No."), later)
    assert breakers.wait("far", "ill", later) == 0


def test_a_provider_that_is_another_one_now_is_well() -> None:
    breakers = failed(LIMIT, 1)
    breakers.failed("far-away", "ill", LIMIT, NOW)
    breakers.forget("far")
    assert set(breakers.resting(NOW)) == {"far-away:ill"}


def test_made_up_models_are_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 10)
    breakers = Breakers()
    for number in range(50):
        breakers.failed("far", f"model-{number}", LIMIT, NOW)
    assert len(breakers.by_name) == 10
    assert "far:model-49" in breakers.by_name
