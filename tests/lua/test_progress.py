"""What takes long, told where Neovim has no line of its own for messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.fakes.pythons import Pythons
from tests.lua.installing import install, wait_installed

NO_LINE = "vim.o.cmdheight = 0"


@pytest.mark.parametrize("command", [":ZekeCreate a thing<CR>", ":ZekeTest<CR>"])
def test_no_key_is_asked_for(nvim: Nvim, broker: FakeBroker, command: str) -> None:
    nvim.lua(NO_LINE)
    nvim.feed(command)
    # At a prompt for a key, nothing is sent either.
    task = broker.expect("task.submit")
    assert not blocked(nvim)
    nvim.feed(":ZekeCancel<CR>")
    assert broker.expect("task.cancel")["id"] == task["id"]
    nvim.wait_screen("Cancelled: 1.")
    assert not blocked(nvim)


def test_an_installation_asks_for_none(start: Callable[..., Nvim], pythons: Pythons) -> None:
    pythons.add()
    nvim = start(init=NO_LINE)
    install(nvim)
    wait_installed(nvim)
    assert not blocked(nvim)


def test_what_ends_at_once_was_never_told(nvim: Nvim) -> None:
    nvim.lua("""
      local progress = require("zeke.progress").start("Zeke")
      progress:report("Told too late")
      progress:over(true)
      progress = require("zeke.progress").start("Zeke")
      progress:report("The first step")
      progress:report("The last step")""")
    text = nvim.wait_screen("The last step")
    assert "The first step" not in text
    assert "Told too late" not in text
    assert "Told too late" not in nvim.request("nvim_exec2", "messages", {"output": True})["output"]


def blocked(nvim: Nvim) -> bool:
    """Whether Neovim waits for a key and does nothing else."""
    return bool(nvim.request("nvim_get_mode")["blocking"])
