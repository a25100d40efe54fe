"""What a person has accepted of a draft, as the one action that GhostWarden is to judge. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from zeke_bridge.broker.review.draft import Draft
from zeke_bridge.model.action import Action, Op, Subject
from zeke_bridge.warden.prompt import MAX_LINES, MAX_SHOWN
from zeke_bridge.workspace.patch import Patch, apply, counts, select, unified


@dataclass(frozen=True, slots=True)
class Accepted:
    """Hunks ``numbers`` of the draft, and ``content``, which the file then has, byte for byte.

    ``action`` is None for a buffer without a file: nothing can be written, only applied there.
    """

    numbers: tuple[int, ...]
    content: bytes
    action: Action | None


def accepted(
    draft: Draft,
    numbers: Sequence[int] | None,
    root: str,
    subject: Subject,
    *,
    saved: bool = True,
) -> Accepted:
    """The hunks of ``numbers`` (from 1), or all; ``saved``: there is a file that they change.

    Raises ``PatchError`` for a hunk that is not there, and for text that no file can hold.
    """
    every = range(1, len(draft.patch.hunks) + 1)
    taken = tuple(sorted(set(every if numbers is None else numbers)))
    chosen = select(draft.patch, taken)
    content = draft.base.encode(apply(draft.base.lines, chosen.hunks))
    action = _action(draft, chosen, content, root, subject) if draft.path else None
    if action is not None and not saved:
        action = replace(action, base_sha256="")
    return Accepted(taken, content, action)


def _action(draft: Draft, chosen: Patch, content: bytes, root: str, subject: Subject) -> Action:
    added, removed = counts(chosen)
    create = draft.kind == "create"
    new = (f"+{line}" for hunk in chosen.hunks for line in hunk.new)
    diff, unshown = _shown(new if create else unified(chosen, draft.base.text))
    return Action(
        Op.CREATE if create else Op.WRITE,
        root,
        subject=subject,
        path=draft.path,
        content_sha256=hashlib.sha256(content).hexdigest(),
        base_sha256=draft.base.digest,
        added=added,
        removed=removed,
        diff=diff,
        unshown=unshown,
    )


def _shown(lines: Iterable[str]) -> tuple[tuple[str, ...], int]:
    """As many of ``lines`` as any prompt has room for, and the number of the others."""
    shown, size, unshown = list[str](), 0, 0
    for line in lines:
        if size >= MAX_SHOWN or len(shown) == MAX_LINES:
            unshown += 1
            continue
        shown.append(line)
        size += len(line) + 1
    return tuple(shown), unshown
