"""Where ``:Zeke install`` puts things: one Neovim at a time, and only where there is room."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.nvim import Nvim
from tests.e2e.person import reads, shows
from tests.fakes.pythons import Pythons
from tests.lua.installing import home_of, install, wait_installed


def test_a_full_disk_is_named_whatever_python_says_of_it(
    start: Callable[..., Nvim], pythons: Pythons
) -> None:
    pythons.add()
    pythons.venv(
        "echo 'Error: Command [.., ensurepip, ..] returned non-zero exit status 1.'; exit 1"
    )
    nvim = start()
    install(nvim)
    shows(nvim, "pip failed (`:Zeke install log` has it all)")
    nvim.lua(
        "vim.uv.fs_statfs = function()"
        " return { bavail = 100, bsize = 4096, files = 9, ffree = 9 } end"
    )
    install(nvim)
    reads(nvim, "The disk is full: make room, then run `:Zeke install` again.")


def test_only_one_neovim_at_a_time(start: Callable[..., Nvim], pythons: Pythons) -> None:
    pythons.add()
    nvim = start()
    lock = home_of(nvim) / "venvs" / "lock"
    lock.parent.mkdir(parents=True)
    lock.write_text(str(os.getpid()))
    install(nvim)
    shown = nvim.lua("return vim.fn.fnamemodify(..., ':~')", str(lock))
    reads(
        nvim,
        f"Another Neovim (process {os.getpid()}) is installing: wait for it, or delete "
        f"{shown} if it is not.",
    )
    # One that died left its lock behind.
    lock.write_text("999999999")
    install(nvim)
    wait_installed(nvim)


def began(pid: int) -> str:
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        pytest.skip("This machine does not say when a process began (/proc).")
    return stat.read_text().rpartition(")")[2].split()[19]


def test_a_lock_names_when_its_process_began(
    start: Callable[..., Nvim], pythons: Pythons, tmp_path: Path
) -> None:
    pythons.add()
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    pythons.pip(f"exec 3>{alive}; sleep 600 & echo Collecting anyio; wait")
    nvim = start()
    install(nvim)
    with alive.open() as held:
        nvim.wait_screen("package 1, anyio")
        pid = nvim.lua("return vim.fn.getpid()")
        lock = home_of(nvim) / "venvs" / "lock"
        assert lock.read_text() == f"{pid} {began(pid)}"
        install(nvim, "cancel")
        assert held.read() == ""


def test_a_lock_whose_number_another_process_has_now_is_stale(
    start: Callable[..., Nvim], pythons: Pythons
) -> None:
    pythons.add()
    nvim = start()
    lock = home_of(nvim) / "venvs" / "lock"
    lock.parent.mkdir(parents=True)
    lock.write_text(f"{os.getpid()} {began(os.getpid())}")
    install(nvim)
    shows(nvim, f"Another Neovim (process {os.getpid()})")
    lock.write_text(f"{os.getpid()} 1")
    install(nvim)
    wait_installed(nvim)


def test_a_lock_of_half_an_hour_is_stale(start: Callable[..., Nvim], pythons: Pythons) -> None:
    pythons.add()
    nvim = start()
    lock = home_of(nvim) / "venvs" / "lock"
    lock.parent.mkdir(parents=True)
    lock.write_text(str(os.getpid()))
    before = lock.stat().st_mtime - 1801
    os.utime(lock, (before, before))
    install(nvim)
    wait_installed(nvim)
