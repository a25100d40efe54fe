"""Screens kept as text: what a person sees, beside the test that shows it.

    screens.check(nvim, "chat-answer")

waits until the screen of ``nvim`` is that of ``tests/e2e/screens/chat-answer.txt``, and fails with
the difference. What changes from run to run (times, versions, paths of the machine) is masked in
both; a test adds masks of its own for the rest. Where Neovim 0.12 draws something in another way,
``chat-answer@0.12.txt`` stands beside the first and is used instead.

``ZEKE_SCREENS=write`` writes the files anew; look at what changed before you keep it.
``python -m tests.e2e.look`` shows them, and opens any of them in a terminal.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.nvim import PATIENCE, Nvim, binary

DIRECTORY = Path(__file__).with_name("screens")
QUIET_S = 0.5

# What stands together, and the room after it up to the next column, border or end.
_CELL = re.compile(r"(?P<words>.+?)(?P<room> {2,}| *(?=[│┃║╎])| *$)")

MASKS = {
    r"(?:/tmp|/var/folders|/private)/[^\s│'\"`)\]]*": "PATH",
    r"\bNVIM v\S+": "NVIM",
    r"\bv?\d+\.\d+\.\d+(?:-dev[^\s│]*)?(?![\w.])": "VERSION",
    r"\b\d{4}-\d\d-\d\d\b": "DATE",
    r"\b\d\d:\d\d(?::\d\d)?\b": "TIME",
    r"\b\d+(?:\.\d+)? ?(?:ms|s)\b(?! ago)": "LONG",
    r"\bprocess \d+": "process N",
    r"\b[0-9a-f]{12,}\b": "ID",
}


def masked(text: str, more: Mapping[str, str] | None = None) -> str:
    """``text`` with the name of each mask in place of what it matches.

    The room after a word that grew or shrank (to the next column or border) takes the difference,
    so that what is aligned stays where it is.
    """
    masks = {**MASKS, **(more or {})}
    rows = ["".join(_parts(row, masks)).rstrip() for row in text.split("\n")]
    return "\n".join(rows).rstrip("\n") + "\n"


def _parts(row: str, masks: Mapping[str, str]) -> Iterator[str]:
    for found in _CELL.finditer(row):
        words, room = found["words"], found["room"]
        for pattern, name in masks.items():
            words = re.sub(pattern, name, words)
        yield words
        yield " " * max(min(len(room), 1), len(room) + len(found["words"]) - len(words))


def check(nvim: Nvim, name: str, mask: Mapping[str, str] | None = None) -> None:
    """Wait until the screen is the one kept under ``name``; ``mask`` maps patterns to words."""
    match os.environ.get("ZEKE_SCREENS", ""):
        case "write":
            _write(nvim, name, mask)
        case wanted if wanted == f"live:{name}":
            _hand_over(nvim)
        case _:
            _compare(nvim, name, mask)


def kept(name: str, version: str = "") -> Path:
    """The file of a screen; for a version of Neovim its own, where it has one."""
    own = DIRECTORY / f"{name}@{version}.txt"
    return own if version and own.exists() else DIRECTORY / f"{name}.txt"


def _version(nvim: Nvim) -> str:
    return "0.12" if nvim.lua("return vim.fn.has('nvim-0.12')") else ""


def _compare(nvim: Nvim, name: str, mask: Mapping[str, str] | None) -> None:
    path = kept(name, _version(nvim))
    if not path.exists():
        pytest.fail(f"{path} is not there yet: ZEKE_SCREENS=write writes it.")
    wanted = path.read_text(encoding="utf-8")
    try:
        nvim.wait_screen(lambda screen: masked(screen.text, mask) == wanted)
    except TimeoutError:
        is_now = masked(nvim.screen.text, mask)
        lines = difflib.unified_diff(
            wanted.splitlines(), is_now.splitlines(), str(path), "the screen", lineterm=""
        )
        pytest.fail("\n".join(["The screen is another one:", *lines]), pytrace=False)


def _write(nvim: Nvim, name: str, mask: Mapping[str, str] | None) -> None:
    """Keep the screen once nothing has been drawn for a moment."""
    deadline, since, drawn = time.monotonic() + PATIENCE, time.monotonic(), nvim.screen.flushes
    while time.monotonic() - since < QUIET_S and time.monotonic() < deadline:
        nvim.settle()
        if nvim.screen.flushes != drawn:
            since, drawn = time.monotonic(), nvim.screen.flushes
    text = masked(nvim.screen.text, mask)
    version = _version(nvim)
    path = DIRECTORY / f"{name}.txt"
    if version and path.exists():
        own = DIRECTORY / f"{name}@{version}.txt"
        own.unlink(missing_ok=True)
        if path.read_text(encoding="utf-8") == text:
            return
        path = own
    DIRECTORY.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _hand_over(nvim: Nvim) -> None:
    """Give this very Neovim to whoever sits at the terminal, until they leave it."""
    server = nvim.lua("return vim.v.servername")
    nvim.request("nvim_ui_detach")
    subprocess.run([binary(), "--server", server, "--remote-ui"], check=False)
    pytest.exit("That was it.", returncode=0)
