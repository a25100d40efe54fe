"""``make demo``: get the model, then open Neovim here, or play the session where nobody sits."""

from __future__ import annotations

import subprocess
import sys

from demo.house import REPOSITORY, House, house
from demo.play import agents, play
from zeke_bridge.cli.editor import find_nvim
from zeke_bridge.model.errors import ZekeError

GUIDE = REPOSITORY / "demo" / "guide.md"


def main() -> int:
    """Run the demo; returns an exit status."""
    subprocess.run(
        [sys.executable, "-m", "zeke_bridge", "model", "install", "0.5b", "--yes"], check=True
    )
    with house() as found:
        if sys.stdin.isatty() and sys.stdout.isatty():
            return _by_hand(found)
        return play(found)


def _by_hand(found: House) -> int:
    # Splitting on the right keeps the code where the eye starts.
    show = (
        f"silent! botright 34vsplit {GUIDE} | setlocal readonly nomodifiable nonumber "
        "signcolumn=no winfixwidth | wincmd h"
    )
    return subprocess.run(
        [
            find_nvim(),
            "--clean",
            "--cmd",
            f"set runtimepath^={REPOSITORY} | let g:zeke_python = '{sys.executable}'",
            "--cmd",
            f"lua {agents(found)}",
            "-c",
            show,
            "orders/total.py",
        ],
        cwd=found.project,
        env=found.environment,
        check=False,
    ).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ZekeError as error:
        sys.exit(f"zeke: {error.message}")
