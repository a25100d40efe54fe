"""``:Zeke install`` against Pythons by script: every way it can go, and what the person reads."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import zeke_bridge
from tests.e2e import screens
from tests.e2e.nvim import REPOSITORY, Nvim
from tests.e2e.person import flat, reads, shows
from tests.fakes.pythons import Pythons
from tests.lua.installing import home_of, install, wait_installed

VERSION = zeke_bridge.__version__


def test_it_is_made_and_found(start: Callable[..., Nvim], pythons: Pythons) -> None:
    pythons.add()
    nvim = start()
    install(nvim)
    wait_installed(nvim)
    home = home_of(nvim)
    assert (home / "venv").readlink() == Path("venvs/a")
    assert json.loads((home / "venv" / "zeke.json").read_text())["version"] == VERSION
    assert not (home / "venvs" / "lock").exists()
    first = nvim.lua("return require('zeke.python').candidates()[1]")
    assert first["argv"][0] == str(home / "venv" / "bin" / "python")
    # The checkout is what is installed; there is nothing to fetch of ourselves.
    [pip] = pythons.calls("-m pip ")
    assert pip.endswith(nvim.lua("return require('zeke.python').root()"))


def test_while_it_goes_on(start: Callable[..., Nvim], pythons: Pythons, tmp_path: Path) -> None:
    pythons.add()
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    pythons.pip(f"echo Collecting anyio; echo 'Collecting httpx<1,>=0.28'; cat {gate}")
    nvim = start()
    install(nvim)
    nvim.wait_screen("package 2, httpx")
    screens.check(nvim, "install-progress")
    install(nvim)
    reads(nvim, "The installation is under way: `:Zeke install cancel` stops it.")
    nvim.feed("ihe can type<Esc>")
    nvim.wait_screen("he can type")
    gate.write_text("")
    wait_installed(nvim)
    nvim.wait_gone("package 2")


def test_without_progress_messages(
    start: Callable[..., Nvim], pythons: Pythons, tmp_path: Path
) -> None:
    pythons.add()
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    pythons.pip(f"echo Collecting anyio; cat {gate}")
    nvim = start(init="vim.g.zeke = { ui = { progress = false } }")
    install(nvim)
    nvim.wait_screen("Zeke: install: package 1, anyio")
    gate.write_text("")
    wait_installed(nvim)


def test_long_names_never_make_neovim_ask_for_a_key(
    start: Callable[..., Nvim], pythons: Pythons
) -> None:
    pythons.add()
    pythons.pip(f"echo Collecting {'a' * 300}; echo Processing /x/aiohttp-3.14.5-{'b' * 99}.whl")
    for columns in (80, 40):
        nvim = start(size=(columns, 24))
        nvim.wait_screen("[No Name]")
        install(nvim)
        wait_installed(nvim)
        assert nvim.lua("return vim.api.nvim_get_mode().blocking") is False


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        (None, "No Python was found: install Python 3.11 or newer"),
        ({"version": (3, 9)}, "Python 3.9 is too old: install Python 3.11 or newer"),
        (
            {"venv": False},
            "install its venv module (Debian, Ubuntu: `apt install python3.12-venv`)",
        ),
        ({"ensurepip": False}, "Python 3.12 cannot make environments: install its venv module"),
        ({"ensurepip": False, "pip": 20}, "Python 3.12 cannot make environments"),
    ],
)
def test_a_python_that_will_not_do(
    start: Callable[..., Nvim], pythons: Pythons, about: dict[str, Any] | None, sentence: str
) -> None:
    if about is not None:
        pythons.add(**about)
    nvim = start()
    install(nvim)
    shows(nvim, sentence)
    assert "run `:Zeke install` again." in flat(nvim.screen)
    assert not (home_of(nvim) / "venv").exists()


def test_the_first_that_is_new_enough(start: Callable[..., Nvim], pythons: Pythons) -> None:
    pythons.add("python3", version=(3, 9))
    newer = pythons.add("python3.13", version=(3, 13))
    nvim = start()
    install(nvim)
    wait_installed(nvim)
    stamp = home_of(nvim) / "venv" / "bin" / "python"
    assert stamp.read_text() == newer.read_text()


def test_without_ensurepip_the_pip_that_is_there_does_it(
    start: Callable[..., Nvim], pythons: Pythons
) -> None:
    pythons.add(ensurepip=False, pip=23)
    nvim = start()
    install(nvim)
    wait_installed(nvim)
    assert "--without-pip" in pythons.calls("-m venv")[0]
    assert f"--python {home_of(nvim)}/venvs/a/bin/python" in pythons.calls("-m pip")[0]


FAILURES = [
    (
        "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError("
        "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution)'\n"
        "ERROR: No matching distribution found for hatchling>=1.25",
        "The package index cannot be reached: see whether the network is there, then run "
        "`:Zeke install` again; what came already is not fetched twice.",
    ),
    (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "The disk is full: make room, then run `:Zeke install` again.",
    ),
    (
        "ERROR: No matching distribution found for tree-sitter<0.27",
        "The package index has no tree-sitter<0.27 for this Python: "
        "`:Zeke install log` shows more.",
    ),
    (
        "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x'",
        "pip may not write where it has to: `:Zeke install log` shows where.",
    ),
    (
        "ERROR: something else went wrong",
        "pip failed (`:Zeke install log` has it all). It said: something else went wrong",
    ),
]


@pytest.mark.parametrize(("output", "sentence"), FAILURES)
def test_when_pip_fails(
    start: Callable[..., Nvim], pythons: Pythons, output: str, sentence: str, tmp_path: Path
) -> None:
    pythons.add()
    said = tmp_path / "said"
    said.write_text(output + "\n")
    pythons.pip(f"cat {said}; exit 1")
    nvim = start()
    install(nvim)
    reads(nvim, sentence)
    home = home_of(nvim)
    assert not (home / "venv").exists()
    assert not (home / "venvs" / "a").exists()
    install(nvim, "log")
    nvim.wait_screen("$ rm -rf")
    log = "\n".join(nvim.lines())
    assert "-m pip install" in log
    assert output in log


def test_an_environment_that_cannot_be_made(start: Callable[..., Nvim], pythons: Pythons) -> None:
    pythons.add()
    pythons.venv("echo 'Error: [Errno 28] No space left on device'; exit 1")
    nvim = start()
    install(nvim)
    reads(nvim, "The disk is full: make room, then run `:Zeke install` again.")


def test_what_does_not_run_does_not_count(start: Callable[..., Nvim], pythons: Pythons) -> None:
    pythons.add()
    nvim = start()
    install(nvim)
    wait_installed(nvim)
    pythons.check("echo 'ImportError: libx.so is missing'; exit 1")
    install(nvim)
    reads(
        nvim,
        "What was installed does not run (ImportError: libx.so is missing): "
        "`:Zeke install log` has more.",
    )
    pythons.check("echo 9.9.9")
    install(nvim)
    reads(
        nvim,
        f"The Python side that came is version 9.9.9, this plugin {VERSION}: update the plugin.",
    )
    home = home_of(nvim)
    assert (home / "venv").readlink() == Path("venvs/a")
    assert (home / "venv" / "bin" / "python").exists()
    assert not (home / "venvs" / "b").exists()


def test_cancelled_and_begun_again(
    start: Callable[..., Nvim], pythons: Pythons, tmp_path: Path
) -> None:
    pythons.add()
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    # Whoever holds the write end open is alive: reading ends when the last of them is gone.
    pythons.pip(f"exec 3>{alive}; sleep 600 & echo Collecting anyio; wait")
    nvim = start()
    install(nvim)
    with alive.open() as held:
        nvim.wait_screen("package 1, anyio")
        install(nvim, "cancel")
        reads(nvim, "The installation was cancelled; nothing was changed.")
        assert held.read() == ""
    assert not (home_of(nvim) / "venvs" / "a").exists()
    install(nvim, "cancel")
    reads(nvim, "Nothing is being installed.")
    pythons.pip("echo Collecting anyio")
    install(nvim)
    wait_installed(nvim)


def test_cancelling_reaches_what_did_not_hear_it_at_first(
    start: Callable[..., Nvim], pythons: Pythons, tmp_path: Path
) -> None:
    pythons.add()
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    deaf = "trap 'trap - TERM' TERM; echo Collecting anyio; while :; do sleep 0.05; done"
    pythons.pip(f"exec 3>{alive}; ({deaf}) & wait")
    nvim = start()
    install(nvim)
    with alive.open() as held:
        nvim.wait_screen("package 1, anyio")
        install(nvim, "cancel")
        reads(nvim, "The installation was cancelled; nothing was changed.")
        assert held.read() == ""


def test_leaving_neovim_ends_it(
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
        home = home_of(nvim)
        nvim.quit()
        assert held.read() == ""
    assert not (home / "venv").exists()
    assert not (home / "venvs" / "lock").exists()


def test_what_a_local_model_needs_is_asked_for_and_kept(
    start: Callable[..., Nvim], pythons: Pythons
) -> None:
    pythons.add()
    nvim = start()
    install(nvim, "local")
    wait_installed(nvim)
    assert pythons.calls("-m pip")[-1].endswith("[local]")
    nvim.feed(":Zeke messages<CR>")
    nvim.wait_screen("╭ Zeke messages")
    nvim.feed("q")
    nvim.wait_gone("╭ Zeke messages")
    install(nvim)
    nvim.wait_for("vim.uv.fs_readlink(...) == 'venvs/b'", str(home_of(nvim) / "venv"))
    assert len(pythons.calls("-m pip")) == 2
    assert pythons.calls("-m pip")[-1].endswith("[local]")


def test_somebodys_own_environment_is_moved_aside(
    start: Callable[..., Nvim], pythons: Pythons
) -> None:
    pythons.add()
    nvim = start()
    own = home_of(nvim) / "venv"
    own.mkdir(parents=True)
    (own / "mine").write_text("mine")
    install(nvim)
    wait_installed(nvim)
    [kept] = own.parent.glob("venv.before-*")
    assert (kept / "mine").read_text() == "mine"


def test_a_word_it_does_not_know(start: Callable[..., Nvim]) -> None:
    nvim = start()
    install(nvim, "everything")
    reads(nvim, "`:Zeke install` takes nothing, `local`, `cancel` or `log`.")
    assert nvim.lua("return vim.fn.getcompletion('Zeke install ', 'cmdline')") == [
        "cancel",
        "local",
        "log",
    ]


def test_a_chosen_python_stays_in_use_and_is_named(
    start: Callable[..., Nvim], pythons: Pythons
) -> None:
    pythons.add()
    nvim = start(init="vim.g.zeke = { python = '/a/python' }")
    install(nvim)
    shows(nvim, "The setting `python` names another one, which stays in use: take it away.")


def test_every_command_says_what_to_do_without_it(
    start: Callable[..., Nvim], tmp_path: Path
) -> None:
    plugin = tmp_path / "plugin-alone"
    for name in ("lua", "plugin"):
        shutil.copytree(REPOSITORY / name, plugin / name)
    nvim = start(runtimepath=plugin)
    nvim.feed(":ZekeStatus<CR>")
    shows(nvim, "No Python with zeke-bridge was found: run `:Zeke install`")
    nvim.feed(":Zeke chat hello<CR>")
    shows(nvim, "Stopped:** No Python with zeke-bridge was found: run `:Zeke install`")
