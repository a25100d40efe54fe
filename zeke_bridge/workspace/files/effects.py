"""Reading and changing project files: the only code that does, and only with a permit.

Each effect is bound to what was approved: the place is resolved again and has to be the same
directory, the entry the same file, its text the same text. What is replaced, removed or moved is
looked at once more after it was taken out of reach, and put back when it is another thing.
Does not know who asked or why it was allowed.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import ChangedError, DeniedError, StoreError
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.target import Target
from zeke_bridge.workspace.files.content import (
    check_entry,
    check_same,
    check_text,
    entry_digest,
    opened,
    read_all,
)
from zeke_bridge.workspace.files.fresh import Fresh
from zeke_bridge.workspace.files.moves import Check, link, move, put_back, remove
from zeke_bridge.workspace.files.resolve import Held, Resolver, Spot
from zeke_bridge.workspace.files.way import sync, way

MAX_READ = 16 * 1024 * 1024
_TAKEN = "There is a file of that name already, and it is not replaced."


class Files:
    """Effects on files. ``resolver`` is the one the consent gate uses."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def exists(self, root: str, path: str) -> bool:
        """Say whether something is at ``path`` already, or nothing can be."""
        target, spot = self._resolver.resolve(root, path)
        if spot is not None:
            spot.close()
        return target.kind != "missing"

    def digest(self, op: Op, root: str, path: str) -> str:
        """Return what an action on ``path`` has to carry as ``base_sha256``; "" for nothing there.

        The SHA-256 of the file's content; of a link that is to be deleted or renamed itself,
        that of where it says it leads. The content goes nowhere.

        Raises:
            ChangedError: it is being replaced right now.
            StoreError: not a regular file, or it cannot be read.
        """
        follow = op not in (Op.DELETE, Op.RENAME)
        target, spot = self._resolver.resolve(root, path, follow_leaf=follow)
        if spot is None:
            raise StoreError(target.problem)
        try:
            if target.kind == "missing":
                return ""
            if target.kernel or target.kind not in ("regular", "link"):
                raise StoreError(f"{target.path!r} is not a regular file.")
            return entry_digest(spot.parent, spot.leaf, target)
        except OSError as error:
            raise StoreError(f"{target.path!r} could not be used: {error.strerror}.") from error
        finally:
            spot.close()

    def read(self, permit: Permit, limit: int = MAX_READ) -> bytes:
        """Return the content of the file that ``permit`` is for.

        Raises:
            DeniedError: the permit is not for reading, or used.
            ChangedError: the file is another one than was approved.
            InputError: over ``limit`` bytes.
            StoreError: it cannot be read.
        """
        with _using(permit, Op.READ) as ((spot,), target):
            if target.kind == "missing":
                raise StoreError("There is no such file.") from FileNotFoundError(target.path)
            with opened(spot.parent, spot.leaf, target) as handle:
                return read_all(handle, limit)

    def write(self, permit: Permit, content: bytes) -> None:
        """Put ``content``, which has to be what was approved, where ``permit`` says.

        Raises:
            DeniedError: the permit is not for writing, or used, or for other content.
            ChangedError: the place or the old content moved since the approval.
            StoreError: it cannot be written; the old file is as it was.
        """
        action = permit.action
        with _using(permit, Op.WRITE, Op.CREATE) as ((spot,), target):
            if hashlib.sha256(content).hexdigest() != action.content_sha256:
                raise DeniedError("This is not the text that was approved; ask again.")
            self._check_place(action.root, action.path, target)
            if target.kind == "missing":
                self._create(action, spot, target, content)
            else:
                self._replace(action, spot, target, content)

    def delete(self, permit: Permit) -> None:
        """Remove the file, or the link itself, that ``permit`` is for.

        ``base_sha256`` of the action says what it has to hold (see ``digest``).

        Raises:
            DeniedError: the permit is not for deleting, or used, or does not say of what text.
            ChangedError: the place or the content moved since the approval; nothing is removed.
            StoreError: it cannot be removed.
        """
        action = permit.action
        with _using(permit, Op.DELETE) as ((spot,), target):
            if not action.base_sha256:
                raise DeniedError("The action does not say what is to be deleted; ask again.")
            check = _checker(target, action.base_sha256)
            check(spot.parent, spot.leaf)
            self._check_place(action.root, action.path, target, spot.parent, follow_leaf=False)
            remove(spot.parent, spot.leaf, check)
            sync(spot.parent)

    def rename(self, permit: Permit) -> None:
        """Move the file, or the link itself, that ``permit`` is for; nothing is replaced.

        Directories on the way to the new name are made. ``base_sha256``, when the action has
        one, says what the file has to hold.

        Raises:
            DeniedError: the permit is not for renaming, or used, or the new name is taken.
            ChangedError: one of both places moved, or the new name was taken since.
            StoreError: it cannot be moved; it is where it was.
        """
        action = permit.action
        with _using(permit, Op.RENAME) as ((spot, goal), target):
            to = permit.facts.to
            if to is None or to.kind != "missing":
                raise DeniedError(_TAKEN)
            check = _checker(target, action.base_sha256)
            check(spot.parent, spot.leaf)
            with way(goal.parent, goal.missing) as parent:
                self._check_place(action.root, action.path, target, spot.parent, follow_leaf=False)
                self._check_place(action.root, action.to, to, parent, follow_leaf=False)
                _carry(spot, Spot(parent, goal.leaf), check)
                sync(parent)
            sync(spot.parent)

    def _create(self, action: Action, spot: Spot, target: Target, content: bytes) -> None:
        if action.base_sha256:
            raise ChangedError("The file was removed since you approved this.")
        with way(spot.parent, spot.missing) as parent, Fresh(parent, content) as fresh:
            self._check_place(action.root, action.path, target, parent)
            fresh.appear(spot.leaf)
            sync(parent)

    def _replace(self, action: Action, spot: Spot, target: Target, content: bytes) -> None:
        with opened(spot.parent, spot.leaf, target) as old:
            check_text(old, action.base_sha256)
            if not os.access(spot.leaf, os.W_OK, dir_fd=spot.parent):
                raise StoreError("The file is read-only for you; it was not written.")
            with Fresh(spot.parent, content, old) as fresh:
                self._check_place(action.root, action.path, target, spot.parent)
                check_text(old, action.base_sha256)
                fresh.replace(spot.leaf, old, action.base_sha256)
            sync(spot.parent)

    def _check_place(
        self,
        root: str,
        path: str,
        target: Target,
        parent: int | None = None,
        *,
        follow_leaf: bool = True,
    ) -> None:
        """Resolve again: the same thing, and in the very directory ``parent`` that is held."""
        now, spot = self._resolver.resolve(root, path, follow_leaf=follow_leaf)
        if spot is not None:
            spot.close()
        if not target.is_still(now):
            raise ChangedError("The file was moved or replaced since you approved it.")
        if parent is not None:
            held = os.fstat(parent)
            if now.parent != (held.st_dev, held.st_ino):
                raise ChangedError("The directory was moved or replaced since you approved it.")


@contextmanager
def _using(permit: Permit, *ops: Op) -> Iterator[tuple[tuple[Spot, ...], Target]]:
    """Use the permit up for one effect; every system error inside becomes a ``StoreError``."""
    handle = permit.take()
    try:
        target, op = permit.facts.target, permit.action.op
        fits = isinstance(handle, Held) and op in ops
        places = 2 if op is Op.RENAME else 1
        if not fits or target is None or not isinstance(handle, Held):
            raise DeniedError("This permit is for something else; ask for consent again.")
        if len(handle.spots) != places:
            raise DeniedError("This permit holds no place; ask for consent again.")
        yield handle.spots, target
    except OSError as error:
        shown = permit.facts.target.path if permit.facts.target else ""
        raise StoreError(f"{shown!r} could not be used: {error.strerror}.") from error
    finally:
        handle.close()


def _checker(target: Target, expected: str) -> Check:
    """Return what raises ``ChangedError`` unless an entry is what was approved."""

    def check(parent: int, name: str) -> None:
        if target.kind == "missing":
            raise ChangedError("There is no such file any more.")
        check_entry(parent, name, target)
        if expected and entry_digest(parent, name, target) != expected:
            raise ChangedError("The file's text changed since you approved this.")

    return check


def _carry(source: Spot, goal: Spot, check: Check) -> None:
    """Move an entry to a free name; ``check`` looks at what arrived there."""
    try:
        moved = move(source.parent, source.leaf, goal.parent, goal.leaf)
        if not moved and not link(source.parent, source.leaf, goal.parent, goal.leaf):
            raise StoreError("This file system cannot rename without replacing; nothing was done.")
    except FileNotFoundError:
        raise ChangedError("The file was removed since you approved this.") from None
    except FileExistsError:
        raise ChangedError("A file of that name appeared since you approved this.") from None
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        raise StoreError(
            "The new name is on another file system; create the file there, then delete this one."
        ) from error
    if not moved:
        _drop_old_name(source, goal, check)
        return
    try:
        check(goal.parent, goal.leaf)
    except BaseException:
        put_back(goal.parent, goal.leaf, source.parent, source.leaf)
        raise


def _drop_old_name(source: Spot, goal: Spot, check: Check) -> None:
    """Finish a move by hard link: the file has both names now."""
    try:
        check(goal.parent, goal.leaf)
        remove(source.parent, source.leaf, check)
    except BaseException:
        # The new name goes again while the old one still stands for the same file.
        old = os.stat(source.leaf, dir_fd=source.parent, follow_symlinks=False)
        remove(goal.parent, goal.leaf, lambda parent, name: check_same(parent, name, old))
        raise
