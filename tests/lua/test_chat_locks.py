"""Which Neovim has a chat open: told from one that has died, and from another of its number."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker
from tests.lua.chats import answer, body, saved

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no procfs here")
HOST = socket.gethostname()


def boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def start(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19]


def alive(nvim: Nvim, text: str) -> bool:
    found: bool = nvim.lua("return require('zeke.chat.lock').alive(...)", text)
    return found


@linux
def test_what_a_lock_says(nvim: Nvim) -> None:
    said = nvim.lua("return require('zeke.chat.lock').holder()")
    assert said == f"{nvim.pid} {start(nvim.pid)} {boot()} {HOST}"


@linux
def test_a_living_process_is_told_from_others_of_its_number(nvim: Nvim) -> None:
    pid = os.getpid()
    assert alive(nvim, f"{pid} {start(pid)} {boot()} {HOST}")
    assert not alive(nvim, f"{pid} {int(start(pid)) - 1} {boot()} {HOST}")
    assert not alive(nvim, f"{pid} {start(pid)} another-boot {HOST}")
    assert alive(nvim, f"{pid} - - {HOST}")


@pytest.fixture
def zombie() -> Iterator[int]:
    """A process that has ended, and that nobody has asked about yet."""
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        yield process.pid


@linux
def test_a_zombie_is_dead(nvim: Nvim, zombie: int) -> None:
    assert not alive(nvim, f"{zombie} {start(zombie)} {boot()} {HOST}")


def test_what_nobody_can_tell(nvim: Nvim) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert not alive(nvim, f"{gone.pid} - - {HOST}")
    assert alive(nvim, f"{gone.pid} - - another-host")
    assert not alive(nvim, "")
    assert not alive(nvim, f"{nvim.pid} - - {HOST}")


@linux
@pytest.mark.parametrize("living", [True, False])
def test_a_copy_says_so_above_it(nvim: Nvim, broker: FakeBroker, living: bool) -> None:
    nvim.lua("""
      vim.ui.select = function(items, options, done)
        _G.offered = vim.tbl_map(options.format_item, items)
        done(items[1])
      end
    """)
    nvim.feed(":ZekeChat first<CR>")
    answer(nvim, broker, "One.")
    path = saved(nvim)
    while "One." not in body(path):
        path = saved(nvim)
    nvim.feed(":bwipeout!<CR>")
    nvim.wait_for("vim.uv.fs_stat(...) == nil", str(path.with_suffix(".lock")))
    pid = os.getpid()
    born = int(start(pid)) - (0 if living else 1)
    path.with_suffix(".lock").write_text(f"{pid} {born} {boot()} {HOST}")
    nvim.feed(":ZekeChat history<CR>")
    nvim.wait_screen("Zeke chat (a copy) ·" if living else "Zeke chat ·")
    assert "(1 question, " in nvim.lua("return _G.offered[1]")
    assert nvim.lua("return require('zeke.chat.session').all()[1].copy") is living
