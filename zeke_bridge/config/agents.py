"""The ``agents`` and ``mcp`` tables of the settings: the person's own programs, and limits.

``agents`` maps a name to a table with ``command``; ``contain``, ``limits`` and ``chat_tools``
beside the names are words of ours. Nothing is started here, and nobody looks whether a program is
there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zeke_bridge.model.errors import ConfigError

_MOST_STEPS = 1000
_PLACE = re.compile(r"~?/[^/]")


@dataclass(frozen=True, slots=True)
class OwnProgram:
    """A program as its user configured it: ``argv`` without a shell.

    ``pass_on`` names variables of the environment that it gets, ``env`` are others with values.
    ``writes`` are places outside the project where it keeps what is its own, as in ``Launch``.
    """

    argv: tuple[str, ...]
    title: str = ""
    pass_on: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    writes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """``steps``, ``tokens`` and ``cost`` (US dollars) limit one turn of the built-in assistant.

    ``contain``: agents' programs are kept to the project where the system can do that.
    ``chat_tools``: the assistant may use tools in ``:ZekeChat``, where the model can.
    """

    contain: bool = False
    chat_tools: bool = True
    steps: int = 40
    tokens: int = 200_000
    cost: float = 1.0
    own: Mapping[str, OwnProgram] = field(default_factory=dict)
    servers: Mapping[str, OwnProgram] = field(default_factory=dict)
    """MCP servers by name."""


def agent_settings(agents: Mapping[str, Any], mcp: Mapping[str, Any]) -> AgentSettings:
    """The settings of both tables. Raises ``ConfigError`` naming the key that is wrong."""
    default, limits = AgentSettings(), agents.get("limits") or {}
    if not isinstance(limits, Mapping):
        raise ConfigError("agents.limits must be a table with steps, tokens and cost.")
    for name in limits:
        if name not in ("steps", "tokens", "cost"):
            raise ConfigError(f"Unknown setting agents.limits.{name}: steps, tokens or cost.")
    words = ("contain", "limits", "chat_tools")
    own = {
        name: _program(f"agents.{name}", one) for name, one in agents.items() if name not in words
    }
    return AgentSettings(
        contain=_flag("agents.contain", agents.get("contain", default.contain)),
        chat_tools=_flag("agents.chat_tools", agents.get("chat_tools", default.chat_tools)),
        steps=min(int(_limit("steps", limits.get("steps", default.steps))), _MOST_STEPS),
        tokens=int(_limit("tokens", limits.get("tokens", default.tokens))),
        cost=_limit("cost", limits.get("cost", default.cost)),
        own=own,
        servers={name: _program(f"mcp.{name}", one) for name, one in mcp.items()},
    )


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{name} must be true or false.")
    return value


def _limit(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise ConfigError(f"agents.limits.{name} must be a number over 0.")
    return float(value)


def _program(name: str, table: Any) -> OwnProgram:
    if not isinstance(table, Mapping):
        raise ConfigError(
            f'{name} must be a table, as in {name} = {{ command = {{ "program" }} }}.'
        )
    for key in table:
        if key not in ("command", "title", "pass_on", "env", "writes"):
            raise ConfigError(
                f"Unknown setting {name}.{key}: command, title, pass_on, env or writes."
            )
    title, env = table.get("title", ""), table.get("env") or {}
    if not isinstance(title, str) or not isinstance(env, Mapping):
        raise ConfigError(f"{name}.title must be a string, and {name}.env a table of strings.")
    if not all(isinstance(value, str) for value in env.values()):
        raise ConfigError(f"{name}.env must be a table of strings.")
    argv = _words(f"{name}.command", table.get("command"))
    if not argv or not argv[0]:
        raise ConfigError(f"{name}.command must be a list: the program, then its arguments.")
    pairs = tuple(sorted((str(key), value) for key, value in env.items()))
    pass_on = _words(f"{name}.pass_on", table.get("pass_on"))
    return OwnProgram(argv, title, pass_on, pairs, _places(f"{name}.writes", table.get("writes")))


def _places(name: str, value: Any) -> tuple[str, ...]:
    found = _words(name, value)
    if not all(_PLACE.match(place) for place in found):
        raise ConfigError(f'{name} must be a list of whole paths, as in {{ "~/.npm" }}.')
    return found


def _words(name: str, value: Any) -> tuple[str, ...]:
    # An empty Lua table arrives as an empty mapping or list.
    if not value:
        return ()
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ConfigError(f"{name} must be a list of strings.")
    return tuple(value)
