"""Reading and writing project files: the only code that does, and only with a permit.

A read comes from the checked handle. A write goes to a new file beside the target and is renamed
over it relative to the held directory, after the place and the old content were checked again.
Does not know who asked or why it was allowed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import ChangedError, DeniedError, InputError, StoreError
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.target import Target
from zeke_bridge.workspace.files.beneath import DIRECTORY
from zeke_bridge.workspace.files.resolve import Held, Resolver, Spot

MAX_READ = 16 * 1024 * 1024
_CHUNK = 1024 * 1024
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# Answers of file systems that have no hard links.
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class Files:
    """Effects on files. ``resolver`` is the one the consent gate uses."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def discard(self, permit: Permit) -> None:
        """Let go of a permit that is not used here."""
        permit.close()

    def exists(self, root: str, path: str) -> bool:
        """Say whether something is at ``path`` already, or nothing can be."""
        target, spot = self._resolver.resolve(root, path)
        if spot is not None:
            spot.close()
        return target.kind != "missing"

    def read(self, permit: Permit, limit: int = MAX_READ) -> bytes:
        """Return the content of the file that ``permit`` is for.

        Raises:
            DeniedError: the permit is not for reading, or used.
            ChangedError: the file is another one than was approved.
            InputError: over ``limit`` bytes.
            StoreError: it cannot be read.
        """
        with _using(permit, Op.READ) as (spot, target):
            if target.kind == "missing":
                raise StoreError("There is no such file.")
            with _opened(spot.parent, spot.leaf, target) as handle:
                return _read_all(handle, limit)

    def write(self, permit: Permit, content: bytes) -> None:
        """Put ``content``, which has to be what was approved, where ``permit`` says.

        Raises:
            DeniedError: the permit is not for writing, or used, or for other content.
            ChangedError: the place or the old content moved since the approval.
            StoreError: it cannot be written; the old file is as it was.
        """
        action = permit.action
        with _using(permit, Op.WRITE, Op.CREATE) as (spot, target):
            if hashlib.sha256(content).hexdigest() != action.content_sha256:
                raise DeniedError("This is not the text that was approved; ask again.")
            self._check_place(action, target, None)
            _check_content(spot, target, action.base_sha256)
            with _final_parent(spot) as parent:
                final = Spot(parent, spot.leaf)
                mode = _mode(final, target)
                with _beside(parent, content, mode) as temporary:
                    self._check_place(action, target, parent)
                    _check_content(final, target, action.base_sha256)
                    _put(parent, temporary, spot.leaf, fresh=target.kind == "missing")
                _sync(parent)

    def _check_place(self, action: Action, target: Target, parent: int | None) -> None:
        """Resolve again: the same thing, and in the very directory that is held."""
        now, spot = self._resolver.resolve(action.root, action.path)
        if spot is not None:
            spot.close()
        if not target.is_still(now):
            raise ChangedError("The file was moved or replaced since you approved it.")
        if parent is not None:
            held = os.fstat(parent)
            if now.parent != (held.st_dev, held.st_ino):
                raise ChangedError("The directory was moved or replaced since you approved it.")


@contextmanager
def _using(permit: Permit, *ops: Op) -> Iterator[tuple[Spot, Target]]:
    """Use the permit up for one effect; every system error inside becomes a ``StoreError``."""
    handle = permit.take()
    try:
        target = permit.facts.target
        fits = isinstance(handle, Held) and len(handle.spots) == 1 and permit.action.op in ops
        if not fits or target is None or not isinstance(handle, Held):
            raise DeniedError("This permit is for something else; ask for consent again.")
        yield handle.spots[0], target
    except OSError as error:
        shown = permit.facts.target.path if permit.facts.target else ""
        raise StoreError(f"{shown!r} could not be used: {error.strerror}.") from error
    finally:
        handle.close()


@contextmanager
def _opened(parent: int, leaf: str, target: Target) -> Iterator[int]:
    """Open the approved file itself, never waiting for a FIFO."""
    try:
        handle = os.open(leaf, _OPEN, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):
            raise ChangedError("The file was replaced since you approved it.") from error
        raise
    try:
        found = os.fstat(handle)
        same = (found.st_dev, found.st_ino) == (target.device, target.inode)
        if not same or not stat.S_ISREG(found.st_mode):
            raise ChangedError("The file was replaced since you approved it.")
        yield handle
    finally:
        os.close(handle)


def _read_all(handle: int, limit: int) -> bytes:
    parts: list[bytes] = []
    left = limit + 1
    while left > 0 and (part := os.read(handle, min(left, _CHUNK))):
        parts.append(part)
        left -= len(part)
    if left <= 0:
        raise InputError(f"The file is over {limit // (1024 * 1024)} MiB; that is too much.")
    return b"".join(parts)


def _check_content(spot: Spot, target: Target, expected: str) -> None:
    """Compare what is there now with the text that the approval was to replace."""
    if target.kind == "missing":
        if expected:
            raise ChangedError("The file was removed since you approved this.")
        return
    digest = hashlib.sha256()
    with _opened(spot.parent, spot.leaf, target) as handle:
        while part := os.read(handle, _CHUNK):
            digest.update(part)
    if digest.hexdigest() != expected:
        raise ChangedError("The file's text changed since you approved this.")


@contextmanager
def _final_parent(spot: Spot) -> Iterator[int]:
    """Make what is missing of the way, below the held directory and through no link."""
    current = os.dup(spot.parent)
    try:
        for name in spot.missing:
            # Another approved file of the same new directory may have made it.
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=current)
            try:
                following = os.open(name, DIRECTORY, dir_fd=current)
            except (NotADirectoryError, FileNotFoundError) as error:
                raise ChangedError("The directory was replaced since you approved it.") from error
            os.close(current)
            current = following
        yield current
    finally:
        os.close(current)


def _mode(spot: Spot, target: Target) -> int | None:
    """Return the permission bits to keep, or None for a new file."""
    if target.kind == "missing":
        return None
    found = os.stat(spot.leaf, dir_fd=spot.parent, follow_symlinks=False)
    return stat.S_IMODE(found.st_mode) & 0o777


@contextmanager
def _beside(parent: int, content: bytes, mode: int | None) -> Iterator[str]:
    """Write a new file in ``parent``; it is gone afterwards unless it was renamed."""
    name = f".zeke-{secrets.token_hex(8)}.tmp"
    # The system applies the umask to a new file; an old one's mode is set as it was.
    handle = os.open(name, _NEW, 0o666 if mode is None else 0o600, dir_fd=parent)
    try:
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(handle, view) :]
            if mode is not None:
                os.fchmod(handle, mode)
            os.fsync(handle)
        finally:
            os.close(handle)
        yield name
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=parent)


def _put(parent: int, temporary: str, leaf: str, *, fresh: bool) -> None:
    """Give the new file its name; a fresh one replaces nothing that appeared meanwhile."""
    if fresh:
        try:
            os.link(temporary, leaf, src_dir_fd=parent, dst_dir_fd=parent, follow_symlinks=False)
        except FileExistsError:
            raise ChangedError("A file of that name appeared since you approved this.") from None
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
        else:
            return
    os.rename(temporary, leaf, src_dir_fd=parent, dst_dir_fd=parent)


def _sync(parent: int) -> None:
    """Make the new name last; a directory that cannot be synced is no reason to fail."""
    with contextlib.suppress(OSError):
        handle = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=parent)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
