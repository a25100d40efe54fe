"""How long Neovim's loop served nobody, measured inside Neovim by a timer of one millisecond.

Where the kernel tells for how long Neovim was ready and another program had the processor
(``man proc_pid_schedstat``), that is no stall of Neovim's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.nvim import Nvim

_START = """
local function denied()
  local file = io.open("/proc/self/schedstat")
  local text = file and file:read("*l") or ""
  if file then
    file:close()
  end
  return tonumber(text:match("^%d+ (%d+)")) or 0
end
local timer, last, before = assert(vim.uv.new_timer()), vim.uv.hrtime(), denied()
_G.longest_stall, _G.stall_timer = 0, timer
timer:start(0, 1, function()
  local now, waited = vim.uv.hrtime(), denied()
  _G.longest_stall = math.max(_G.longest_stall, now - last - (waited - before))
  last, before = now, waited
end)
"""
_STOP = "_G.stall_timer:stop() _G.stall_timer:close() return _G.longest_stall / 1e6"

# Generous, because the machine may be busy; whatever waits for an answer takes longer than this
# when none comes. What is aimed at is measured in tests/bench.
BOUND_MS = 250.0


@contextmanager
def never_stalls(nvim: Nvim) -> Iterator[None]:
    """Fail if the loop stood still for longer than the bound while the block ran."""
    watch(nvim)
    yield
    stalled = longest_stall(nvim)
    assert stalled < BOUND_MS, f"Neovim stood still for {stalled:.0f} ms"


def watch(nvim: Nvim) -> None:
    """Begin to measure."""
    nvim.lua(_START)


def longest_stall(nvim: Nvim) -> float:
    """The longest stall since ``watch``, in milliseconds."""
    return float(nvim.lua(_STOP))


class Stopwatch:
    """How long this process and Neovim have taken for something that they do in turns, in seconds.

    As above, without the time for which other programs had the processor.
    """

    def __init__(self, nvim: Nvim) -> None:
        self._tasks = ["self", str(nvim.pid)]
        self._began = self._now()

    def seconds(self) -> float:
        """Since it was made."""
        return self._now() - self._began

    def _now(self) -> float:
        return time.monotonic() - sum(_denied(task) for task in self._tasks)


def _denied(task: str) -> float:
    try:
        return int(Path(f"/proc/{task}/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return 0.0
