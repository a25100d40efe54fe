"""What a file would become: proposed by somebody, drafted on the text that is there. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from zeke_bridge.broker.review.base import NOTHING, Base
from zeke_bridge.model.errors import PatchError
from zeke_bridge.workspace.patch import Hunk, Patch, carry, hunks

Kind = Literal["change", "create"]

CHANGED = "The text changed meanwhile; this is the new diff."
SAME = "The file has exactly this text already."


@dataclass(frozen=True, slots=True)
class Patched:
    """A patch for a text that is known already; ``path`` is empty for a buffer without a file."""

    path: str
    base: Base
    patch: Patch


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole text of the file at ``path`` (absolute, or from the root of the change).

    What is there now is not known yet. ``note`` is a sentence to show with it.
    """

    path: str
    content: str
    note: str = ""


Proposed = Patched | Whole


@dataclass(frozen=True, slots=True)
class Draft:
    """``patch`` on ``base``; ``wanted`` are the lines of the whole file, where they are known."""

    path: str
    base: Base
    patch: Patch
    wanted: tuple[str, ...] | None = None
    note: str = ""

    @property
    def kind(self) -> Kind:
        """Whether there is anything to change."""
        return "change" if self.base.exists else "create"


def known(proposed: Patched) -> Draft:
    """The draft of a patch whose base is known."""
    return Draft(proposed.path, proposed.base, proposed.patch)


def whole(proposed: Whole, base: Base) -> Draft:
    """The draft that makes ``base`` what is proposed; without a hunk when it is that already."""
    lines = _lines(proposed.content, base)
    return Draft(proposed.path, base, _patch(base, lines), lines, proposed.note)


def onto(draft: Draft, base: Base) -> Draft:
    """``draft`` on another text than it was made for: three-way where both are there.

    Its note says what has happened. Raises ``PatchError`` when nothing of it fits any more.
    """
    if draft.base.exists and base.exists:
        patch, lost = carry(draft.patch, draft.base.text, base.text)
        return replace(draft, base=base, patch=patch, note=_note(len(draft.patch.hunks), len(lost)))
    if draft.wanted is None:
        raise PatchError("The file is not there any more, so the change does not fit; ask again.")
    return replace(draft, base=base, patch=_patch(base, draft.wanted), note=CHANGED)


def empty(path: str) -> Draft:
    """What stands for a file that cannot be shown."""
    return Draft(path, NOTHING, Patch(()))


def _lines(content: str, base: Base) -> tuple[str, ...]:
    lines = content.removesuffix("\n").split("\n")
    if base.eol == "\r\n":
        return tuple(line.removesuffix("\r") for line in lines)
    return tuple(lines)


def _patch(base: Base, lines: tuple[str, ...]) -> Patch:
    if not base.exists:
        return Patch((Hunk(1, (), lines),))
    return Patch(hunks(base.lines, lines))


def _note(total: int, lost: int) -> str:
    if not lost:
        return CHANGED
    do = "does" if lost == 1 else "do"
    return f"{CHANGED[:-1]}, and {lost} of {total} changes {do} not fit any more."
