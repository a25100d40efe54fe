"""``:ZekeStatus`` and ``:ZekeProviders`` over a real core: they follow what is asked."""

from __future__ import annotations

import re

import pytest

from tests.e2e import screens
from tests.e2e.conftest import Opener
from tests.e2e.person import done, run
from tests.e2e.test_costs import CONFIG
from tests.fakes.house import House

MASK = {
    # The clock may strike between the question and the look.
    r"([▁·])█\1(?= )": r"\1\1█",
    r"Projected monthly: \S+": "Projected monthly: MONEY",
    r"Broker .*": "Broker    BROKER",
    r"port \d+|:\d{4,5}\b": "PORT",
    r"\$0\.0(?:[1-9]|\d\d)\d*": "$MONEY",
}


@pytest.fixture
def priced(house: House) -> House:
    (house.base / "ghostllm").mkdir()
    (house.base / "ghostllm" / "config.toml").write_text(CONFIG)
    return house


def test_both_windows_follow_what_is_asked(editor: Opener, priced: House) -> None:
    nvim = editor(settings={"default_model": "openai:echo"})
    run(nvim, "ZekeStatus")
    nvim.wait_screen("Requests today: 0")
    assert "Last 24 hours" not in "\n".join(nvim.lines())
    nvim.command("wincmd p")
    run(nvim, "ZekeExplain what is this")
    done(nvim)
    nvim.wait_screen("Requests today: 1")
    nvim.command("fclose!")
    nvim.command("only!")
    run(nvim, "ZekeStatus")
    nvim.wait_for("vim.fn.search('Last 24 hours', 'nw') > 0")
    rows = [line.strip() for line in nvim.lines()]
    chart = rows.index("📈 Last 24 hours:")
    assert re.match(r"├─ ▁{22,23}█▁? cost \$0\.", rows[chart + 1])
    assert re.match(r"├─ ▁{22,23}█▁? requests 1, most 1 at ", rows[chart + 2])
    assert re.match(r"└─ ·{22,23}█·? response ", rows[chart + 3])
    nvim.feed(f"{chart + 1}Gzt")
    screens.check(nvim, "status-chart", MASK)
    nvim.feed("c")
    nvim.wait_for("vim.fn.search('key in the environment', 'nw') > 0")
    nvim.wait_for("vim.fn.search('Last 30 days', 'nw') > 0")
    screens.check(nvim, "providers", MASK)
    nvim.feed("/OpenAI: . <CR><CR>")
    nvim.wait_for("vim.fn.search('echo: ', 'nw') > 0")
    nvim.feed("zt")
    screens.check(nvim, "providers-models", MASK)


def test_a_screen_reader_gets_lines_of_text(editor: Opener, priced: House) -> None:
    nvim = editor(settings={"default_model": "openai:echo", "ui": {"plain": True}})
    run(nvim, "ZekeExplain what is this")
    done(nvim)
    nvim.command("only!")
    run(nvim, "ZekeProviders")
    nvim.wait_for("vim.fn.search('key in the environment', 'nw') > 0")
    screens.check(nvim, "providers-plain", MASK)
