"""Fuzz every target for ``FUZZ_SECONDS`` (20) each; what is found stays in ``build/fuzz``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.seed import TARGETS

REPOSITORY = Path(__file__).resolve().parents[2]
PLACE = REPOSITORY / "build" / "fuzz"
SECONDS = int(os.environ.get("FUZZ_SECONDS", "20"))
GRACE_S = 60


def main() -> int:
    """The exit status is 1 when any target broke a promise."""
    PLACE.mkdir(parents=True, exist_ok=True)
    if find_spec("atheris") is None:
        print("SKIPPED coverage-guided fuzzing: atheris is not installed (it has no wheel for "
              "this Python or system). hypothesis changes the seeds instead.")  # fmt: skip
    # Every target gets its time, also after one that broke.
    held = [_holds(name) for name in TARGETS]
    return int(not all(held))


def _holds(name: str) -> bool:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fuzz.one", name, str(SECONDS), str(PLACE)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            said, _ = process.communicate(timeout=SECONDS + GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
    tried = re.search(r"stat::number_of_executed_units:\s*(\d+)", said)
    held = process.returncode == 0
    print(f"{name}: {tried[1] if tried else 'no'} inputs, {'held' if held else 'BROKEN'}")
    if not held:
        print(said[-4000:])
    return held


if __name__ == "__main__":
    sys.exit(main())
