"""``:ZekeStatus`` and ``:ZekeProviders`` while things happen: they follow, charts and keys."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.test_figures import STATS, shown
from tests.lua.test_windows import STATUS

HOURS = [
    {"start": 1_700_000_000.0 + 3600 * hour, "cost": cost, "requests": count, "average_s": time}
    for hour, (cost, count, time) in enumerate(
        [(0.0, 0, None)] * 20 + [(0.1, 4, 1.0), (0.8, 34, 3.4), (0.0, 2, 0.5), (0.2, 9, 1.5)]
    )
]
DAYS = [{"day": f"2026-11-{day:02}", "cost": day * 0.1, "requests": day} for day in range(1, 32)]
MODELS: dict[str, Any] = {
    "models": [
        {"id": "openai:small", "provider": "openai", "input_price": 0.05, "output_price": 0.4},
        {"id": "openai:big", "provider": "openai", "input_price": 15.0, "output_price": 120.0},
        {"id": "ollama:llama3:8b", "provider": "ollama", "local": True},
    ],
    "providers": {"openai": "openai", "ollama": "ollama"},
}

# Of the models, which come last of all that `:ZekeProviders` asks for.
WHOLE = "; 1 model"


def account(provider: str, state: str, key: str, **more: Any) -> dict[str, Any]:
    fields = {
        "provider": provider,
        "state": state,
        "key": key,
        "needed": True,
        "names": [],
        "variable": f"{provider.upper()}_API_KEY",
        "page": "",
        "start": "",
        "login": False,
    }
    return {**fields, **more}


ACCOUNTS: dict[str, Any] = {
    "core": "",
    "message": "",
    "providers": [
        account("openai", "healthy", "keyring"),
        account("ollama", "healthy", "not needed", needed=False),
        account("groq", "resting for 12 s", "environment"),
        account("xai", "no key", "none"),
        account("vllm", "", "", needed=False, start="vllm serve MODEL"),
    ],
}


def busy() -> dict[str, Any]:
    stats = copy.deepcopy(STATS)
    stats["costs"] |= {"by_hour": HOURS, "by_day": DAYS}
    stats["costs"]["by_provider"][0]["today"] = 3.2
    return stats


@pytest.fixture
def figures(broker: FakeBroker) -> dict[str, Any]:
    stats = busy()
    broker.states |= {"stats": stats, "status": STATUS, "models": MODELS, "providers": ACCOUNTS}
    return stats


def happen(nvim: Nvim, broker: FakeBroker) -> None:
    broker.send("status.changed", tasks=0, waiting=0, model="auto")
    nvim.wait_event("ZekeStatusChanged")


def test_the_last_day_is_a_chart(nvim: Nvim, figures: dict[str, Any]) -> None:
    lines = shown(nvim, "ZekeStatus", "rate_limited")
    first = lines.index("📈 Last 24 hours:")
    at = nvim.lua("return os.date('%H:%M', ...)", int(HOURS[21]["start"]))
    assert lines[first + 1 : first + 4] == [
        f"├─ {'▁' * 20}▂█▁▂ cost $1.10, most $0.80 at {at}",
        f"├─ {'▁' * 20}▂█▂▃ requests 49, most 34 at {at}",
        f"└─ {'·' * 20}▃█▂▄ response 1.2s, most 3.4s at {at}",
    ]


def test_the_last_month_and_the_providers_are_charts(nvim: Nvim, figures: dict[str, Any]) -> None:
    lines = shown(nvim, "ZekeProviders", WHOLE)
    first = lines.index("📈 Last 30 days:")
    assert lines[first + 1].endswith(" cost $49.50, most $3.10 on 2026-11-31")
    bars = lines.index("📊 Cost by provider, this month:")
    assert lines[bars + 1].startswith("   OpenAI    █████")
    assert lines[bars + 2].startswith("   Anthropic █████")
    assert lines[bars + 1].endswith(" $45.20")
    assert max(map(len, lines)) <= 74


def test_a_screen_reader_reads_numbers(nvim: Nvim, figures: dict[str, Any]) -> None:
    nvim.lua("require('zeke').setup({ ui = { plain = true } })")
    lines = shown(nvim, "ZekeStatus", "rate_limited")
    first = lines.index("Last 24 hours:")
    assert lines[first + 1].startswith("   cost $1.10, most $0.80 at ")
    words = " ".join(" ".join(lines[first + 2 : first + 6]).split())
    assert words.startswith(f"oldest first: {'$0.00 ' * 20}$0.10 $0.80 $0.00 $0.20")
    nvim.feed("c")
    nvim.wait_screen("Zeke providers")
    nvim.wait_for("vim.fn.search('key in the keyring', 'nw') > 0")
    text = "\n".join([*lines, *nvim.lines()])
    odd = {char for char in text if ord(char) > 126 and char not in "—→…"}
    assert not odd, odd


def test_a_core_that_says_nothing_of_hours_has_no_chart(nvim: Nvim, broker: FakeBroker) -> None:
    broker.states |= {"stats": STATS, "status": STATUS}
    assert not [line for line in shown(nvim, "ZekeStatus", "rate_limited") if "Last 24" in line]


def test_the_window_follows_and_nobody_is_moved(
    nvim: Nvim, broker: FakeBroker, figures: dict[str, Any]
) -> None:
    shown(nvim, "ZekeStatus", "rate_limited")
    nvim.feed("/Last routes<CR>")
    row = nvim.lua("return vim.fn.line('.')")
    # More lines above the one that is read.
    figures["providers"].append({"provider": "mine", "state": "healthy", "requests": 1})
    figures["requests"]["today"] = 128
    happen(nvim, broker)
    nvim.wait_for("vim.fn.search('Requests today: 128', 'nw') > 0")
    assert nvim.lua("return vim.fn.line('.')") == row + 1
    assert "Last routes" in nvim.lua("return vim.fn.getline('.')")


def test_many_events_are_one_look(nvim: Nvim, broker: FakeBroker, figures: dict[str, Any]) -> None:
    nvim.lua("vim.uv.now = function() return 5000 end")
    shown(nvim, "ZekeStatus", "rate_limited")
    nvim.settle()
    broker.expect("state.get")
    broker.expect("state.get")
    with broker.together():
        for _ in range(20):
            broker.send("status.changed", tasks=0, waiting=0, model="auto")
        broker.send("task.started", id="none")
    broker.expect("state.get")
    broker.expect("state.get")
    nvim.settle()
    assert not broker.seen("state.get")


def test_what_nobody_sees_asks_nothing(
    nvim: Nvim, broker: FakeBroker, figures: dict[str, Any]
) -> None:
    shown(nvim, "ZekeStatus", "rate_limited")
    nvim.command("tabnew")
    broker.expect("state.get")
    broker.expect("state.get")
    happen(nvim, broker)
    nvim.settle()
    assert not broker.seen("state.get")
    figures["requests"]["today"] = 129
    nvim.command("tabclose")
    nvim.wait_screen("Requests today: 129")
    nvim.feed("q")
    nvim.wait_gone("Zeke status")
    broker.expect("state.get")
    broker.expect("state.get")
    happen(nvim, broker)
    nvim.settle()
    assert not broker.seen("state.get")
    assert nvim.lua("return vim.v.errmsg") == ""


def test_each_provider_with_what_it_costs(nvim: Nvim, figures: dict[str, Any]) -> None:
    lines = shown(nvim, "ZekeProviders", WHOLE)
    first = lines.index("🔌 Providers:")
    assert lines[first + 1 : first + 6] == [
        "▸ OpenAI: ✅ 99.8% uptime (245ms avg)",
        "    $3.20 today, $45.20 this month; 2 models, $0.05 to $15 in, $0.40 to",
        "      $120 out (1M tokens); key in the keyring",
        "▸ Ollama: ✅ Local (45ms avg)",
        "    $0.00 this month; 1 model",
    ]
    assert "  xAI: ❌ no key" in lines
    assert not [line for line in lines if "vLLM" in line]


def test_a_provider_unfolds_and_its_model_is_taken(
    nvim: Nvim, broker: FakeBroker, figures: dict[str, Any]
) -> None:
    shown(nvim, "ZekeProviders", WHOLE)
    nvim.feed("/▸ OpenAI<CR><CR>")
    nvim.wait_for("vim.fn.search('big: ', 'nw') > 0")
    lines = [line.removeprefix(" ") for line in nvim.lines()]
    first = lines.index("▾ OpenAI: ✅ 99.8% uptime (245ms avg)")
    assert lines[first + 3 : first + 5] == [
        "      small: $0.05 in, $0.40 out",
        "      big: $15 in, $120 out",
    ]
    assert "▾ OpenAI" in nvim.lua("return vim.fn.getline('.')")
    nvim.feed("/big: <CR><CR>")
    text = nvim.wait_screen("y goes on. Any other key: no.")
    assert "Warning: openai:big costs $15/1M tokens in, $120/1M out." in text
    nvim.feed("y")
    nvim.wait_screen("The model is now openai:big.")
    nvim.feed("/▾ OpenAI<CR><CR>")
    nvim.wait_for("vim.fn.search('big: ', 'nw') == 0")


def test_keys_lead_from_one_window_to_the_other(nvim: Nvim, figures: dict[str, Any]) -> None:
    shown(nvim, "ZekeStatus", "rate_limited")
    nvim.feed("c")
    nvim.wait_screen("Zeke providers")
    nvim.wait_gone("Zeke status")
    nvim.feed("s")
    nvim.wait_screen("Zeke status")
    nvim.wait_gone("Zeke providers")
    nvim.feed("?")
    nvim.wait_screen("choose the provider; it chooses the model")
    nvim.feed("q")
    nvim.wait_gone("choose the provider")
    assert "Zeke status" in nvim.screen.text
    nvim.feed("q")
    nvim.wait_gone("Zeke status")


def test_a_model_is_chosen_in_the_window(nvim: Nvim, figures: dict[str, Any]) -> None:
    nvim.lua(
        "vim.ui.select = function(items, how, done)"
        " vim.g.asked = how.format_item(items[#items - 1]) done(items[#items - 1]) end"
    )
    shown(nvim, "ZekeStatus", "rate_limited")
    nvim.feed("m")
    nvim.wait_screen("y goes on. Any other key: no.")
    assert nvim.lua("return vim.g.asked") == "openai:big ($15/1M tokens in, $120/1M out)"
    nvim.feed("y")
    nvim.wait_screen("Model     openai:big")


def test_a_provider_is_chosen_and_may_be_dear(nvim: Nvim, figures: dict[str, Any]) -> None:
    nvim.lua(
        "vim.ui.select = function(items, how, done)"
        " vim.g.asked = vim.tbl_map(how.format_item, items) done(items[vim.g.pick]) end"
        " vim.g.pick = 1"
    )
    shown(nvim, "ZekeProviders", WHOLE)
    nvim.feed("p")
    text = nvim.wait_screen("y goes on. Any other key: no.")
    assert nvim.lua("return vim.g.asked") == [
        "OpenAI: 2 models, $0.05 to $15 in, $0.40 to $120 out (1M tokens)",
        "Ollama: 1 model",
    ]
    assert "openai:auto may ask openai:big, which costs $15/1M" in " ".join(text.split())
    nvim.feed("n")
    nvim.wait_screen("The model was not changed.")
    nvim.lua("vim.g.pick = 2")
    nvim.feed("p")
    nvim.wait_screen("The model is now ollama:llama3:8b.")


def test_a_key_is_asked_for_where_the_cursor_is(nvim: Nvim, figures: dict[str, Any]) -> None:
    shown(nvim, "ZekeProviders", WHOLE)
    nvim.feed("/xAI: <CR>a")
    nvim.wait_screen("Key for xAI:")
    nvim.feed("<Esc>")
    nvim.wait_screen("No key was typed: nothing changed.")


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ("{}", ""),
        ("{ 0, 0 }", "▁▁"),
        ("{ 0, 0.0001, 1 }", "▁▂█"),
        ("{ 1, 2, 3, 4, 5, 6, 7, 8 }", "▂▂▃▄▅▆▇█"),
        ("{ false, 5, false }", "·█·"),
    ],
)
def test_a_line_of_blocks(nvim: Nvim, values: str, drawn: str) -> None:
    assert nvim.lua(f"return require('zeke.chart').line({values})") == drawn


@pytest.mark.parametrize(
    ("part", "whole", "drawn"),
    [(0, 10, ""), (10, 10, "████"), (5, 10, "██"), (1, 100, "▏"), (7.2, 10, "██▉"), (1, 0, "▏")],
)
def test_a_bar(nvim: Nvim, part: float, whole: float, drawn: str) -> None:
    assert nvim.lua("return require('zeke.chart').bar(...)", part, whole, 4) == drawn
