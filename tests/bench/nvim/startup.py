"""What a plugin adds to Neovim's start-up, with its ``setup()`` called: ours and the peers'."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.nvim.peers import PEERS, places
from tests.bench.row import Row, row
from tests.e2e.nvim import binary
from tests.fakes.house import REPOSITORY

ROUNDS = 30
GOAL_MS = 1.0
TRIES = 5
OURS = "Zeke"
_STARTED = re.compile(r"^(\d+\.\d+) .*: --- NVIM STARTED ---", re.MULTILINE)


class NotStartedError(Exception):
    """Neovim said something while it started."""


def startup_rows() -> Iterator[Row]:
    """One row for each plugin, all measured in turns; then a row for each that is left out."""
    with tempfile.TemporaryDirectory() as place:
        starts = {"": ["--clean"], OURS: _arguments(Path(place), OURS, [REPOSITORY], _OURS)}
        for peer in PEERS:
            found = places(peer)
            if found is not None:
                starts[peer.name] = _arguments(Path(place), peer.name, found, peer.setup)
        for name in [name for name, arguments in starts.items() if not _works(name, arguments)]:
            del starts[name]
        times = _measure(starts)
    for name in starts:
        if name:
            over = [
                with_it - without for with_it, without in zip(times[name], times[""], strict=True)
            ]
            goal = GOAL_MS if name == OURS else None
            yield row(f"start-up with setup(): {name}", over, "ms", goal)


_OURS = 'require("zeke").setup({})'


def _arguments(place: Path, name: str, directories: Sequence[Path], setup: str) -> list[str]:
    init = place / f"{name}.lua"
    path = [f'vim.opt.runtimepath:prepend("{directory}")' for directory in directories]
    init.write_text("\n".join([*path, setup, ""]), encoding="utf-8")
    return ["--clean", "-u", str(init)]


def _works(name: str, arguments: Sequence[str]) -> bool:
    try:
        _start_well(arguments)
    except NotStartedError as error:
        print(f"{name} is left out: {error}")
        return False
    return True


def _measure(starts: dict[str, list[str]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(ROUNDS):
        for name, arguments in starts.items():
            times[name].append(_start_well(arguments))
    return times


def _start_well(arguments: Sequence[str]) -> float:
    """The same; one of the peers fails by chance now and then, and such a start does not count."""
    for _ in range(TRIES - 1):
        try:
            return _start(arguments)
        except NotStartedError:
            continue
    return _start(arguments)


def _start(arguments: Sequence[str]) -> float:
    """Milliseconds by Neovim's own clock, from its start to the end of its start."""
    with tempfile.NamedTemporaryFile("r", suffix=".log") as log:
        done = subprocess.run(
            [binary(), "--headless", *arguments, "--startuptime", log.name, "+qa"],
            check=True,
            capture_output=True,
            text=True,
            timeout=20,
        )
        if "Error" in done.stderr:
            raise NotStartedError(" ".join(done.stderr.split())[:400])
        return float(_STARTED.findall(log.read())[-1])
