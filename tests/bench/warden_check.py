"""``zeke warden check`` over many lines: what one verdict costs, start-up included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.row import Row, row
from tests.fakes.house import REPOSITORY

LINES = 100_000
RUNS = 3
FILES = 200
COMMAND = [sys.executable, "-c", "from zeke_bridge.cli.zeke import main; main()", "warden", "check"]


def warden_check_rows() -> Iterator[Row]:
    """Judge a mixed lot of file actions, a few thousand of them malformed."""
    with tempfile.TemporaryDirectory(prefix="zeke-bench-") as directory:
        base = Path(directory)
        typed = _set_up(base)
        samples = [_run(base, typed) / LINES * 1e6 for _ in range(RUNS)]
    yield row(f"zeke warden check, each of {LINES} lines", samples, "µs", 100)


def _set_up(base: Path) -> bytes:
    project = base / "project"
    (project / ".git").mkdir(parents=True)
    (project / "src").mkdir()
    for number in range(FILES):
        (project / "src" / f"m{number}.py").write_text("x\n")
    (base / "config.toml").write_text(
        '[ghostllm]\nauto_approve_patterns = ["docs/*.md", "*.txt"]\n'
    )
    ops = ("read", "write", "create", "delete")
    lines = [
        json.dumps({"op": ops[number % 4], "path": f"src/m{number % (FILES * 2)}.py"})
        if number % 50
        else "not an action"
        for number in range(LINES)
    ]
    return "\n".join(lines).encode()


def _run(base: Path, typed: bytes) -> float:
    places = {
        "ZEKE_STATE_DIR": base / "state",
        "ZEKE_CONFIG_DIR": base / "config",
        "ZEKE_RUNTIME_DIR": base / "run",
        "PYTHONPATH": REPOSITORY,
    }
    start = time.perf_counter()
    done = subprocess.run(
        [*COMMAND, "--project", "project", "--config", "config.toml", "--json"],
        cwd=base,
        env=os.environ | {name: str(place) for name, place in places.items()},
        input=typed,
        stdout=subprocess.PIPE,
        check=True,
    )
    took = time.perf_counter() - start
    if done.stdout.count(b"\n") != LINES:
        raise RuntimeError("zeke warden check did not answer every line")
    return took
