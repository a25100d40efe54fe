"""Fuzz one target in this process: ``python -m tests.fuzz.one NAME SECONDS PLACE``.

With atheris coverage guides it; without, hypothesis changes the seeds as it sees fit.
"""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from tests.fuzz.seed import SEEDS, mutated, target

ROUND = 300
MAX_BYTES = 4096


def main(name: str, seconds: int, place: Path) -> None:
    """Run; a broken promise ends the process with its traceback and a status that is not 0."""
    if find_spec("atheris") is not None:
        _guided(name, seconds, place)
    else:
        _unguided(name, seconds)


def _guided(name: str, seconds: int, place: Path) -> None:
    import atheris

    with atheris.instrument_imports(include=["zeke_bridge"]):
        check = target(name)
    corpus = place / name
    corpus.mkdir(parents=True, exist_ok=True)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={MAX_BYTES}",
        f"-artifact_prefix={place}/{name}-",
        "-timeout=10",
        "-print_final_stats=1",
    ]
    atheris.Setup([name, *options, str(corpus), str(SEEDS / name)], check)
    atheris.Fuzz()


def _unguided(name: str, seconds: int) -> None:
    check, end, count = target(name), time.monotonic() + seconds, 0

    @settings(max_examples=ROUND, deadline=None, suppress_health_check=list(HealthCheck))
    @given(mutated(name))
    def round_of(data: bytes) -> None:
        check(data)

    while time.monotonic() < end:
        round_of()
        count += ROUND
    print(f"stat::number_of_executed_units: {count}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
