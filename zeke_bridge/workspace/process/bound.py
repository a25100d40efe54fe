"""Starting a program in bounds: what the launcher is told, and what it says of it.

Fails closed: what cannot be kept in bounds is not started.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from zeke_bridge.model.errors import ProcessError
from zeke_bridge.model.target import Places
from zeke_bridge.workspace.process.containment import Contain, bounds, launcher, unavailable
from zeke_bridge.workspace.process.containment.protected import listed
from zeke_bridge.workspace.process.containment.rules import Rule, rules
from zeke_bridge.workspace.process.image import Image
from zeke_bridge.workspace.process.leader import Launch

_START_S = 20.0
_MOST_SAID = 4096
_MOST_RULES = 50_000
_BOUND = b"+"


@dataclass(frozen=True, slots=True)
class Bound:
    """``rules`` it has to keep to, and the pipe ``report`` where its launcher speaks."""

    rules: Sequence[Rule]
    report: int


def bound_rules(root: str, contain: Contain, own: Places, temporary: str) -> tuple[Rule, ...]:
    """Return the rules for a program in the project ``root``; see ``containment.bounds``.

    Raises:
        ProcessError: there are no bounds here, or too many rules.
    """
    reason = unavailable()
    if reason:
        raise ProcessError(f"{reason} Without `agents.contain` it can be started all the same.")
    wanted = rules(bounds(root, contain, own, temporary), listed)
    found = tuple(itertools.islice(wanted, _MOST_RULES + 1))
    if len(found) > _MOST_RULES:
        raise ProcessError(
            f"Over {_MOST_RULES} rules would be needed to keep a program in bounds here, so it is "
            "not started. Without `agents.contain` it can be."
        )
    return found


def in_bounds(launch: Launch, image: Image, within: Bound, held: ExitStack) -> Launch:
    """Return how to start the launcher, which then becomes what ``launch`` is.

    What it reads its orders from is closed with ``held``. Nothing of the environment reaches the
    launcher itself: a variable could make it run something before it is in bounds.
    """
    handle = image.handle if image.binary else -1
    wanted = {
        "report": within.report,
        "rules": [(rule.path, rule.kind) for rule in within.rules],
        "argv": list(launch.argv),
        "environment": dict(launch.environment),
        "path": image.path,
        "image": handle,
    }
    source = os.memfd_create("bounds")
    held.callback(os.close, source)
    with os.fdopen(source, "wb", closefd=False) as file:
        file.write(json.dumps(wanted).encode("ascii"))
    os.lseek(source, 0, os.SEEK_SET)
    argv = (sys.executable, "-I", "-S", launcher.__file__, str(source))
    handed = tuple(each for each in (handle, within.report, source) if each >= 0)
    return Launch(sys.executable, argv, launch.directory, {}, handed)


async def bound(source: int, name: str) -> None:
    """Wait until the program is in bounds and started; ``source`` is closed.

    Raises:
        ProcessError: it is not, for the reason that the launcher gives.
    """
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: protocol, os.fdopen(source, "rb", 0))
    try:
        async with asyncio.timeout(_START_S):
            said = await reader.read(_MOST_SAID)
            # It is at its end when the handle closes with the launcher, as the other one starts.
            said += await reader.read(_MOST_SAID)
    except TimeoutError:
        said = b"it took too long"
    finally:
        transport.close()
    if said != _BOUND:
        reason = said.removeprefix(_BOUND).decode("utf-8", "replace") or "its launcher died"
        raise ProcessError(f"{name!r} cannot be started in bounds: {reason}.")
