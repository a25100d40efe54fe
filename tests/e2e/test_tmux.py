"""In a real terminal, with what a terminal adds: its size, its colours or none, its keys."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import REPOSITORY, binary, isolated
from tests.e2e.tmux import Terminal
from tests.fakes.house import House

pytestmark = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="tmux is not installed here (Debian: apt-get install tmux)"
)

INIT = """
vim.opt.runtimepath:prepend([[{repository}]])
vim.g.python3_host_prog = [[{python}]]
vim.g.zeke_python = [[{python}]]
"""
ANSWER = "This is what the fake says"
COLOUR = re.compile(r"\x1b\[[0-9;]*\b(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|[34]8;[25];)")


@pytest.fixture
def terminal(house: House) -> Iterator[Callable[..., Terminal]]:
    """Start Neovim in a terminal, in the house, on ``app.py``."""
    home = house.base / "home"
    init = home / "init.lua"
    home.mkdir()
    init.write_text(INIT.format(repository=REPOSITORY, python=sys.executable))
    env = {**isolated(home), **house.environment}
    with ExitStack() as stack:

        def start(**options: Any) -> Terminal:
            command = (binary(), "-u", str(init), "-i", "NONE", "-n", "app.py")
            found = Terminal(house.base, *command, env=env, cwd=house.project, **options)
            stack.enter_context(found)
            found.wait("def total")
            return found

        yield start


def ask(terminal: Terminal, text: str) -> str:
    terminal.type(f":ZekeChat {text}")
    terminal.press("Enter")
    return terminal.wait(ANSWER)


def test_a_chat_at_80_by_24(terminal: Callable[..., Terminal]) -> None:
    screen = terminal()
    text = ask(screen, "hello there")
    assert "hello there" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert COLOUR.search(screen.attributes)
    screen.type("G")
    screen.type("o")
    screen.type("and a second question")
    screen.wait("and a second question")
    screen.press("Escape")
    screen.type(":qa!")
    screen.press("Enter")
    screen.wait_end()


def test_without_colours(terminal: Callable[..., Terminal]) -> None:
    screen = terminal(term="vt100")
    ask(screen, "hello there")
    assert not COLOUR.search(screen.attributes)
    screen.type(":only")
    screen.press("Enter")
    screen.type(":ZekeStatus")
    screen.press("Enter")
    screen.wait("Requests today")
    assert not COLOUR.search(screen.attributes)


def test_smaller_than_any_window_wants(terminal: Callable[..., Terminal]) -> None:
    screen = terminal(size=(40, 12))
    ask(screen, "hi")
    screen.type(":ZekeStatus")
    screen.press("Enter")
    screen.wait("Zeke status")
    screen.type("q")
    screen.wait(lambda text: "Zeke status" not in text)


def test_the_broker_is_killed_and_nobody_notices_much(
    terminal: Callable[..., Terminal], house: House
) -> None:
    screen = terminal()
    ask(screen, "hello there")
    house.kill()
    screen.type(":ZekeStatus")
    screen.press("Enter")
    gone = "The broker stopped"
    if gone in screen.wait(lambda text: "editors: 1" in text or gone in text):
        # Asked in the moment of its death; what comes next starts another.
        screen.type("R")
    text = screen.wait("editors: 1")
    assert "rror" not in text


def test_any_kept_screen_can_be_looked_at_by_hand(house: House, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "tests.e2e.look", "sample-file", "--live")
    env = {**isolated(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    with Terminal(house.base, *command, env=env, cwd=REPOSITORY) as screen:
        screen.wait("print(total([1, 2, 3]))")
        screen.type("Goplayed")
        screen.wait("played")
        screen.press("Escape")
        screen.type(":qa!")
        screen.press("Enter")
        screen.wait_end()
