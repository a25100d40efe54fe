"""``make bench-nvim``: the Neovim side beside its peers; writes ``build/bench-nvim.json``."""

from __future__ import annotations

from tests.bench.nvim.crowd_rows import crowd_rows
from tests.bench.nvim.peers import PEERS, places
from tests.bench.nvim.startup import startup_rows
from tests.bench.provider import provider
from tests.bench.row import keep, show
from tests.fakes.house import REPOSITORY


def main() -> None:
    """Run the whole benchmark."""
    for peer in PEERS:
        if places(peer) is None:
            print(f"{peer.name} is left out: its repository cannot be had here")
    rows = [*startup_rows()]
    with provider() as fake:
        rows += crowd_rows(fake)
    show(rows)
    keep(rows, REPOSITORY / "build" / "bench-nvim.json")


if __name__ == "__main__":
    main()
