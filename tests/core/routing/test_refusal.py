from __future__ import annotations

import pytest

from tests.core.routing.scene import CLAUDE, NO_KEY, OPENAI
from zeke_bridge.core.routing.refusal import unknown

CHOOSE = "choose one with `:ZekeSetModel`."


@pytest.mark.parametrize(
    ("model", "failed", "sentence"),
    [
        (
            "anthropic:opuss",
            (),
            f"There is no model anthropic:opuss (nearest: anthropic:opus, anthropic:sonnet): {CHOOSE}",
        ),
        (
            "anthropic:opus",
            ("anthropic:opus",),
            "anthropic lists anthropic:opus but does not serve it (nearest: anthropic:sonnet): "
            "choose another with `:ZekeSetModel`.",
        ),
        (
            "anthropic:opus",
            ("anthropic:opus", "anthropic:sonnet"),
            "anthropic lists anthropic:opus but does not serve it: "
            "choose another with `:ZekeSetModel`.",
        ),
        (
            "anthropic:haiku",
            ("anthropic:haiku",),
            f"There is no model anthropic:haiku (nearest: anthropic:opus, anthropic:sonnet): {CHOOSE}",
        ),
    ],
)
def test_a_model_that_is_not_there(model: str, failed: tuple[str, ...], sentence: str) -> None:
    assert unknown(model, [CLAUDE], failed).message == sentence


def test_what_failed_is_never_recommended() -> None:
    failed = [*OPENAI.ids(), "anthropic:opus"]
    message = unknown("openai:gpt-big", [OPENAI, CLAUDE, NO_KEY], failed).message
    assert message.startswith("openai lists openai:gpt-big but does not serve it: choose")
    assert "gpt-mini" not in message
    assert "anthropic:opus" not in message
