"""What became of one file of a change, once that cannot change any more. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from zeke_bridge.broker.review.base import Base
from zeke_bridge.workspace.patch import Hunk, Patch, select

State = Literal["written", "applied", "rejected", "denied", "failed", "same"]
"""``applied``: into the buffer, unsaved. ``same``: there was nothing to do."""

LANDED = frozenset({"written", "applied"})


@dataclass(frozen=True, slots=True)
class Settled:
    """Of ``patch`` on ``base``, the hunks ``taken`` (from 1) are in the file or its buffer now.

    ``path`` is absolute and literal, ``name`` what is shown of it. ``message`` is a sentence for
    the person or empty; ``reason`` is the person's own, why the rest was rejected. ``conflicts``
    were proposed as well, and did not fit the text any more.
    """

    round: int
    file: int
    path: str
    name: str
    state: State
    base: Base
    patch: Patch
    taken: tuple[int, ...] = ()
    message: str = ""
    reason: str = ""
    conflicts: tuple[Hunk, ...] = ()

    @property
    def accepted(self) -> Patch:
        """What is in the file or its buffer now."""
        return select(self.patch, self.taken)

    @property
    def rejected(self) -> Patch:
        """What is not."""
        rest = (
            number for number in range(1, len(self.patch.hunks) + 1) if number not in self.taken
        )
        return select(self.patch, rest)

    @property
    def total(self) -> int:
        """How many changes were proposed."""
        return len(self.patch.hunks) + len(self.conflicts)

    def entry(self) -> dict[str, Any]:
        """As ``task.done`` lists it."""
        return {
            "round": self.round,
            "file": self.file,
            "path": self.path,
            "name": self.name,
            "state": self.state,
            "message": self.message,
            "accepted": len(self.taken),
            "hunks_total": self.total,
        }


def plain(hunks: Sequence[Hunk]) -> list[dict[str, Any]]:
    """Hunks as an editor is sent them."""
    return [
        {"start_line": hunk.start_line, "old": list(hunk.old), "new": list(hunk.new)}
        for hunk in hunks
    ]
