"""Reaching the broker from a program that is asynchronous itself: found, or started.

A broker is started as any editor does it, by the command line, because a process with a running
event loop cannot become one.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

from zeke_bridge.bridge.peer import Hear, NoBrokerError, Peer
from zeke_bridge.bridge.runtime import prepare
from zeke_bridge.model.errors import BrokerError
from zeke_bridge.warden.escape import shorten

_START_S = 20.0
_TRIES = 3
_MOST = 400
_SILENT = "The broker did not start: `zeke broker run` in a shell shows why."


async def reached(hello: Mapping[str, Any], hear: Hear, lost: Callable[[], None]) -> Peer:
    """A connection that has said ``hello``; a broker is started when there is none.

    One that was just leaving is not taken for one that failed. Raises ``BrokerError``.
    """
    runtime = prepare()
    for _ in range(_TRIES):
        try:
            return await Peer.connect(runtime, hello, hear, lost)
        except NoBrokerError:
            await _start()
    raise BrokerError("The broker ends as soon as it has started: `zeke broker run` shows why.")


async def _start() -> None:
    # In "/" so that no project can put a module of its own in the way.
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "zeke_bridge", "broker", "run", "--detach"),
        cwd="/",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_START_S):
            said, problem = await child.communicate()
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        if isinstance(error, TimeoutError):
            raise BrokerError(_SILENT) from error
        raise
    if not said.startswith(b"ready "):
        lines = problem.decode(errors="replace").strip().splitlines()
        last = lines[-1].removeprefix("zeke: ") if lines else ""
        raise BrokerError(shorten(last, _MOST) or _SILENT)
