"""What it costs: prices asked about, figures, limits that are told of before they are reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Opener
from tests.e2e.nvim import Nvim
from tests.e2e.person import done, failed, run, says
from tests.fakes.core import FakeCore
from tests.fakes.ghostllm import serving
from tests.fakes.house import House

pytestmark = pytest.mark.usefixtures("running")

# So dear that each word of a question counts.
CONFIG = """
[models."openai:echo"]
input_cost_per_token = 0.00002
output_cost_per_token = 0.0
[models."openai:held"]
input_cost_per_token = 0.0000002
output_cost_per_token = 0.0000004
"""


@pytest.fixture
def priced(house: House) -> House:
    (house.base / "ghostllm").mkdir()
    (house.base / "ghostllm" / "config.toml").write_text(CONFIG)
    return house


def limit(house: House, usd: float) -> None:
    text = f"[costs]\ndaily_limit_usd = {usd}\n"
    Path(house.base, "ghostllm", "routing.toml").write_text(text)


def explain(nvim: Nvim, number: int = 1) -> float:
    """Ask something as long as ever, and not kept yet; what it cost."""
    run(nvim, f"ZekeExplain question {number}")
    cost: float = done(nvim)["cost"]["total_cost"]
    return cost


@pytest.mark.parametrize("name", ["openai:echo", "openai/echo", "echo"])
def test_a_dear_model_is_asked_about_with_its_real_price(
    editor: Opener, priced: House, name: str
) -> None:
    nvim = editor()
    run(nvim, f"ZekeSetModel {name}")
    text = nvim.wait_screen("y goes on. Any other key: no.")
    assert "Warning: openai:echo costs $20/1M tokens in, $0/1M out." in text
    nvim.feed("<CR>")
    nvim.wait_screen("The model was not changed.")
    run(nvim, "ZekeSetModel openai:held")
    says(nvim, "The model is now openai:held. It costs $0.20/1M tokens in, $0.40/1M out.")


def test_what_was_spent_is_shown(editor: Opener, priced: House) -> None:
    nvim = editor()
    cost = explain(nvim)
    assert cost > 0
    money = nvim.lua("return require('zeke.figures').money(...)", cost)
    run(nvim, "ZekeProviders")
    text = nvim.wait_screen(f"├─ Today: {money}")
    assert "💰 Cost Tracking:" in text
    assert f"└─ OpenAI: {money} (100%)" in text
    nvim.feed("q")
    nvim.wait_gone("Cost Tracking")
    nvim.command("set laststatus=2 statusline=%{%v:lua.require'zeke'.statusline()%}")
    explain(nvim)
    nvim.wait_screen(" today")


def test_what_nobody_knows_the_price_of_is_not_said_to_be_free(editor: Opener) -> None:
    nvim = editor()
    run(nvim, "ZekeExplain what it does")
    assert done(nvim)["cost"] == {
        "input_cost": 0.0,
        "output_cost": 0.0,
        "total_cost": 0.0,
        "known": False,
    }
    run(nvim, "ZekeProviders")
    text = nvim.wait_screen("└─ OpenAI: unknown (0%)")
    assert "├─ Today: unknown" in text
    assert "$0.00" not in text
    nvim.feed("q")
    run(nvim, "ZekeStatus")
    nvim.wait_screen("Requests today: 1")
    assert [line for line in nvim.lines() if line.endswith(", cost unknown)")]


def test_alerts_reach_every_neovim_once(editor: Opener, priced: House) -> None:
    limit(priced, 1000.0)
    nvim = editor()
    cost = explain(nvim, 1)
    explain(nvim, 2)
    priced.end()
    # The third is at 73 % of it, the fourth at 97 %.
    limit(priced, 4.1 * cost)
    nvim, other = editor(), editor()
    run(other, "ZekeStatus")
    other.wait_screen("Requests today: 2")
    other.feed("q")
    run(nvim, "ZekeExplain question 3")
    assert nvim.wait_any("ZekeCostAlert", "ZekeTaskDone")[0] == "ZekeTaskDone"
    run(nvim, "ZekeExplain question 4")
    for one in (nvim, other):
        alert = one.wait_event("ZekeCostAlert")
        assert (alert["period"], alert["level"], alert["percent"]) == ("day", "critical", 97)
        one.wait_screen("🚨 Cost Alert: $")
        one.wait_screen("💡 Consider switching to local models or lower-cost")
    done(nvim)
    run(nvim, "ZekeExplain question 5")
    assert nvim.wait_any("ZekeCostAlert", "ZekeTaskDone")[0] == "ZekeTaskDone"
    run(nvim, "ZekeExplain question 6")
    assert "limit" in failed(nvim)


def test_answers_that_are_of_no_use_cost_and_are_told_of(editor: Opener, priced: House) -> None:
    limit(priced, 0.0001)
    nvim = editor()
    run(nvim, "ZekeTerminal suggest ANSWER: I had rather not.")
    assert "no command" in nvim.wait_event("ZekeTaskFailed")["message"]
    alert = nvim.wait_event("ZekeCostAlert")
    assert (alert["period"], alert["level"]) == ("day", "critical")


def test_a_core_that_gives_no_figures_is_a_sentence(editor: Opener) -> None:
    with FakeCore("an error page") as core:
        nvim = editor(settings={"ghostllm": {"base_url": core.base_url}})
        run(nvim, "ZekeProviders")
        nvim.wait_screen(core.base_url)
        assert nvim.lua("return vim.v.errmsg") == ""


def test_a_running_ghostllm_is_taken_over(editor: Opener, house: House) -> None:
    nvim = editor()
    run(nvim, "ZekeAuthGhostLLM http://127.0.0.1:1")
    nvim.wait_screen("Nothing was changed.")
    run(nvim, "ZekeExplain")
    done(nvim)
    with serving(house) as (_, address):
        run(nvim, f"ZekeAuthGhostLLM {address}")
        nvim.wait_screen("GhostLLM connected.")
        run(nvim, "ZekeExplain")
        done(nvim)
        run(nvim, "ZekeStatus")
        nvim.wait_screen(f"{address}, healthy")
