"""The longest time Neovim's loop serves nobody while an answer streams into a window, whatever
happens to the broker meanwhile."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.editor import measure, neovim
from tests.bench.provider import Provider, asking
from tests.bench.row import Row, row
from tests.e2e.nvim import Nvim

RUNS = 3
DELTAS = 20
STREAMED_S = 1.5
AFTER_S = 1.0


def stall_rows(fake: Provider) -> Iterator[Row]:
    """With a broker that is well, one that gets little time, one that hangs, one that dies."""
    for broker in ("normal", "slow", "hung", "killed"):
        longest = [_longest(fake, broker) for _ in range(RUNS)]
        yield row(f"longest stall at 200 deltas/s, {broker} broker", longest, "ms", 20)


def _longest(fake: Provider, broker: str) -> float:
    with asking(fake) as house, neovim(house) as nvim:
        pid = measure(nvim, "broker")
        nvim.command("ZekeSetModel openai:fast200")
        nvim.wait_for("require('zeke.models').chosen() == 'openai:fast200'")
        measure(nvim, "watch")
        nvim.command("1,2ZekeExplain")
        for _ in range(DELTAS):
            nvim.wait_event("ZekeTaskDelta")
        if broker == "slow":
            with _slowed(pid):
                passing(nvim, STREAMED_S + AFTER_S)
        else:
            passing(nvim, STREAMED_S)
            if broker == "hung":
                os.kill(pid, signal.SIGSTOP)
            elif broker == "killed":
                os.kill(pid, signal.SIGKILL)
            passing(nvim, AFTER_S)
        return float(measure(nvim, "watched"))


def passing(nvim: Nvim, seconds: float) -> None:
    """Let time pass while the screen is drawn."""
    timer = f"vim.defer_fn(function() vim.g.bench_passed = true end, {seconds * 1000:.0f})"
    nvim.lua(f"vim.g.bench_passed = false {timer}")
    nvim.wait_for("vim.g.bench_passed")


@contextmanager
def _slowed(pid: int) -> Iterator[None]:
    """Give a process a fifth of the time, in bursts."""
    over = threading.Event()

    def slow() -> None:
        while not over.wait(0.02):
            os.kill(pid, signal.SIGSTOP)
            over.wait(0.08)
            os.kill(pid, signal.SIGCONT)

    thread = threading.Thread(target=slow)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
