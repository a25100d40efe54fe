"""``zeke broker run``: be the broker, or start one and let it go."""

from __future__ import annotations

import sys

from zeke_bridge.app.serving import serve
from zeke_bridge.bridge import launch
from zeke_bridge.bridge.runtime import prepare
from zeke_bridge.model.errors import ZekeError


def run_broker(*, detach: bool) -> int:
    """Start the broker; returns an exit status.

    Detached, it prints the one line ``ready SOCKET`` and returns, whether it started a broker or
    found one. Otherwise it is the broker until that is stopped.
    """
    try:
        runtime = prepare()
        if detach:
            path = launch.start(runtime, serve)
            sys.stdout.write(f"ready {path}\n")
            sys.stdout.flush()
        else:
            launch.run(runtime, serve)
    except ZekeError as error:
        sys.stderr.write(f"zeke: {error.message}\n")
        return 1
    return 0
