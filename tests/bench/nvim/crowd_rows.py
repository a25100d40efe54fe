"""The same stall with everything open at once, and how soon a person who stops an answer sees it."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.bench.editor import measure, neovim
from tests.bench.provider import Provider, asking
from tests.bench.row import Row, row
from tests.e2e.nvim import Nvim
from tests.fakes.house import House

RUNS = 3
TIMES = 9
HUNKS = 200
APART = 5
CHAT_LINES = 5000
STREAMED_MS = 2500
STOPPED = "Stopped:"

_TURN = ["## You", "", "What does it do?", "", "## Zeke", "", "It adds *values*:", "```python"]
_TURN += ["def total(values):", "    return sum(values)", "```", "- one", "- two", ""]

_PROPOSE = """
local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
for index = 1, #lines, ... do lines[index] = lines[index] .. " + 1" end
require("zeke.review").propose({ buffer = 0, new_text = table.concat(lines, "\\n") })
"""
_CHAT = """
local count, turn = ...
local lines = {}
while #lines < count do vim.list_extend(lines, turn) end
vim.list_extend(lines, { "## You", "", "And now?" })
vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
vim.treesitter.start(0, "markdown")
vim.api.nvim_win_set_cursor(0, { #lines, 0 })
"""


def crowd_rows(fake: Provider) -> Iterator[Row]:
    """A long chat beside a long diff; then a stop in the stream, and one between two tries."""
    longest = [_longest(fake) for _ in range(RUNS)]
    name = f"longest stall at 200 deltas/s, chat of {CHAT_LINES} lines, diff of {HUNKS} hunks"
    yield row(name, longest, "ms", 20)
    for what, model in (("in an answer", "fast200"), ("between two tries", "limit429")):
        with asking(fake) as house, neovim(house) as nvim:
            stops = [_stop(nvim, model) for _ in range(TIMES)]
            yield row(f"stopped {what}, to be seen", stops, "ms", 100)


def _longest(fake: Provider) -> float:
    with asking(fake) as house, neovim(house) as nvim:
        _crowd(house, nvim)
        measure(nvim, "watch")
        nvim.feed("<CR>")
        nvim.wait_event("ZekeTaskDelta")
        nvim.lua(
            "vim.g.bench_passed = false "
            f"vim.defer_fn(function() vim.g.bench_passed = true end, {STREAMED_MS})"
        )
        nvim.wait_for("vim.g.bench_passed")
        return float(measure(nvim, "watched"))


def _crowd(house: House, nvim: Nvim) -> None:
    text = "".join(f"value_{number} = {number}\n" for number in range(HUNKS * APART))
    (house.project / "long.py").write_text(text)
    measure(nvim, "broker")
    _choose(nvim, "fast200")
    nvim.command("edit long.py")
    nvim.lua(_PROPOSE, APART)
    nvim.wait_event("ZekeTaskPatch")
    nvim.wait_for("require('zeke.review').of(0) ~= nil")
    nvim.resize(160, 50)
    nvim.command("ZekeChat")
    nvim.wait_for("vim.bo.filetype == 'markdown'")
    nvim.lua(_CHAT, CHAT_LINES, _TURN)


def _stop(nvim: Nvim, model: str) -> float:
    """Milliseconds from the key to the word on the screen."""
    _choose(nvim, model)
    nvim.command("ZekeChat! hello")
    nvim.wait_event("ZekeTaskDelta" if model == "fast200" else "ZekeTaskStarted")
    start = time.perf_counter()
    nvim.feed("<C-c>")
    nvim.wait_screen(STOPPED)
    return (time.perf_counter() - start) * 1000


def _choose(nvim: Nvim, model: str) -> None:
    nvim.command(f"ZekeSetModel openai:{model}")
    nvim.wait_for(f"require('zeke.models').chosen() == 'openai:{model}'")
