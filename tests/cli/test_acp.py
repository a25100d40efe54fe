"""What ``zeke acp`` makes of its arguments; what it does is in ``tests/acp``."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from zeke_bridge.acp import serving
from zeke_bridge.acp.link import Wanted
from zeke_bridge.cli.tree import app
from zeke_bridge.model.errors import InputError


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], Wanted("zeke")),
        (["--agent", "claude"], Wanted("claude")),
        (["--agent", "claude", "--ask", "neovim"], Wanted("claude", asks_here=False)),
        (
            ["--", "my-agent", "--flag", "-x", "a b"],
            Wanted("", ("my-agent", "--flag", "-x", "a b")),
        ),
    ],
)
def test_it_serves_the_agent_that_is_named(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], wanted: Wanted
) -> None:
    served: list[Any] = []
    monkeypatch.setattr(serving, "serve", served.append)
    done = CliRunner().invoke(app, ["acp", *arguments])
    assert done.exit_code == 0, done.output
    assert served == [wanted]


def test_a_name_and_a_command_are_one_too_many() -> None:
    done = CliRunner().invoke(app, ["acp", "--agent", "claude", "--", "my-agent"])
    assert isinstance(done.exception, InputError)


def test_who_asks_is_one_of_two() -> None:
    done = CliRunner().invoke(app, ["acp", "--ask", "nobody"])
    assert done.exit_code == 2
    assert "neovim" in done.output
