"""What a file would become: proposed by somebody, drafted on the text that is there. Pure.

A draft that is put onto another text is made from what was proposed at first, every time: what
does not fit one text may fit the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from zeke_bridge.broker.review.base import NOTHING, Base
from zeke_bridge.model.errors import PatchError
from zeke_bridge.workspace.patch import Hunk, Patch, as_it_was, carry, hunks

Kind = Literal["change", "create"]

CHANGED = "The text changed meanwhile; this is the new diff."
NOTHING_FITS = (
    "The text changed meanwhile, and nothing of the change fits it as it is now; it comes back "
    "when the text does."
)
SAME = "The file has exactly this text already."
ENDS_STAY = "Only line ends would change, and they stay as the file has them: nothing was written."


@dataclass(frozen=True, slots=True)
class Patched:
    """A patch for a text that is known already; ``path`` is empty for a buffer without a file."""

    path: str
    base: Base
    patch: Patch


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole text of the file at ``path`` (absolute, or from the root of the change).

    What is there now is not known yet. ``note`` is a sentence to show with it. When ``content`` is
    ``exact``, every byte of it is meant, and a new file ends as it does, else with a line end.
    """

    path: str
    content: str
    note: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Carried:
    """A patch for the text that somebody has ``seen``, which may be another one by now.

    ``now`` is what a buffer holds; None: what is on disk counts, and is not known yet.
    """

    path: str
    seen: Base
    patch: Patch
    now: Base | None = None


@dataclass(frozen=True, slots=True)
class Unfit:
    """What cannot be a file here, and ``why``, as a sentence. ``path`` is shown only."""

    path: str
    why: str


Proposed = Patched | Whole | Carried | Unfit


@dataclass(frozen=True, slots=True)
class Draft:
    """``patch`` on ``base``; ``wanted`` are the lines of the whole file, where they are known.

    ``conflicts`` do not fit ``base``; their lines are those of ``origin``, which is what was
    proposed at first where that is not this. ``label`` is shown for a ``path`` that is none.
    """

    path: str
    base: Base
    patch: Patch
    wanted: tuple[str, ...] | None = None
    note: str = ""
    conflicts: tuple[Hunk, ...] = ()
    origin: Draft | None = None
    label: str = ""

    @property
    def kind(self) -> Kind:
        """Whether there is anything to change."""
        return "change" if self.base.exists else "create"

    @property
    def empty(self) -> bool:
        """Whether there is nothing to decide on, and nothing that might come back."""
        return not self.patch.hunks and not self.conflicts


def known(proposed: Patched) -> Draft:
    """The draft of a patch whose base is known."""
    return Draft(proposed.path, proposed.base, proposed.patch)


def whole(proposed: Whole, base: Base) -> Draft:
    """The draft that makes ``base`` what is proposed; without a hunk when it is that already.

    Line ends, and the final one, stay as ``base`` has them. Raises ``PatchError`` when nothing else
    would change and that is meant.
    """
    lines = lines_of(proposed.content, base)
    if proposed.exact and not base.exists:
        base = replace(base, final_eol=proposed.content.endswith("\n"))
    patch = _patch(base, lines)
    if proposed.exact and not patch.hunks and not _is_text(proposed.content, base):
        raise PatchError(ENDS_STAY)
    return Draft(proposed.path, base, patch, lines, proposed.note)


def carried(proposed: Carried, base: Base) -> Draft:
    """The draft of a patch whose text may have changed since, for ``base``, which is there now.

    Raises ``PatchError`` when a file came or went in between.
    """
    seen = proposed.seen
    if seen.exists:
        made = Draft(proposed.path, seen, proposed.patch)
        return replace(made, base=base) if seen.lines == base.lines else onto(made, base)
    if base.text:
        raise PatchError("The file was made by somebody else meanwhile; propose the change again.")
    wanted = tuple(line for hunk in proposed.patch.hunks for line in hunk.new)
    return Draft(proposed.path, base, _patch(base, wanted), wanted)


def onto(draft: Draft, base: Base) -> Draft:
    """``draft`` on another text than it was made for: three-way where both are there.

    Its note says what has happened. Raises ``PatchError`` when the file has gone.
    """
    first = draft.origin or draft
    if first.base.exists and base.exists:
        patch, lost = carry(first.patch, first.base.text, base.text)
        note = _note(len(first.patch.hunks), len(lost))
        return replace(first, base=base, patch=patch, note=note, conflicts=lost, origin=first)
    if first.wanted is None:
        raise PatchError("The file is not there any more, so the change does not fit; ask again.")
    patch = _patch(base, first.wanted)
    return replace(first, base=base, patch=patch, note=CHANGED, origin=first)


def lines_of(content: str, base: Base) -> tuple[str, ...]:
    """The lines of ``content``, ended as those of ``base`` are."""
    lines = content.removesuffix("\n").split("\n")
    if base.eol == "\r\n":
        known = set(base.lines)
        return tuple(line if line in known else line.removesuffix("\r") for line in lines)
    return as_it_was(base.lines, lines, final_eol=base.final_eol)


def empty(path: str, label: str = "") -> Draft:
    """What stands for a file that cannot be shown."""
    return Draft(path, NOTHING, Patch(()), label=label)


def _is_text(content: str, base: Base) -> bool:
    """Whether a file of ``base`` holds ``content``, byte for byte but for the BOM."""
    return replace(base, bom=False).encode(base.lines) == content.encode("utf-8", "surrogatepass")


def _patch(base: Base, lines: tuple[str, ...]) -> Patch:
    if not base.exists:
        return Patch((Hunk(1, (), lines),))
    return Patch(hunks(base.lines, lines))


def _note(total: int, lost: int) -> str:
    if not lost:
        return CHANGED
    if lost == total:
        return NOTHING_FITS
    do = "does" if lost == 1 else "do"
    return f"{CHANGED[:-1]}, and {lost} of {total} changes {do} not fit any more."
