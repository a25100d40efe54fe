"""What a model's name means: its price is asked about in whichever spelling it is said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.e2e.person import says
from tests.fakes.broker import FakeBroker
from tests.lua.test_models import ASKED, CHOSEN


def row(name: str, output: float | None, provider: str = "") -> dict[str, Any]:
    owner = provider or name.partition(":")[0]
    return {"id": name, "provider": owner, "input_price": output, "output_price": output}


LISTING: dict[str, Any] = {
    "models": [
        row("custom:echo", 90.0),
        row("custom:small", 1.0),
        row("anthropic:claude-3-opus-20240229", 75.0),
        row("anthropic:claude-haiku-4-5", 1.0),
        row("groq:openai/gpt-oss-120b", 60.0),
        row("ollama:qwen3:8b", 0.0),
        row("team", 50.0, "ghostllm"),
    ],
    "providers": {"claude": "anthropic", "anthropic": "anthropic", "openai": "openai"},
    "works": {
        "smart": "anthropic:claude-3-opus-20240229",
        "reasoning": "anthropic:claude-3-opus-20240229",
        "fast": "anthropic:claude-haiku-4-5",
        "cost_sensitive": "",
    },
}


@pytest.fixture(autouse=True)
def _listing(broker: FakeBroker) -> None:
    broker.states["models"] = LISTING


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("custom/echo", "Warning: custom:echo costs $90/1M"),
        ("claude:claude-3-opus", "Warning: anthropic:claude-3-opus-20240229 costs $75"),
        ("claude-3-opus", "Warning: anthropic:claude-3-opus-20240229 costs $75"),
        ("claude-3-opus-20250101", "Warning: anthropic:claude-3-opus-20240229 costs"),
        ("openai/gpt-oss-120b", "Warning: groq:openai/gpt-oss-120b costs $60"),
        ("team", "Warning: team costs $50"),
        ("smart", "Warning: smart may ask anthropic:claude-3-opus-20240229, which"),
        ("claude", "Warning: claude may ask anthropic:claude-3-opus-20240229, which"),
        ("claude:auto", "Warning: claude:auto may ask anthropic:claude-3-opus"),
        ("openai:gpt-9", "Warning: openai:gpt-9 is not in the list of models, so what it"),
        ("nobody:x", "Warning: nobody:x is not in the list of models, so what it costs"),
    ],
)
def test_what_may_be_dear_is_asked_about(nvim: Nvim, name: str, warning: str) -> None:
    nvim.feed(f":ZekeSetModel {name}<CR>")
    assert warning in nvim.wait_screen(ASKED)
    assert nvim.lua(CHOSEN) is None
    nvim.feed("y")
    nvim.wait_for("require('zeke.models').chosen() == ...", name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("custom/small", "The model is now custom/small. It costs $1/1M tokens in"),
        ("fast", "The model is now fast. It may cost $1/1M"),
        ("cost-sensitive", "The model is now cost-sensitive."),
        ("qwen3", "The model is now qwen3."),
        ("qwen3:8b", "The model is now qwen3:8b."),
    ],
)
def test_what_is_not_dear_is_taken(nvim: Nvim, name: str, said: str) -> None:
    nvim.feed(f":ZekeSetModel {name}<CR>")
    nvim.wait_screen(said)
    assert nvim.lua(CHOSEN) == name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("echoo", "echoo (nearest: custom:echo)"),
        ("custom:ecko", "custom:ecko (nearest: custom:echo)"),
        ("ECHOO", "ECHOO (nearest: custom:echo)"),
        ("claude:zzzzzz", "claude:zzzzzz"),
        ("xyzzy/zork", "xyzzy/zork"),
    ],
)
def test_what_is_not_there_is_not_taken(nvim: Nvim, name: str, said: str) -> None:
    nvim.feed(":ZekeSetModel custom:small<CR>")
    nvim.wait_screen("The model is now custom:small.")
    nvim.feed(f":ZekeSetModel {name}<CR>")
    says(nvim, f"There is no model {said}. The model stays custom:small.")
    assert nvim.lua(CHOSEN) == "custom:small"


def test_without_a_list_anything_may_be_dear(nvim: Nvim, broker: FakeBroker) -> None:
    del broker.states["models"]
    nvim.feed(":ZekeSetModel openai:x<CR>")
    asked = broker.expect("state.get")
    error = {"code": "unreachable", "message": "The core is away."}
    broker.send("state", reply=asked["reply"], what="models", error=error)
    text = nvim.wait_screen(ASKED)
    assert "openai:x is not in the list of models" in text
    assert "The core is away." in text
    nvim.feed("n")
    nvim.wait_screen("The model was not changed.")


def test_only_the_last_wish_counts(nvim: Nvim, broker: FakeBroker) -> None:
    del broker.states["models"]
    nvim.feed(":ZekeSetModel custom:small<CR>")
    first = broker.expect("state.get")["reply"]
    nvim.feed(":ZekeSetModel auto<CR>")
    nvim.wait_screen("The model is now auto.")
    broker.send("state", reply=first, what="models", data=LISTING)
    nvim.wait_event("ZekeState")
    assert nvim.lua(CHOSEN) == "auto"
