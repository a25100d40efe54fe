"""The tables `agents` and `mcp` of the settings, and what a mistake in them leads to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.e2e.person import clear
from tests.fakes.broker import FakeBroker
from zeke_bridge.agents.registry import entries

RIGHT = {
    "agents": {
        "mine": {"command": ["prog", "--acp"], "env": {"A": "b"}, "pass_on": ["KEY"], "title": "M"},
        "contain": True,
        "chat_tools": False,
        "limits": {"steps": 5, "tokens": 1000, "cost": 0.5},
    },
    "mcp": {"docs": {"command": ["docs-server"], "writes": ["~/.npm", "/srv/docs"]}},
}
WRONG: dict[str, tuple[Any, str]] = {
    "contain": ({"contain": "yes"}, "agents.contain must be true or false."),
    "near": (
        {"mine": {"comand": ["x"]}},
        "Unknown setting agents.mine.comand: did you mean agents.mine.command?",
    ),
    "string": (
        {"mine": {"command": "prog --acp"}},
        "agents.mine.command must be a list: the program, then its arguments.",
    ),
    "limit": ({"limits": {"cost": "0.1"}}, "agents.limits.cost must be a number over 0."),
    "steps": ({"limits": {"steps": 1.5}}, "agents.limits.steps must be a whole number over 0."),
    "writes": (
        {"mine": {"command": ["x"], "writes": ["~"]}},
        'agents.mine.writes must be a list of whole paths, as in { "~/.npm" }.',
    ),
    "env": (
        {"mine": {"command": ["x"], "env": {"A": 1}}},
        "agents.mine.env must be a table from names to strings.",
    ),
}


def given(nvim: Nvim, settings: dict[str, Any]) -> Any:
    """What the broker would be told, and what was said."""
    code = "require('zeke').setup(vim.json.decode(...)) return require('zeke.config').given()"
    return nvim.lua(code, json.dumps(settings))


def said(nvim: Nvim) -> str:
    nvim.feed(":Zeke messages<CR>")
    nvim.wait_screen("Zeke messages")
    return " ".join(" ".join(nvim.lines()).split())


def test_they_reach_the_broker_as_they_are(nvim: Nvim) -> None:
    assert given(nvim, RIGHT) == RIGHT


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named_and_widens_nothing(nvim: Nvim, name: str) -> None:
    table, problem = WRONG[name]
    assert clear(problem)
    told = given(nvim, {"agents": table | {"other": {"command": ["x"]}}})
    assert told["agents"] == {
        "contain": True,
        "chat_tools": False,
        "limits": {"steps": 10, "tokens": 20000, "cost": 0.1},
    }
    assert told["ghostllm"]["enable_consent"] is True
    text = said(nvim)
    assert problem in text
    assert "that table is not used, agents are contained, and chats have no tools." in text


def test_a_mistake_in_mcp_leaves_no_server(nvim: Nvim) -> None:
    told = given(nvim, {"mcp": {"docs": {"command": []}}})
    assert not told.get("mcp")
    assert told["agents"]["contain"] is True
    assert "mcp.docs.command must be a list" in said(nvim)


def test_all_agents_are_completed_at_once(nvim: Nvim, broker: FakeBroker) -> None:
    given(nvim, {"agents": {"mine": {"command": ["x"]}, "claude": {"command": ["y"]}}})
    completed = nvim.lua("return vim.fn.getcompletion('ZekeAgent ', 'cmdline')")
    assert completed == [*entries(), "mine"]
    assert not broker.seen("agent.list")


@pytest.mark.parametrize(
    ("written", "sentences"),
    [
        (
            {"chat_tools": False},
            [
                "Unknown setting chat_tools: did you mean agents.chat_tools?",
                "Until chat_tools is mended, GhostWarden asks about everything, agents are",
            ],
        ),
        ({"contian": True}, ["Unknown setting contian: did you mean agents.contain?"]),
        (
            {"agnts": {"contain": True}},
            ["did you mean agents?", "asks about everything, that table is not used, agents are"],
        ),
    ],
)
def test_a_word_outside_of_its_table_is_named_and_widens_nothing(
    nvim: Nvim, written: dict[str, Any], sentences: list[str]
) -> None:
    told = given(nvim, written)
    assert told["agents"]["contain"] is True
    assert told["agents"]["chat_tools"] is False
    text = said(nvim)
    for sentence in sentences:
        assert sentence in text
