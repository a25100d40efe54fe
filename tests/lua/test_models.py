"""``:ZekeSetModel`` and its price; cost alerts; ``:ZekeAuthGhostLLM``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.e2e.person import says
from tests.fakes.broker import FakeBroker

MODELS: dict[str, Any] = {
    "models": [
        {"id": "local:tiny", "provider": "local", "local": True, "input_price": 0.0},
        {"id": "openai:cheap", "provider": "openai", "input_price": 0.25, "output_price": 2.0},
        {"id": "anthropic:opus", "provider": "a", "input_price": 15.0, "output_price": 75.0},
        {"id": "openai:long", "provider": "openai", "input_price": 5.0, "output_price": 10.0},
        {"id": "custom:x", "provider": "custom"},
    ]
}
ASKED = "y goes on. Any other key: no."
CHOSEN = "return require('zeke.models').chosen()"


@pytest.fixture(autouse=True)
def _models(broker: FakeBroker) -> None:
    broker.states["models"] = MODELS


def ask(nvim: Nvim, name: str = "anthropic:opus") -> str:
    nvim.feed(f":ZekeSetModel {name}<CR>")
    return nvim.wait_screen(ASKED)


def test_a_dear_model_is_asked_about(nvim: Nvim) -> None:
    text = ask(nvim)
    assert "Warning: anthropic:opus costs $15/1M tokens in, $75/1M out." in text
    assert "Continue? [y/N]" in text
    assert nvim.lua(CHOSEN) is None
    nvim.feed("y")
    says(nvim, "The model is now anthropic:opus. It costs $15/1M tokens in, $75/1M out.")
    nvim.wait_gone("Continue?")
    assert nvim.lua(CHOSEN) == "anthropic:opus"


@pytest.mark.parametrize("keys", ["n", "<Esc>", "<CR>", "q", "j", "x", "<C-w>c", ":q<CR>"])
def test_everything_but_y_is_no(nvim: Nvim, keys: str) -> None:
    before = nvim.lines()
    ask(nvim)
    nvim.feed(keys)
    nvim.wait_screen("The model was not changed.")
    nvim.wait_gone("Continue?")
    assert nvim.lua(CHOSEN) is None
    assert nvim.lines() == before


def test_a_dear_prompt_alone_is_dear_and_a_bare_name_is_found(nvim: Nvim) -> None:
    text = ask(nvim, "long")
    assert "openai:long costs $5/1M tokens in, $10/1M out" in text
    nvim.feed("n")
    nvim.wait_gone("Continue?")


def test_the_limit_is_a_setting(nvim: Nvim) -> None:
    nvim.lua("require('zeke').setup({ ui = { dear_usd = 100 } })")
    nvim.feed(":ZekeSetModel anthropic:opus<CR>")
    nvim.wait_screen("The model is now anthropic:opus. It costs $15/1M")
    nvim.lua("require('zeke').setup({ ui = { dear_usd = 2 } })")
    ask(nvim, "openai:cheap")


def test_what_is_not_dear_is_taken_with_its_price(nvim: Nvim) -> None:
    nvim.feed(":ZekeSetModel openai:cheap<CR>")
    says(nvim, "The model is now openai:cheap. It costs $0.25/1M tokens in, $2/1M out.")
    nvim.feed(":ZekeSetModel custom:x<CR>")
    nvim.wait_screen("The model is now custom:x. What it costs is not known.")
    nvim.feed(":ZekeSetModel local:tiny<CR>")
    nvim.wait_screen("The model is now local:tiny.")
    nvim.feed(":ZekeSetModel cost-sensitive<CR>")
    nvim.wait_screen("The model is now cost-sensitive.")
    assert "[y/N]" not in nvim.screen.text


def test_who_types_goes_on_typing(nvim: Nvim, broker: FakeBroker) -> None:
    del broker.states["models"]
    nvim.feed(":ZekeSetModel anthropic:opus<CR>")
    asked = broker.expect("state.get")
    nvim.feed("Goyyy")
    nvim.settle()
    broker.send("state", reply=asked["reply"], what="models", data=MODELS)
    text = nvim.wait_screen("To answer: <C-w>w until you are here.")
    assert "Continue? [y/N]" in text
    nvim.feed("yes<Esc>")
    nvim.settle()
    assert nvim.lines()[-1] == "yyyyes"
    assert nvim.lua(CHOSEN) is None
    nvim.feed("<C-w>w")
    nvim.wait_screen(ASKED)
    nvim.feed("y")
    nvim.wait_screen("The model is now anthropic:opus.")


def test_keys_that_come_with_the_question_do_not_answer_it(nvim: Nvim, broker: FakeBroker) -> None:
    del broker.states["models"]
    nvim.feed(":ZekeSetModel anthropic:opus<CR>")
    answer = {"reply": broker.expect("state.get")["reply"], "what": "models", "data": MODELS}
    nvim.lua(
        "local function type_it() vim.api.nvim_feedkeys('y', 'mt', false) end"
        " require('zeke.events').dispatch('state', ...) type_it()"
        " vim.defer_fn(function() type_it() _G.typed = true end, 50)",
        answer,
    )
    nvim.wait_for("_G.typed")
    nvim.wait_screen(ASKED)
    nvim.command("normal y")
    assert nvim.lua(CHOSEN) is None


def test_a_second_question_ends_the_first(nvim: Nvim) -> None:
    ask(nvim)
    nvim.lua("require('zeke.models').run('openai:long')")
    nvim.wait_screen("openai:long costs")
    nvim.wait_screen("The model was not changed.")


def test_an_alert_is_told_and_is_an_event(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.feed(":ZekeExplain<CR>")
    broker.expect("task.submit")
    alert = {"period": "day", "spent": 8.5, "limit": 10.0, "percent": 85, "level": "warning"}
    broker.send("cost.alert", **alert)
    text = nvim.wait_screen("Cost Alert: $8.50/$10.00 daily limit reached (85%)")
    assert "🚨" in text
    nvim.wait_screen("💡 Consider switching to local models or lower-cost alternatives")
    assert nvim.wait_event("ZekeCostAlert") == alert
    broker.send("cost.alert", **{**alert, "period": "month", "percent": 96, "level": "critical"})
    nvim.wait_screen("monthly limit reached (96%)")


def connect(nvim: Nvim, broker: FakeBroker, **answer: Any) -> dict[str, Any]:
    """Use another core; the settings that the broker had when it was asked about it."""
    nvim.feed(":ZekeAuthGhostLLM http://localhost:8080<CR>")
    asked = broker.expect("state.get")
    assert asked["what"] == "health"
    broker.send("state", reply=asked["reply"], what="health", **answer)
    return asked


def test_a_running_ghostllm_is_used(nvim: Nvim, broker: FakeBroker) -> None:
    core = {
        "where": "http://localhost:8080",
        "status": "healthy",
        "providers": {"openai": "healthy", "xai": "no key"},
    }
    connect(nvim, broker, data={"core": core})
    where = "http://localhost:8080 is healthy"
    says(nvim, f"GhostLLM connected. {where}; providers: openai.")
    nvim.wait_screen('base_url = "http://localhost:8080" } })')
    given = nvim.lua("return require('zeke.config').given()")
    assert given == {"ghostllm": {"base_url": "http://localhost:8080"}}


def test_one_that_can_ask_nobody_is_not_called_connected(nvim: Nvim, broker: FakeBroker) -> None:
    core = {
        "where": "remote GhostLLM 0.1.0 at http://localhost:8080",
        "status": "degraded",
        "providers": {"openai": "no key", "local": "not installed"},
    }
    connect(nvim, broker, data={"core": core})
    where = "remote GhostLLM 0.1.0 at http://localhost:8080 answers and is degraded"
    why = "none of its providers can be asked (local: not installed, openai: no key)"
    says(nvim, f"{where}: {why}. Nothing was changed.")
    assert "connected" not in nvim.screen.text
    assert not nvim.lua("return require('zeke.config').given()")


def test_one_that_is_not_there_changes_nothing(
    open_nvim: Callable[..., Nvim], broker: FakeBroker
) -> None:
    init = "vim.g.zeke = { ghostllm = { timeout_s = 5 } }"
    nvim = open_nvim(init=init, env={"ZEKE_RUNTIME_DIR": str(broker.directory)})
    core = {"where": "x", "status": "unreachable", "message": "It cannot be reached."}
    connect(nvim, broker, data={"core": core})
    nvim.wait_screen("It cannot be reached. Nothing was changed.")
    assert nvim.lua("return require('zeke.config').given()") == {"ghostllm": {"timeout_s": 5}}
    assert broker.expect("settings.update")["settings"] == {"ghostllm": {"timeout_s": 5}}


@pytest.mark.parametrize("url", ["", "localhost:8080", "http://me:sk-1@host", "http://a b"])
def test_what_is_no_address_is_said_at_once(nvim: Nvim, broker: FakeBroker, url: str) -> None:
    nvim.lua("require('zeke.ghostllm').run(...)", url)
    nvim.wait_screen(lambda screen: "address" in screen.text)
    assert not broker.seen("hello")
    complete = "return vim.fn.getcompletion('ZekeAuthGhostLLM h', 'cmdline')"
    assert nvim.lua(complete) == ["http://localhost:8080"]
