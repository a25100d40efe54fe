"""Money, shares and times in words; ``:ZekeProviders`` and ``:ZekeStatus`` as trees of them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.test_windows import STATUS

STATS: dict[str, Any] = {
    "where": "embedded",
    "requests": {"today": 127, "total": 1247, "errors_today": 0},
    "average_response_s": 1.2,
    "average_first_token_s": 0.4,
    "cache": {
        "enabled": True,
        "hits": 34,
        "misses": 66,
        "hit_rate": 0.34,
        "entries": 12,
        "bytes": 3456,
        "savings": 2.8,
    },
    "costs": {
        "hour": 0.1,
        "today": 3.2,
        "week": 18.5,
        "month": 67.3,
        "projected_month": 89.4,
        "hourly_limit": None,
        "daily_limit": None,
        "monthly_limit": None,
        "warn": None,
        "by_provider": [
            {"provider": "openai", "cost": 45.2, "share": 0.672, "requests": 80, "local": False},
            {"provider": "anthropic", "cost": 18.3, "share": 0.27, "requests": 9, "local": False},
            {"provider": "github", "cost": 0.0, "share": 0.0, "requests": 3, "local": False},
            {"provider": "ollama", "cost": 0.0, "share": 0.0, "requests": 8, "local": True},
        ],
        "by_model": [
            {"model": "ollama:llama3:8b", "cost": 0.0, "requests": 50, "share": 0.40},
            {"model": "openai:gpt-6-luna", "cost": 3.2, "requests": 57, "share": 0.449},
        ],
        "by_day": [],
    },
    "providers": [
        {
            "provider": "openai",
            "state": "healthy",
            "local": False,
            "uptime": 0.9989,
            "average_s": 0.245,
            "requests": 80,
        },
        {
            "provider": "ollama",
            "state": "healthy",
            "local": True,
            "uptime": 1.0,
            "average_s": 0.045,
            "requests": 8,
        },
        {
            "provider": "groq",
            "state": "resting for 12 s",
            "local": False,
            "uptime": 0.5,
            "average_s": None,
            "requests": 2,
        },
        {"provider": "xai", "state": "no key", "local": False, "requests": 0},
        {"provider": "glm", "state": "no key", "local": False, "requests": 0},
    ],
    "routes": [
        {
            "time": 1_700_000_000.0,
            "request_id": "zk-1",
            "task": "explain",
            "model": "openai:gpt-6-luna",
            "reason": "The first of the built-in order for explain that can be asked.",
            "status": "ok",
            "seconds": 1.13,
            "cost": 0.00201,
            "cached": False,
        },
        {
            "time": 1_700_000_000.0,
            "request_id": "zk-2",
            "task": "chat",
            "model": "groq:x",
            "reason": "",
            "status": "rate_limited",
            "seconds": 0.2,
            "cost": 0.0,
            "cached": False,
        },
    ],
    "uptime_s": 1234.5,
    "since": 1.7e9,
}


def shown(nvim: Nvim, command: str, end: str) -> list[str]:
    """The lines of the window that a command opens, once it shows ``end``."""
    nvim.feed(f":{command}<CR>")
    nvim.wait_for("vim.fn.search([[\\V]] .. ..., 'nw') > 0", end)
    return [line.removeprefix(" ") for line in nvim.lines()]


@pytest.mark.parametrize(
    ("words", "means"),
    [
        ("money(0)", "$0.00"),
        ("money(nil)", "—"),
        ("money(0.0042)", "$0.0042"),
        ("money(0.00994)", "$0.0099"),
        ("money(0.00996)", "$0.01"),
        ("money(0.00001)", "<$0.0001"),
        ("money(3.2)", "$3.20"),
        ("money(1234.567)", "$1234.57"),
        ("money(3.2, 0)", "$3.20"),
        ("money(0.12, 1)", "$0.12 + unknown"),
        ("money(0, 1)", "unknown"),
        ("money(nil, 1)", "unknown"),
        ("price(15)", "$15"),
        ("price(0.25)", "$0.25"),
        ("price(0.0043)", "$0.0043"),
        ("share(0)", "0%"),
        ("share(0.001)", "<1%"),
        ("share(0.672)", "67%"),
        ("share(0.999)", ">99%"),
        ("share(1)", "100%"),
        ("share(0/0)", "—"),
        ("uptime(0.9996)", "99.9%"),
        ("uptime(0.998)", "99.8%"),
        ("uptime(1)", "100%"),
        ("time(nil)", "—"),
        ("time(0.245)", "245ms"),
        ("time(0.9999)", "1.0s"),
        ("time(1.23)", "1.2s"),
        ("time(59.99)", "1m 0s"),
        ("time(125)", "2m 5s"),
        ("provider('openai')", "OpenAI"),
        ("provider('mine')", "mine"),
    ],
)
def test_figures_in_words(nvim: Nvim, words: str, means: str) -> None:
    assert nvim.lua(f"return require('zeke.figures').{words}") == means


def test_what_was_spent_and_on_whom(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states["stats"] = STATS
    assert shown(nvim, "ZekeProviders", "Ollama")[:11] == [
        "💰 Cost Tracking:",
        "├─ Today: $3.20",
        "├─ This week: $18.50",
        "├─ This month: $67.30",
        "└─ Projected monthly: $89.40",
        "",
        "📊 Provider breakdown:",
        "├─ OpenAI: $45.20 (67%)",
        "├─ Anthropic: $18.30 (27%)",
        "├─ GitHub: $0.00 (subscription)",
        "└─ Ollama: $0.00 (local)",
    ]
    assert "R looks again" in nvim.screen.text
    nvim.feed("q")
    nvim.wait_gone("Cost Tracking")


def unpriced() -> dict[str, Any]:
    """The same figures, with answers of which nobody knows the price."""
    stats = copy.deepcopy(STATS)
    costs = stats["costs"]
    costs["unpriced"] = {"hour": 0, "today": 2, "week": 2, "month": 3}
    costs["by_provider"][0] |= {"today": 1.0, "unpriced": 1, "unpriced_today": 1}
    costs["by_provider"].append(
        {"provider": "far", "cost": 0.0, "share": 0.0, "requests": 2, "unpriced": 2}
    )
    stats["providers"].append({"provider": "far", "state": "healthy", "requests": 2})
    stats["cache"]["unpriced"] = 1
    stats["routes"][0] |= {"cost": 0.0, "priced": False}
    hours = [{"start": 3600.0 * n, "cost": 0.0, "requests": 1, "average_s": 1.0} for n in range(3)]
    hours[0]["cost"] = 0.5
    hours[1]["unpriced"] = 2
    costs["by_hour"] = hours
    return stats


def test_what_nobody_knows_the_price_of_is_not_free(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states |= {"stats": unpriced(), "status": STATUS}
    lines = shown(nvim, "ZekeProviders", "far: unknown")
    assert lines[1:5] == [
        "├─ Today: $3.20 + unknown",
        "├─ This week: $18.50 + unknown",
        "├─ This month: $67.30 + unknown",
        "└─ Projected monthly: $89.40 + unknown",
    ]
    assert "├─ OpenAI: $45.20 + unknown (67%)" in lines
    assert "├─ Ollama: $0.00 (local)" in lines
    assert "└─ far: unknown (0%)" in lines
    text = "\n".join(lines)
    assert "$1.00 + unknown today, $45.20 + unknown this month" in text
    nvim.feed("q")
    lines = shown(nvim, "ZekeStatus", "rate_limited")
    assert "├─ Cost savings: $2.80 + unknown (cache)" in lines
    assert [line for line in lines if line.endswith("openai:gpt-6-luna (1.1s, cost unknown)")]
    assert [line for line in lines if "█·▁ cost $0.50 + unknown" in line]
    nvim.feed("q")
    nvim.lua("require('zeke').setup({ ui = { plain = true } })")
    assert any("$0.50 unknown $0.00" in line for line in shown(nvim, "ZekeStatus", "rate_limited"))


def test_it_is_looked_at_again_and_limits_are_told(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states["stats"] = {"requests": {}, "costs": {"today": 0.0042}}
    lines = shown(nvim, "ZekeProviders", "nothing was asked")
    assert lines[1:3] == ["├─ Today: $0.0042", "├─ This week: —"]
    costs = {**STATS["costs"], "daily_limit": 10.0, "hourly_limit": 2.0}
    broker.states["stats"] = {**STATS, "costs": costs}
    nvim.feed("R")
    text = nvim.wait_screen("Ollama")
    assert "├─ This hour: $0.10 (5% of $2.00)" in text
    assert "├─ Today: $3.20 (32% of $10.00)" in text


def test_without_pictures(nvim: Nvim, broker: FakeBroker) -> None:
    nvim.lua("require('zeke').setup({ ui = { icons = false } })")
    broker.states |= {"stats": STATS, "status": STATUS}
    assert shown(nvim, "ZekeProviders", "Ollama")[0] == "Cost Tracking:"
    nvim.feed("q")
    lines = shown(nvim, "ZekeStatus", "Last routes")
    assert "├─ OpenAI: ok 99.8% uptime (245ms avg)" in lines
    assert "├─ Groq: ! resting for 12 s, 50.0% uptime" in lines
    assert not [line for line in lines if any(ord(char) > 0x2FFF for char in line)]


def test_status_has_the_figures_and_the_routes(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states |= {"stats": STATS, "status": STATUS}
    lines = shown(nvim, "ZekeStatus", "rate_limited")
    first = lines.index("📊 GhostLLM Analytics:")
    assert lines[first + 1 : first + 13] == [
        "├─ Requests today: 127",
        "├─ Average response time: 1.2s",
        "├─ Cache hit rate: 34%",
        "├─ Cost savings: $2.80 (cache)",
        "└─ Most used model: gpt-6-luna (45%)",
        "",
        "🔗 Provider health:",
        "├─ OpenAI: ✅ 99.8% uptime (245ms avg)",
        "├─ Ollama: ✅ Local (45ms avg)",
        "├─ Groq: ❌ resting for 12 s, 50.0% uptime",
        "└─ No key: xAI, GLM",
        "",
    ]
    routes = lines[lines.index("🧭 Last routes:") + 1 :]
    assert routes[0].endswith("explain → openai:gpt-6-luna (1.1s, $0.0020)")
    assert routes[1] == "│    The first of the built-in order for explain that can be asked."
    assert routes[2].startswith("└─ ")
    assert routes[2].endswith("chat → groq:x (rate_limited, 200ms)")
    width = nvim.lua("return vim.fn.strdisplaywidth(...)", max(lines, key=len))
    assert width <= 76


def test_a_core_without_figures_says_so_and_the_rest_stands(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states["status"] = STATUS
    nvim.feed(":ZekeStatus<CR>")
    status = broker.expect("state.get")
    assert status["what"] == "status"
    nvim.wait_screen("process 42")
    asked = broker.expect("state.get")
    error = {"code": "bad_answer", "message": "The routing core http://x keeps no figures."}
    broker.send("state", reply=asked["reply"], what="stats", error=error)
    text = nvim.wait_screen("└─ The routing core http://x keeps no figures.")
    assert "└─ Local model: ❌ ready" in text
    nvim.feed("q")
    nvim.feed(":ZekeProviders<CR>")
    asked = broker.expect("state.get")
    broker.send("state", reply=asked["reply"], what="stats", error=error)
    nvim.wait_screen("The routing core http://x keeps no figures.")


def test_names_from_outside_stay_on_their_line(nvim: Nvim, broker: FakeBroker) -> None:
    stats = copy.deepcopy(STATS)
    stats["costs"]["by_provider"][0]["provider"] = "a\nb\u001b[31m"
    stats["routes"][0]["reason"] = "one\ntwo\x1b]0;x\x07"
    broker.states |= {"stats": stats, "status": STATUS}
    lines = shown(nvim, "ZekeProviders", "Ollama")
    assert "├─ a^@b^[[31m: $45.20 (67%)" in lines
    nvim.feed("q")
    assert not [line for line in shown(nvim, "ZekeStatus", "rate_limited") if "\x1b" in line]


def test_the_statusline_has_the_cost_of_today(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states["stats"] = STATS
    nvim.command("set statusline=%{%v:lua.require'zeke'.statusline()%}")
    nvim.feed(":ZekeExplain<CR>")
    task = broker.expect("task.submit")["id"]
    broker.send("status.changed", tasks=0, waiting=0, model="auto")
    nvim.wait_screen("zeke: ")
    broker.send("task.done", id=task, text="x", cost={"total_cost": 0.0})
    nvim.wait_event("ZekeTaskDone")
    assert not broker.seen("state.get")
    nvim.feed(":ZekeExplain<CR>")
    task = broker.expect("task.submit")["id"]
    broker.send("task.done", id=task, text="x", cost={"total_cost": 0.01})
    nvim.wait_screen("zeke: auto · $3.20 today")
    costs = {"today": 0.0, "unpriced": {"today": 1}}
    broker.states["stats"] = {"costs": costs}
    nvim.feed(":ZekeExplain<CR>")
    task = broker.expect("task.submit")["id"]
    broker.send("task.done", id=task, text="x", cost={"total_cost": 0.0, "known": False})
    nvim.wait_screen("zeke: auto · cost unknown today")
