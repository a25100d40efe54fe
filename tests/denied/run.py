"""Runs tests with an observer in every process and a gate that denies; returns what was seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

from tests.denied.rules import Seen
from tests.fakes.patience import VARIABLE as PATIENCE

Gate = Literal["denying", "launching", "open"]
REPOSITORY = Path(__file__).resolve().parents[2]
SITE = Path(__file__).with_name("site")


def run(gate: Gate, log: Path, *arguments: str, patience: float, quiet: bool = True) -> list[Seen]:
    """Run pytest with ``arguments``; that tests fail says nothing where everything is denied.

    ``log`` is a new file. ``patience`` bounds how long a test waits, in seconds. Raises
    ``RuntimeError`` when pytest could not run the tests.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=REPOSITORY,
        env=environment(log, gate, patience),
        stdin=subprocess.DEVNULL,
        capture_output=quiet,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"pytest ended with {done.returncode}: {done.stdout}{done.stderr}")
    return read(log)


def environment(log: Path, gate: Gate, patience: float) -> dict[str, str]:
    """The environment of a run that is watched; nothing of a pytest around it."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    path = os.pathsep.join(filter(None, (str(SITE), kept.get("PYTHONPATH", ""))))
    said = {"ZEKE_DENIED_LOG": str(log), "ZEKE_DENIED_GATE": gate, PATIENCE: str(patience)}
    return {**kept, "PYTHONPATH": path, **said}


def read(log: Path) -> list[Seen]:
    """The lines of a log."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [Seen.of(json.loads(line)) for line in lines]
