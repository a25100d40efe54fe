"""The tables of agents and tool servers: what is right is taken, what is wrong is named."""

from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.config.agents import AgentSettings, OwnProgram, agent_settings
from zeke_bridge.config.settings import parse
from zeke_bridge.model.errors import ConfigError


def test_nothing_is_the_default() -> None:
    assert agent_settings({}, {}) == AgentSettings()
    assert parse({"agents": [], "mcp": []}).agents == AgentSettings()


def test_own_programs_limits_and_servers() -> None:
    found = parse(
        {
            "agents": {
                "contain": True,
                "chat_tools": False,
                "limits": {"steps": 3, "cost": 0.5},
                "mine": {"command": ["prog", "acp"], "title": "Mine", "pass_on": ["MY_KEY"]},
            },
            "mcp": {
                "files": {
                    "command": ["server"],
                    "env": {"B": "2", "A": "1"},
                    "writes": ["~/.npm", "/var/cache/it"],
                }
            },
        }
    ).agents
    assert (found.contain, found.chat_tools, found.steps, found.cost) == (True, False, 3, 0.5)
    assert found.tokens == AgentSettings().tokens
    assert found.own == {"mine": OwnProgram(("prog", "acp"), "Mine", ("MY_KEY",))}
    server = OwnProgram(
        ("server",), env=(("A", "1"), ("B", "2")), writes=("~/.npm", "/var/cache/it")
    )
    assert found.servers == {"files": server}


def test_the_table_of_an_editor_lies_over_the_file() -> None:
    beneath = {"agents": {"contain": True, "mine": {"command": ["old"]}}}
    found = parse({"agents": {"mine": {"command": ["new"]}}}, beneath=beneath).agents
    assert found.contain
    assert found.own["mine"].argv == ("new",)


@pytest.mark.parametrize(
    ("agents", "mcp", "said"),
    [
        ({"contain": "yes"}, {}, r"agents\.contain must be true or false"),
        ({"limits": [1]}, {}, r"agents\.limits must be a table"),
        ({"limits": {"stepz": 1}}, {}, r"Unknown setting agents\.limits\.stepz"),
        ({"limits": {"steps": 0}}, {}, r"agents\.limits\.steps must be a number over 0"),
        ({"limits": {"cost": True}}, {}, r"agents\.limits\.cost must be a number"),
        ({"mine": "prog"}, {}, r"agents\.mine must be a table"),
        ({"mine": {"command": "prog acp"}}, {}, r"agents\.mine\.command must be a list"),
        ({"mine": {"command": []}}, {}, r"agents\.mine\.command must be a list"),
        ({"mine": {"cmd": ["x"]}}, {}, r"Unknown setting agents\.mine\.cmd"),
        ({}, {"s": {"command": ["x"], "env": {"A": 1}}}, r"mcp\.s\.env must be a table of strings"),
        ({}, {"s": {"command": ["x"], "pass_on": "KEY"}}, r"mcp\.s\.pass_on must be a list"),
        ({}, {"s": {"command": ["x"], "writes": "~/.npm"}}, r"mcp\.s\.writes must be a list"),
        ({}, {"s": {"command": ["x"], "writes": [".npm"]}}, r"mcp\.s\.writes must be a list of"),
        ({}, {"s": {"command": ["x"], "writes": ["~/"]}}, r"as in { \"~/\.npm\" }"),
        ({}, {"s": {"command": ["x"], "writes": ["/"]}}, r"as in { \"~/\.npm\" }"),
    ],
)
def test_what_is_wrong_is_named(agents: Any, mcp: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        agent_settings(agents, mcp)
