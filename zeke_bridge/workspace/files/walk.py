"""Follow a path by hand, component by component, from ``/``, through links, and know where.

The general way of path resolution: links are read and expanded here, directories are held open
on a stack, so that ``..`` is the directory that was really come through. Slower than
``beneath``, used when that refuses. Does not judge; it reports.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from dataclasses import dataclass, field

from zeke_bridge.workspace.files.beneath import DIRECTORY
from zeke_bridge.workspace.files.names import real_name

MAX_LINKS = 40
MAX_STEPS = 4096

_END_OF_LINK = object()
"""Stands in the queue behind the components of an expanded link."""


class WalkError(Exception):
    """The path leads nowhere that can be used; the text is a sentence for a person."""


@dataclass(slots=True)
class _Step:
    handle: int
    name: str
    identity: tuple[int, int]


@dataclass(slots=True)
class Place:
    """Where a walk ended. ``leaf`` is the last name, empty when it ended on a directory.

    ``names`` are the components from ``/`` to the deepest existing directory, ``missing`` the
    directories below it that do not exist. ``below_root`` counts how many of ``names`` lie below
    the root, None when outside; ``through_kernel``: by way of /proc or /sys. ``parent`` is
    an open handle that the caller closes.
    """

    parent: int
    identity: tuple[int, int]
    names: tuple[str, ...]
    missing: tuple[str, ...] = ()
    leaf: str = ""
    status: os.stat_result | None = None
    below_root: int | None = None
    left_root: bool = False
    through_kernel: bool = False
    identities: frozenset[tuple[int, int]] = frozenset()


@dataclass(slots=True)
class Walk:
    """One walk for a project whose root is the directory of identity ``root``."""

    root: tuple[int, int]
    follow_leaf: bool = True
    stack: list[_Step] = field(default_factory=list)
    pending: deque[object] = field(default_factory=deque)
    open_links: int = 0
    left_root: bool = False
    through_kernel: bool = False

    def run(self, path: str, start: str = "/") -> Place:
        """Walk ``path`` from the directory ``start``, which is absolute and canonical.

        Raises:
            WalkError: a loop, a non-directory on the way, ``..`` behind something missing, or
                a directory that may not be searched.
        """
        try:
            top = os.open("/", DIRECTORY)
            self._push(top, "")
            for name in start.split("/"):
                if name:
                    # A link that was put here since is no directory to this.
                    self._push(os.open(name, DIRECTORY, dir_fd=self.stack[-1].handle), name)
            self.pending.extend(part for part in path.split("/") if part not in ("", "."))
            return self._go(must_be_directory=path.endswith(("/", "/.")))
        except OSError as error:
            raise WalkError(f"The path cannot be looked at: {error.strerror}.") from error
        finally:
            for step in self.stack:
                os.close(step.handle)
            self.stack.clear()

    def _go(self, *, must_be_directory: bool) -> Place:
        links = 0
        for _ in range(MAX_STEPS):
            if not self.pending:
                return self._place()
            part = self.pending.popleft()
            if not isinstance(part, str):
                self._end_link()
                continue
            if part == "..":
                self._up()
                continue
            here = self.stack[-1].handle
            try:
                status = os.stat(part, dir_fd=here, follow_symlinks=False)
            except FileNotFoundError:
                return self._absent(part, must_be_directory)
            last = not any(isinstance(rest, str) for rest in self.pending)
            if stat.S_ISLNK(status.st_mode) and (not last or self.follow_leaf):
                links += 1
                if links > MAX_LINKS:
                    raise WalkError("The path goes through too many links.")
                self._expand(os.readlink(part, dir_fd=here))
            elif stat.S_ISDIR(status.st_mode):
                self._enter(part, status)
            elif last and not must_be_directory:
                self._end_links()
                return self._place(leaf=real_name(here, part, status), status=status)
            else:
                raise WalkError("The path goes through something that is not a directory.")
        raise WalkError("The path has too many steps.")

    def _absent(self, part: str, must_be_directory: bool) -> Place:
        rest = [part, *(name for name in self.pending if isinstance(name, str))]
        if ".." in rest or must_be_directory:
            raise WalkError("The path goes through a directory that does not exist.")
        self._end_links()
        return self._place(missing=tuple(rest[:-1]), leaf=rest[-1])

    def _enter(self, name: str, status: os.stat_result) -> None:
        here = self.stack[-1].handle
        handle = os.open(name, DIRECTORY, dir_fd=here)
        self._push(handle, name)
        if self.stack[-1].identity != (status.st_dev, status.st_ino):
            raise WalkError("The path is being changed by somebody else right now.")
        self.stack[-1].name = real_name(here, name, status)

    def _push(self, handle: int, name: str) -> None:
        found = os.fstat(handle)
        self.stack.append(_Step(handle, name, (found.st_dev, found.st_ino)))
        # Below these a link can lead anywhere, whatever its text says.
        if len(self.stack) > 1 and self.stack[1].name in ("proc", "sys"):
            self.through_kernel = True

    def _up(self) -> None:
        if len(self.stack) > 1:
            os.close(self.stack.pop().handle)

    def _expand(self, text: str) -> None:
        if self.open_links and self._below_root() is None:
            # A link out of the project that comes back by another link, which is not ours.
            self.left_root = True
        if self._below_root() is not None or self.open_links:
            self.open_links += 1
            self.pending.appendleft(_END_OF_LINK)
        parts = [part for part in text.split("/") if part not in ("", ".")]
        self.pending.extendleft(reversed(parts))
        if text.startswith("/"):
            while len(self.stack) > 1:
                self._up()

    def _end_link(self) -> None:
        self.open_links -= 1
        if self._below_root() is None:
            self.left_root = True

    def _end_links(self) -> None:
        while self.open_links:
            self._end_link()

    def _below_root(self) -> int | None:
        """How many components lie below the innermost directory that is the root."""
        for depth, step in enumerate(reversed(self.stack)):
            if step.identity == self.root:
                return depth
        return None

    def _place(
        self,
        *,
        leaf: str = "",
        status: os.stat_result | None = None,
        missing: tuple[str, ...] = (),
    ) -> Place:
        top = self.stack[-1]
        return Place(
            parent=os.dup(top.handle),
            identity=top.identity,
            names=tuple(step.name for step in self.stack[1:]),
            missing=missing,
            leaf=leaf,
            status=status,
            below_root=self._below_root(),
            left_root=self.left_root,
            through_kernel=self.through_kernel,
            identities=frozenset(step.identity for step in self.stack),
        )
