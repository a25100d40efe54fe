"""What may be started now: a permit that was taken, and what it was given for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import ChangedError, DeniedError
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.target import Facts, Target
from zeke_bridge.workspace.files.resolve import Held


class Looks(Protocol):
    """What the aim of an action really is."""

    def look(self, action: Action) -> Facts:
        """Return the facts; nothing stays open."""
        ...


@dataclass(frozen=True, slots=True)
class Approved:
    """``action`` may be done once, on ``facts``; ``directory`` is held open where it is to run."""

    action: Action
    facts: Facts
    cwd: Target
    directory: int

    def look_again(self, resolver: Looks) -> None:
        """Raise ``ChangedError`` when program or directory are not what they were."""
        held = os.fstat(self.directory)
        same = self.cwd.parent == (held.st_dev, held.st_ino)
        if not same or not self.facts.are_still(resolver.look(self.action)):
            raise ChangedError("The program or its directory changed since you approved it.")

    def way(self) -> str:
        """Return a path to the very directory that is held, whatever it is called by now."""
        held = Path(f"/proc/self/fd/{self.directory}")
        return str(held) if held.exists() else self.cwd.absolute


@contextmanager
def taken(permit: Permit, action: Action) -> Iterator[Approved]:
    """Take ``permit``, which has to be for running ``action``; it is held for the block.

    Raises:
        DeniedError: it is for something else, or used.
        ChangedError: it is over a minute old.
    """
    handle = permit.take(action)
    try:
        facts = permit.facts
        if action.op is not Op.EXECUTE or not isinstance(handle, Held) or facts.cwd is None:
            raise DeniedError("This permit is for something else; ask for consent again.")
        if not facts.program or len(handle.spots) != 1:
            raise DeniedError("There is no such program outside of the project's directories.")
        yield Approved(action, facts, facts.cwd, handle.spots[0].parent)
    finally:
        handle.close()
