"""The ``zeke`` command: where its parts are put together.

An editor that starts a broker waits for it, so ``broker run`` is taken before the libraries of
the command line are loaded (they cost more than the broker's own start).
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line of this process; ends the process."""
    arguments = sys.argv[1:]
    if arguments[:2] == ["broker", "run"] and set(arguments[2:]) <= {"--detach"}:
        from zeke_bridge.cli.broker import run_broker

        sys.exit(run_broker(detach="--detach" in arguments))
    from zeke_bridge.cli.tree import run

    run()
