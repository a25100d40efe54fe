"""What the Neovim side costs: start-up, connecting, talking, and a broker in the background."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.editor import measure, neovim
from tests.bench.provider import Provider, asking
from tests.bench.row import Row, row
from tests.e2e.nvim import binary
from tests.fakes.house import REPOSITORY, House

PAIRS = 40
TIMES = 9
TRIPS = 400


def front_rows(fake: Provider) -> Iterator[Row]:
    """Every row of the front that is not a stall."""
    yield row("Neovim start-up, with the plugin over without", _startup(), "ms", 1)
    with asking(fake) as house:
        yield row("nothing to first answer", [_cold(house) for _ in range(TIMES)], "ms", 250)
        yield row("connect to a running broker", [_answer(house) for _ in range(TIMES)], "ms")
        with neovim(house) as nvim:
            trips = measure(nvim, "round_trips", TRIPS)
            yield row("editor → broker → editor", trips, "ms", 0.5)
            killed = [measure(nvim, "killed") for _ in range(TIMES)]
            yield row("killed to working", killed, "ms", 250)
        yield row("broker memory, idle, everything loaded", [_memory(house)], "MB", 80)


def _startup() -> list[float]:
    plugin = ["--cmd", f"set runtimepath^={REPOSITORY}"]
    _start(plugin)
    return [_start(plugin) - _start([]) for _ in range(PAIRS)]


def _start(arguments: list[str]) -> float:
    """Milliseconds by Neovim's own clock, from its start to the end of its start."""
    with tempfile.NamedTemporaryFile("r", suffix=".log") as log:
        subprocess.run(
            [binary(), "--headless", "--clean", *arguments, "--startuptime", log.name, "+qa"],
            check=True,
            capture_output=True,
            timeout=20,
        )
        started = re.findall(r"^(\d+\.\d+) .*: --- NVIM STARTED ---", log.read(), re.MULTILINE)
    return float(started[-1])


def _cold(house: House) -> float:
    house.end()
    return _answer(house)


def _answer(house: House) -> float:
    """Milliseconds in which a fresh Neovim gets the broker's greeting."""
    with neovim(house) as nvim:
        return float(measure(nvim, "first_answer"))


def _memory(house: House) -> float:
    """Resident megabytes of the broker after it has done a task."""
    with neovim(house) as nvim:
        pid = measure(nvim, "broker")
        nvim.command("ZekeSetModel openai:echo")
        nvim.command("1,2ZekeExplain")
        nvim.wait_event("ZekeTaskDone")
    return _resident(pid)


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status.read_text())[0]) / 1024
    asked = ["ps", "-o", "rss=", "-p", str(pid)]
    return int(subprocess.run(asked, check=True, capture_output=True, timeout=5).stdout) / 1024
