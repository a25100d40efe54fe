"""Measure the core beside direct calls and LiteLLM; print the table, write it to ``build``."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.bench.core import rivals
from tests.bench.core.load import events_a_second, first_token_ms, load, missing
from tests.bench.core.rivals import Rival
from tests.bench.row import Row, keep, row, show
from tests.fakes.house import REPOSITORY
from tests.peers.litellm.environment import program

ROUNDS = 3
SECONDS = 4.0
CALLS = 100
MANY = 50_000


def main() -> None:
    """Run it all."""
    if why := missing():
        sys.exit(f"SKIPPED: {why}")
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zeke-bench-")))
        direct = stack.enter_context(rivals.provider())
        base = direct.url.removesuffix("/chat/completions")
        ours = stack.enter_context(rivals.ghostllm(base, place))
        theirs = stack.enter_context(rivals.litellm(base, place, program()))
        rows = [*_side_by_side(direct, ours, theirs), *_flat(ours)]
    rows += _imports()
    show(rows)
    keep(rows, REPOSITORY / "build" / "bench-core.json")


def _side_by_side(direct: Rival, ours: Rival, theirs: Rival) -> list[Row]:
    all_three = (direct, ours, theirs)
    for one in all_three:
        load(one, 4, 1.0)
    alone = _rounds(lambda one: load(one, 1, SECONDS).latency_ms, all_three)
    first = _rounds(lambda one: statistics.median(first_token_ms(one, CALLS)), all_three)
    calls = _rounds(lambda one: load(one, 32, SECONDS).rate, all_three)
    events = _rounds(lambda one: events_a_second(one, 4, 2 * SECONDS), all_three)
    rows = []
    for name, samples, unit in (
        ("one call", alone, "ms"),
        ("first token", first, "ms"),
        ("calls at 32 connections", calls, "/s"),
        ("events of streams", events, "/s"),
    ):
        rows += [row(f"{name}: {one.name}", samples[one.name], unit) for one in all_three]
    added = _differences(alone[ours.name], alone[direct.name])
    rows += [
        row("added to one call", added, "ms", 1.0),
        row("added to the first token", _differences(first[ours.name], first[direct.name]), "ms"),
        _at_least("calls, times LiteLLM's", calls[ours.name], calls[theirs.name], 20.0),
        _at_least("events, times LiteLLM's", events[ours.name], events[theirs.name], 20.0),
        row("memory: GhostLLM", [ours.memory_mb()], "MB"),
        row("memory: LiteLLM", [theirs.memory_mb()], "MB"),
    ]
    return rows


def _rounds(
    measure: Callable[[Rival], float], all_three: tuple[Rival, ...]
) -> dict[str, list[float]]:
    """One sample of each in every round, so that what the machine does meanwhile hits all."""
    taken: dict[str, list[float]] = {one.name: [] for one in all_three}
    for _ in range(ROUNDS):
        for one in all_three:
            taken[one.name].append(measure(one))
    return taken


def _differences(ours: list[float], direct: list[float]) -> list[float]:
    return [mine - bare for mine, bare in zip(ours, direct, strict=True)]


def _at_least(name: str, ours: list[float], theirs: list[float], goal: float) -> Row:
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    return Row(name, round(ratio, 2), "x", goal, ratio >= goal)


def _flat(ours: Rival) -> list[Row]:
    """How much memory many more calls take."""
    load(ours, 32, SECONDS)
    before, done = ours.memory_mb(), 0.0
    while done < MANY:
        done += load(ours, 32, SECONDS).rate * SECONDS
    return [row(f"memory that {done:.0f} more calls took", [ours.memory_mb() - before], "MB", 5.0)]


def _imports() -> list[Row]:
    return [
        _import("GhostLLM", Path(sys.executable), "zeke_bridge.core.assemble"),
        _import("LiteLLM", program().with_name("python"), "litellm"),
    ]


def _import(name: str, python: Path, module: str) -> Row:
    taken = []
    # Without it LiteLLM asks the network for its prices.
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run(
            [python, "-c", f"import {module}"], check=True, cwd=REPOSITORY, env=environment
        )
        taken.append(time.perf_counter() - start)
    return row(f"to start Python and import: {name}", taken, "s")


if __name__ == "__main__":
    main()
