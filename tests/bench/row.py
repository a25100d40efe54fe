"""One measured number, and how a list of them is shown and kept."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """``holds`` is None where no goal is set."""

    name: str
    median: float
    unit: str
    goal: float | None
    holds: bool | None


def row(name: str, samples: Sequence[float], unit: str, goal: float | None = None) -> Row:
    """The median of ``samples`` against ``goal`` (at most)."""
    median = statistics.median(samples)
    return Row(name, round(median, 4), unit, goal, None if goal is None else median <= goal)


def show(rows: Sequence[Row]) -> None:
    """Print the table and name the machine."""
    table = Table(title=machine(), title_justify="left")
    for title in ("what", "median", "unit", "goal", ""):
        table.add_column(title, justify="left" if title in ("what", "unit") else "right")
    for one in rows:
        goal = "" if one.goal is None else f"{one.goal:g}"
        holds = {None: "", True: "holds", False: "MISSED"}[one.holds]
        table.add_row(one.name, f"{one.median:.3f}", one.unit, goal, holds)
    Console(width=110).print(table)


def keep(rows: Sequence[Row], path: Path) -> None:
    """Write ``[{name, median, unit, goal, holds}]`` to ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in rows], indent=1) + "\n", encoding="utf-8")


def machine() -> str:
    """The processor, its cores and the system, for whoever compares."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"
