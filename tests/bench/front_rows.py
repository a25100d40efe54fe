"""What the Neovim side costs: start-up, connecting, talking, and the longest stall of its loop."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.house import REPOSITORY, House, house
from tests.bench.row import Row, row
from tests.fakes.provider import FakeProvider
from zeke_bridge.cli.editor import find_nvim

PAIRS = 40
TIMES = 7


def front_rows() -> Iterator[Row]:
    """Every row of the front."""
    yield _startup()
    with house() as found:
        yield row("nothing to first answer", _cold(found), "ms", 250)
        connects = [found.measure("connect")["ms"] for _ in range(TIMES)]
        yield row("connect", connects, "ms")
        trips = found.measure("round_trips", count=400)["ms"]
        yield row("editor → broker → editor", trips, "ms", 0.5)
        killed = [found.measure("killed")["ms"] for _ in range(TIMES)]
        yield row("killed to working", killed, "ms", 250)
        yield row("broker memory, idle", [_memory(found)], "MB", 80)
    for name, signal, after in (
        ("streaming", None, 1500),
        ("broker hung", "sigstop", 1500),
        ("broker killed", "sigkill", 1500),
    ):
        yield _stall(f"longest stall, 200 deltas/s, {name}", "fast200", signal, after)
    yield _stall("longest stall, slow provider", "slow", None, 1500)


def _startup() -> Row:
    differences = []
    for _ in range(PAIRS):
        without, with_plugin = _start([]), _start(["--cmd", f"set runtimepath^={REPOSITORY}"])
        differences.append(with_plugin - without)
    return row("Neovim start-up, with the plugin over without", differences, "ms", 1)


def _start(arguments: list[str]) -> float:
    """Milliseconds by Neovim's own clock, from its start to the first screen."""
    with tempfile.NamedTemporaryFile("r", suffix=".log") as log:
        subprocess.run(
            [find_nvim(), "--headless", "--clean", *arguments, "--startuptime", log.name, "+qa"],
            check=True,
            capture_output=True,
            timeout=20,
        )
        started = re.findall(r"^(\d+\.\d+) .*: --- NVIM STARTED ---", log.read(), re.MULTILINE)
    return float(started[-1])


def _cold(found: House) -> list[float]:
    samples = []
    for _ in range(TIMES):
        found.zeke("broker", "stop")
        samples.append(found.measure("first_answer")["ms"])
    return samples


def _memory(found: House) -> float:
    """Resident megabytes of the broker with everything it ever imports, as it idles."""
    pid = found.measure("warm")["pid"]
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024


def _stall(name: str, model: str, signal: str | None, after: int) -> Row:
    samples = []
    for _ in range(3):
        with FakeProvider() as fake, house(OPENAI_BASE_URL=fake.base_url, OPENAI_API_KEY="k") as it:
            file = it.base / "a.py"
            file.write_text("def f():\n    return 1\n")
            arguments = {"file": str(file), "after": after, "model": f"openai:{model}"}
            if signal:
                arguments["signal"] = signal
            measured = it.measure("stall", **arguments)
            if not measured["deltas"]:
                raise RuntimeError(f"{name}: nothing was streamed")
            samples.append(measured["ms"])
    return row(name, samples, "ms", 20)
