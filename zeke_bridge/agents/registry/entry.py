"""One agent that can be started, and how a file of ``data`` says it.

title = "Claude Code"                  as a person knows it
command = ["claude-agent-acp"]         the program and its arguments, without a shell
install = "npm install -g …"           how to get it
login = "Run `claude /login` …"        what to do when it wants to know who asks
pass_on = ["ANTHROPIC_API_KEY"]        variables of the person's environment that it gets
writes = ["~/.claude"]                 what it keeps for itself, outside the project
[env]                                  variables with values
[logins]                               ACP's authentication methods that need no person when
gemini-api-key = ["GEMINI_API_KEY"]    one of these variables is set
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_KEYS = frozenset({"title", "command", "install", "login", "pass_on", "writes", "env", "logins"})


@dataclass(frozen=True, slots=True)
class Entry:
    """``install`` and ``login`` are told to a person; the rest is as in the file.

    ``builtin``: the assistant that is part of Zeke; it has no ``argv``.
    """

    name: str
    title: str
    argv: tuple[str, ...] = ()
    install: str = ""
    login: str = ""
    pass_on: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    writes: tuple[str, ...] = ()
    logins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    builtin: bool = False

    def fingerprint(self) -> str:
        """What a remembered answer to this agent holds for: the SHA-256 of how it is started."""
        return hashlib.sha256(json.dumps([*self.argv]).encode()).hexdigest()


def entry(name: str, table: Mapping[str, Any]) -> Entry:
    """One agent from its file. Raises ``ValueError`` for a key that is unknown or missing."""
    strange = sorted(set(table) - _KEYS)
    if strange or not table.get("command"):
        raise ValueError(f"{name}: {strange or 'no command'}")
    return Entry(
        name,
        table["title"],
        tuple(table["command"]),
        table["install"],
        table["login"],
        tuple(table.get("pass_on", ())),
        tuple(sorted(table.get("env", {}).items())),
        tuple(table.get("writes", ())),
        {method: tuple(names) for method, names in table.get("logins", {}).items()},
    )
