"""Which ``rawInput`` is a command and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.agents.acp.calls import Calls
from zeke_bridge.agents.acp.execution import words


def said(raw: Any) -> tuple[tuple[str, ...], str]:
    found = Calls().declared({"toolCallId": "c", "kind": "execute", "rawInput": raw})
    assert found.raw["rawInput"] == raw
    return found.argv, found.cwd


@pytest.mark.parametrize(
    ("raw", "argv", "cwd"),
    [
        ({"command": "ls"}, ("ls",), ""),
        ({"command": "ls -la"}, ("sh", "-c", "ls -la"), ""),
        ({"command": ["bash", "-lc", "ls"], "cwd": "/p"}, ("bash", "-lc", "ls"), "/p"),
        ({"command": "git", "args": ["diff", "a b"]}, ("git", "diff", "a b"), ""),
        ({"command": "ls", "cwd": "sub"}, ("ls",), "sub"),
        ({"command": "ls", "cwd": "", "env": {}, "stdin": None}, ("ls",), ""),
        ({"command": "ls", "cwd": "/p", "workdir": "/p"}, ("ls",), "/p"),
        ({"command": ["ls", 1]}, (), ""),
        ({"command": "git", "args": "diff"}, (), ""),
        ({"command": []}, (), ""),
        ({"command": "", "cwd": "/p"}, (), ""),
        ({"cmd": "ls"}, (), ""),
        ("ls", (), ""),
    ],
)
def test_the_command_of_raw_input(raw: Any, argv: tuple[str, ...], cwd: str) -> None:
    assert said(raw) == (argv, cwd)


@pytest.mark.parametrize(
    "key", ["cwd", "workdir", "working_dir", "workingDirectory", "directory", "dir_path", "dir"]
)
def test_where_it_runs_is_said_by_many_names(key: str) -> None:
    assert said({"command": "ls", key: "/q"}) == (("ls",), "/q")
    for other in (1, ["/q"], "~/q", "$HOME"):
        assert said({"command": "ls", key: other}) == ((), "")
    assert said({"command": "ls", key: "/q", "cwd": "/p", "dir": "/r"}) == ((), "")


@pytest.mark.parametrize(
    "more",
    [
        {"description": "Lists", "timeout": 1000, "run_in_background": True},
        {"description": "Lists", "is_background": False, "timeout": None},
        {"dangerouslyDisableSandbox": False},
        {"description": "Lists", "workdir": "", "timeout_ms": 1.5},
        {"commands": ["ls"], "mode": "sync", "initial_wait": 30},
        {"explanation": "why", "title": "t", "reason": "r", "delay_ms": 0},
    ],
)
def test_what_real_agents_say_beside_does_nothing(more: dict[str, Any]) -> None:
    assert said({"command": "ls", **more})[0] == ("ls",)


@pytest.mark.parametrize(
    "more",
    [
        {"working_directory": "/q"},
        {"run_as": "root"},
        {"env": {"GIT_EXTERNAL_DIFF": "x"}},
        {"stdin": "rm -rf ."},
        {"sandbox": False},
        {"retries": 0},
        {"dangerouslyDisableSandbox": True},
        {"shell": "/evil"},
        {"cmd": "rm"},
        {"description": {"cwd": "/q"}},
        {"timeout": "1; rm"},
        {"timeout": True},
        {"is_background": "rm"},
        {"commands": ["rm"]},
        {"mode": "root"},
        {"": 1},
    ],
)
def test_anything_else_is_no_command_but_shown_as_it_is(more: dict[str, Any]) -> None:
    assert said({"command": "ls", **more}) == ((), "")


@pytest.mark.parametrize("command", ["a b", "a|b", "a&", "$A", "`a`", "a*", "~/a", "a\nb", "é"])
def test_what_a_shell_could_read_otherwise_is_a_shells(command: str) -> None:
    assert words(command, None) == ("sh", "-c", command)
