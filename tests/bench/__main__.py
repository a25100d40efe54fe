"""Measure everything, print the table, write ``build/bench.json``."""

from __future__ import annotations

from tests.bench.call_rows import call_rows
from tests.bench.front_rows import front_rows
from tests.bench.house import REPOSITORY
from tests.bench.row import keep, show


def main() -> None:
    """Run the whole benchmark."""
    rows = [*front_rows(), *call_rows()]
    show(rows)
    keep(rows, REPOSITORY / "build" / "bench.json")


if __name__ == "__main__":
    main()
