"""A new file with the approved text, written whole before it gets the name it is for.

Where the system offers files without a name (Linux ``O_TMPFILE``) a kill while the text is
written leaves nothing at all; elsewhere, and for the moment of a swap, the file is
``.zeke-….tmp`` beside its goal. Whatever fails, the old file is as it was.
"""

from __future__ import annotations

import contextlib
import os
from types import TracebackType

from zeke_bridge.model.errors import ChangedError
from zeke_bridge.workspace.files.content import check_same, check_text
from zeke_bridge.workspace.files.likeness import make_like
from zeke_bridge.workspace.files.moves import exchange, link, move, spare_name

_NAMED = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NAMELESS = getattr(os, "O_TMPFILE", 0)
_APPEARED = "A file of that name appeared since you approved this."


class Fresh:
    """``content`` in a new file of the directory ``parent``; like the open file ``old``, if any.

    Leaving the context closes it, and removes it if it was not put in its place.
    """

    def __init__(self, parent: int, content: bytes, old: int | None = None) -> None:
        self._parent = parent
        self._content = content
        self._old = old
        self._name = ""
        self._handle = -1

    def __enter__(self) -> Fresh:
        """Write and sync the text. Raises ``OSError``, ``StoreError``."""
        try:
            self._open()
            self._fill()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """See the class."""
        self._leave()

    def appear(self, leaf: str) -> None:
        """Take the name ``leaf``, replacing nothing.

        Raises:
            ChangedError: something of that name appeared.
        """
        try:
            if not self._name and self._link_nameless(leaf):
                return
            name = self._named()
            if move(self._parent, name, self._parent, leaf):
                return
            if link(self._parent, name, self._parent, leaf):
                self._drop(name, leaf)
            else:
                self._claim(name, leaf)
        except FileExistsError:
            raise ChangedError(_APPEARED) from None

    def replace(self, leaf: str, old: int, expected: str) -> None:
        """Take the place of ``leaf``, which has to be the open file ``old`` and hold ``expected``.

        The two names are swapped in one step, and what came out is looked at before it is
        removed. Where the system cannot swap, the look comes just before the rename.

        Raises:
            ChangedError: it is another file or text; that is back in its place.
        """
        name = self._named()
        check_same(self._parent, leaf, os.fstat(old))
        if not exchange(self._parent, name, leaf):
            check_text(old, expected)
            check_same(self._parent, leaf, os.fstat(old))
            os.rename(name, leaf, src_dir_fd=self._parent, dst_dir_fd=self._parent)
            return
        try:
            check_same(self._parent, name, os.fstat(old))
            check_text(old, expected)
            os.unlink(name, dir_fd=self._parent)
        except BaseException:
            self._swap_back(name, leaf)
            raise

    def _swap_back(self, name: str, leaf: str) -> None:
        back = False
        with contextlib.suppress(OSError):
            back = exchange(self._parent, name, leaf)
        if not back or not self._is_mine(name):
            # Somebody changes it all the time: nothing of theirs is removed.
            raise ChangedError(
                f"The file changed while it was written; what was there is kept as {name!r}."
            )

    def _open(self) -> None:
        mode = 0o666 if self._old is None else 0o600
        if _NAMELESS:
            # File systems and kernels without it answer in many ways; a real error comes again.
            with contextlib.suppress(OSError):
                flags = os.O_WRONLY | _NAMELESS | os.O_CLOEXEC
                self._handle = os.open(".", flags, mode, dir_fd=self._parent)
                return
        self._open_named(mode)

    def _open_named(self, mode: int) -> None:
        name = spare_name()
        self._handle = os.open(name, _NAMED, mode, dir_fd=self._parent)
        self._name = name

    def _fill(self) -> None:
        view = memoryview(self._content)
        while view:
            view = view[os.write(self._handle, view) :]
        if self._old is not None:
            make_like(self._handle, self._old)
        os.fsync(self._handle)

    def _named(self) -> str:
        """Make sure that it has a name of its own, and return it."""
        if not self._name:
            name = spare_name()
            if self._link_nameless(name):
                self._name = name
            else:
                os.close(self._handle)
                self._handle = -1
                self._open_named(0o666 if self._old is None else 0o600)
                self._fill()
        return self._name

    def _link_nameless(self, name: str) -> bool:
        """Name a file that has none; False without /proc, or where a sandbox forbids it."""
        try:
            os.link(
                f"/proc/self/fd/{self._handle}", name, dst_dir_fd=self._parent, follow_symlinks=True
            )
        except (FileNotFoundError, PermissionError):
            return False
        return True

    def _drop(self, name: str, leaf: str) -> None:
        """Let go of its first name; if that cannot be, of the second one again."""
        try:
            os.unlink(name, dir_fd=self._parent)
        except OSError:
            if self._is_mine(leaf):
                os.unlink(leaf, dir_fd=self._parent)
            raise

    def _claim(self, name: str, leaf: str) -> None:
        """Take a name where neither moves nor links can: with an empty file, then replace that."""
        handle = os.open(leaf, _NAMED, 0o600, dir_fd=self._parent)
        try:
            check_same(self._parent, leaf, os.fstat(handle))
            os.rename(name, leaf, src_dir_fd=self._parent, dst_dir_fd=self._parent)
        except OSError:
            with contextlib.suppress(OSError, ChangedError):
                check_same(self._parent, leaf, os.fstat(handle))
                os.unlink(leaf, dir_fd=self._parent)
            raise
        finally:
            os.close(handle)

    def _is_mine(self, name: str) -> bool:
        with contextlib.suppress(OSError, ChangedError):
            check_same(self._parent, name, os.fstat(self._handle))
            return True
        return False

    def _leave(self) -> None:
        """Close it, and remove the name it still has, if that is still its own."""
        if self._handle < 0:
            return
        try:
            if self._name and self._is_mine(self._name):
                with contextlib.suppress(OSError):
                    os.unlink(self._name, dir_fd=self._parent)
        finally:
            os.close(self._handle)
            self._handle = -1
