"""The longest time Neovim's loop serves nobody while a busy agent talks into its chat, beside that
of the same chat while nothing happens: without the time that other programs had.
Run alone: ``python -m tests.bench.chatter_rows``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.chatter import RATE, SECONDS
from tests.bench.editor import neovim
from tests.bench.row import Row, row, show
from tests.bench.stall_rows import passing
from tests.e2e.loop import longest_stall, watch
from tests.e2e.nvim import Nvim
from tests.e2e.person import answer
from tests.fakes.house import house

RUNS = 5
LINES = 5000
AGENT = Path(__file__).with_name("chatter.py")
_LONG = """
local lines = {}
for number = 1, ... do lines[number] = ("line *%d* of it"):format(number) end
local last = vim.api.nvim_buf_line_count(0)
vim.api.nvim_buf_set_lines(0, last - 3, last - 3, false, lines)
"""


def chatter_rows() -> Iterator[Row]:
    """Both in turn, in a long chat, so that what else the machine does is the same for both."""
    own = f"agents = {{ chatter = {{ command = {{ [[{sys.executable}]], [[{AGENT}]] }} }} }}"
    quiet: list[float] = []
    busy: list[float] = []
    with house(None) as place, neovim(place, f"vim.g.zeke = {{ {own} }}") as nvim:
        nvim.command("ZekeAgent chatter begin")
        answer(nvim, "1")
        nvim.wait_event("ZekeTaskDone")
        nvim.lua(_LONG, LINES)
        for _ in range(RUNS):
            quiet.append(_longest(nvim, ""))
            busy.append(_longest(nvim, "Gimore<Esc><CR>"))
    yield row(f"longest stall in a chat of {LINES} lines, nothing happens", quiet, "ms")
    name = f"longest stall at {RATE} updates/s of an agent, chat of {LINES} lines"
    yield row(name, busy, "ms", 20)


def _longest(nvim: Nvim, keys: str) -> float:
    watch(nvim)
    if keys:
        nvim.feed(keys)
        nvim.wait_event("ZekeTaskDone")
    else:
        passing(nvim, SECONDS)
    return longest_stall(nvim)


if __name__ == "__main__":
    show(list(chatter_rows()))
