"""The front in a real Neovim, against a broker by script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.fakes.pythons import Pythons
from tests.lua.inbox import Inbox

SAMPLE = """\
def total(values):
    result = 0
    for value in values:
        result = result + value
    return result


print(total([1, 2, 3]))
"""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[FakeBroker]:
    with FakeBroker(tmp_path / "run") as fake:
        yield fake


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "project" / "app.py"
    path.parent.mkdir()
    path.write_text(SAMPLE, encoding="utf-8")
    return path


@pytest.fixture
def nvim(tmp_path: Path, broker: FakeBroker, sample: Path) -> Iterator[Nvim]:
    """A Neovim with the sample open, that finds the fake broker, or starts it."""
    init = f"vim.g.zeke_python = [[{broker.python()}]]"
    env = {"ZEKE_RUNTIME_DIR": str(broker.directory)}
    with Nvim(tmp_path / "home", str(sample), env=env, init=init, cwd=sample.parent) as editor:
        yield editor


@pytest.fixture
def open_nvim(tmp_path: Path) -> Iterator[Callable[..., Nvim]]:
    """Start a Neovim with arguments of the test's own; it ends with the test."""
    with ExitStack() as stack:
        yield lambda *given, **named: stack.enter_context(_opened(tmp_path, *given, **named))


@pytest.fixture
def typing(nvim: Nvim, broker: FakeBroker) -> Nvim:
    """Connected, and a key was typed since the last thing the person did with Zeke."""
    nvim.feed(":ZekeExplain<CR>")
    broker.expect("task.submit")
    nvim.feed("j")
    nvim.settle()
    return nvim


@pytest.fixture
def acting(nvim: Nvim, broker: FakeBroker) -> Nvim:
    """Connected by a command, and nothing was typed since."""
    nvim.feed(":ZekeExplain<CR>")
    broker.expect("task.submit")
    return nvim


@pytest.fixture
def inbox(nvim: Nvim, broker: FakeBroker) -> Inbox:
    return Inbox(nvim, broker)


@pytest.fixture
def pythons(tmp_path: Path) -> Pythons:
    return Pythons(tmp_path / "pythons")


@pytest.fixture
def start(tmp_path: Path, pythons: Pythons) -> Iterator[Callable[..., Nvim]]:
    """Start a Neovim that has only those Pythons."""
    with ExitStack() as stack:

        def opened(**options: Any) -> Nvim:
            env = {"PATH": pythons.path, "ZEKE_RUNTIME_DIR": str(tmp_path / "run")}
            init = "vim.g.python3_host_prog = nil\n" + options.pop("init", "")
            return stack.enter_context(Nvim(tmp_path / "home", env=env, init=init, **options))

        yield opened


def _opened(tmp_path: Path, *arguments: str, **options: Any) -> Nvim:
    return Nvim(tmp_path / "home", *arguments, **options)
