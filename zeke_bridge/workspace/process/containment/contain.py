"""The bounds of one program in one project, from what is known of both."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zeke_bridge.model.target import Places
from zeke_bridge.workspace.process.containment.protected import protected
from zeke_bridge.workspace.process.containment.rules import Bounds
from zeke_bridge.workspace.project import project_places


@dataclass(frozen=True, slots=True)
class Contain:
    """That a program is to be kept in bounds.

    ``writes`` are the places where it keeps what is its own (``~`` is the person's home), to be
    written besides; ``runtimepath`` is where the person's Neovim loads code from.
    """

    writes: tuple[str, ...] = ()
    runtimepath: tuple[str, ...] = ()


def bounds(root: str, contain: Contain, own: Places, temporary: str) -> Bounds:
    """Return what a program may do in the project ``root``; looks at all of it, so in a thread.

    ``own`` are the person's own places of Zeke, ``temporary`` a directory made for this program.

    Raises:
        ProcessError: the project is too large to be looked at.
    """
    here = os.path.realpath(root)
    places = project_places(here, own, contain.runtimepath)
    writable = (here, os.path.realpath(temporary), *_made(contain.writes))
    hidden = (*places.never, *places.unreadable)
    return Bounds(writable, protected(here, places), hidden)


def _made(writes: Sequence[str]) -> tuple[str, ...]:
    """Return the places among ``writes`` that are there, or can be made.

    What has an ending is taken for a file: that is not made, and is not there to be written.
    """
    found = []
    for spoken in writes:
        path = Path(spoken).expanduser()
        if not path.is_absolute():
            continue
        if not path.suffix:
            with contextlib.suppress(OSError):
                path.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        if path.exists():
            found.append(os.path.realpath(path))
    return tuple(found)
