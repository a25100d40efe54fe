"""Measure everything, print the table, write ``build/bench.json``."""

from __future__ import annotations

from tests.bench.agents import agent_rows
from tests.bench.call_rows import call_rows
from tests.bench.chatter_rows import chatter_rows
from tests.bench.front_rows import front_rows
from tests.bench.provider import provider
from tests.bench.row import keep, show
from tests.bench.stall_rows import stall_rows
from tests.bench.warden_check import warden_check_rows
from tests.bench.warden_rows import warden_rows
from tests.fakes.house import REPOSITORY


def main() -> None:
    """Run the whole benchmark."""
    with provider() as fake:
        rows = [*front_rows(fake), *stall_rows(fake), *call_rows(fake), *warden_rows(fake)]
    rows += [*warden_check_rows(), *agent_rows(), *chatter_rows()]
    show(rows)
    keep(rows, REPOSITORY / "build" / "bench.json")


if __name__ == "__main__":
    main()
