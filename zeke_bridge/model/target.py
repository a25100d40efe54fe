"""What is known about the thing an action is aimed at, without holding it.

The resolver of the workspace floor finds these facts; the policy judges them. Nothing here says
how they were found, and no handle is in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["regular", "missing", "directory", "link", "other"]


@dataclass(frozen=True, slots=True)
class Target:
    """One resolved path.

    ``path`` is canonical: relative to the root when ``inside``, else absolute; ``absolute`` is
    the same from ``/``. ``spellings`` are the ways the path was written that the deny lists
    look at beside it. ``left_root``: a link on the way led out of the root. ``kernel``: below
    /proc, /sys or /dev on the way. ``never`` and ``unreadable``: the same device and inode as
    something on that list of ``Places``. ``problem`` is a sentence when the path could not be
    resolved at all; then the other facts mean nothing. ``parent`` is the identity of the deepest
    existing directory. ``in_repository``: below a directory where git keeps a repository, by
    whatever name; looked for when something is to be changed.
    """

    path: str
    absolute: str = ""
    inside: bool = False
    kind: Kind = "missing"
    spellings: tuple[str, ...] = ()
    left_root: bool = False
    kernel: bool = False
    never: bool = False
    unreadable: bool = False
    nlink: int = 0
    device: int = 0
    inode: int = 0
    problem: str = ""
    parent: tuple[int, int] = field(default=(0, 0), compare=False)
    in_repository: bool = field(default=False, compare=False)

    def is_still(self, other: Target) -> bool:
        """Say whether ``other``, found later, is the same thing in the same place.

        The parent of a missing file may have come into being meanwhile (two approved files of
        one new directory); the parent of an existing one has to be the same directory.
        """
        if self != other:
            return False
        return self.kind == "missing" or self.parent == other.parent


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the policy is told about an action's aim.

    ``to`` belongs to a rename; ``program`` (resolved, absolute) and ``cwd`` to ``execute``.
    ``program`` is empty when there is none; ``program_mark`` tells one file from another that
    took its place, or its text. ``named`` are the paths that a tool is asked for with: what it
    does to them is not known, and nothing is held of them.
    """

    target: Target | None = None
    to: Target | None = None
    cwd: Target | None = None
    program: str = ""
    program_mark: tuple[int, ...] = ()
    named: tuple[Target, ...] = ()

    def are_still(self, other: Facts) -> bool:
        """Say whether nothing of it has moved since; ``named`` is judged anew instead."""
        pairs = ((self.target, other.target), (self.to, other.to), (self.cwd, other.cwd))
        same = (self.program, self.program_mark) == (other.program, other.program_mark)
        return same and all(
            (a is None and b is None) or (a is not None and b is not None and a.is_still(b))
            for a, b in pairs
        )


@dataclass(frozen=True, slots=True)
class Places:
    """Concrete places that the policy has to know, as absolute canonical paths.

    ``never`` (state, configuration and runtime directories) are never written, ``unreadable``
    (keys, tokens) not even read; a directory stands for all below it. ``git_dirs`` are where
    git keeps this project's repository when that is not ``.git`` itself. ``on_runtimepath``:
    Neovim loads code from the project root. ``is_no_project``: the root is ``/`` or the home
    directory, where a rule for "files of the project" would mean everything there is.
    """

    never: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    git_dirs: tuple[str, ...] = ()
    on_runtimepath: bool = False
    is_no_project: bool = False
