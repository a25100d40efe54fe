"""From the literal path of an action to what it really is, starting at a handle of the root.

``Resolver.look`` gives facts for the policy, ``Resolver.hold`` the same with the open handles
that a permit keeps. The quick way asks the kernel for a directory below the root without links;
whatever that refuses is walked by hand. Judges nothing: a path that cannot be resolved is a fact
(``Target.problem``) as well.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zeke_bridge.model.action import FILE_OPS, Action, Op
from zeke_bridge.model.target import Facts, Kind, Places, Target
from zeke_bridge.warden.form import path_problem
from zeke_bridge.warden.lists import CONSENT_FILE
from zeke_bridge.workspace.files.beneath import DIRECTORY, open_beneath, open_stepwise
from zeke_bridge.workspace.files.walk import Place, Walk, WalkError

Identity = tuple[int, int]

# Enough for state, configuration and runtime directories; a bigger one is cut, not waited for.
_MAX_LISTED = 2000


@dataclass(slots=True)
class Spot:
    """A place held open: ``leaf`` in the directory ``parent``, or in ``missing`` below that."""

    parent: int
    leaf: str
    missing: tuple[str, ...] = ()

    def close(self) -> None:
        """Let go of the directory; calling twice is harmless."""
        if self.parent >= 0:
            os.close(self.parent)
            self.parent = -1


@dataclass(frozen=True, slots=True)
class Root:
    """The project directory, open."""

    handle: int
    given: str
    real: str
    identity: Identity

    @property
    def in_shared_memory(self) -> bool:
        """Whether the project itself lives in /dev/shm, which holds ordinary files."""
        return self.real.startswith("/dev/shm/")  # noqa: S108 - a comparison


class Held:
    """What a permit keeps: one open spot for each path of the action."""

    __slots__ = ("spots",)

    def __init__(self, spots: Sequence[Spot]) -> None:
        self.spots = tuple(spots)

    def close(self) -> None:
        """Let go of all of them."""
        for spot in self.spots:
            spot.close()


class Resolver:
    """``places``: whose devices and inodes are recognised under any other name.

    ``kernel``: ask ``openat2``; without it, or where there is none, go component by component.
    """

    def __init__(self, places: Places = Places(), *, kernel: bool = True) -> None:  # noqa: B008
        self._places = places
        self._kernel = kernel

    def look(self, action: Action) -> Facts:
        """Return what is known of the aim of ``action``. Nothing stays open."""
        facts, held = self.hold(action)
        held.close()
        return facts

    def hold(self, action: Action) -> tuple[Facts, Held]:
        """Return the facts, and handles that the caller closes."""
        if action.op in FILE_OPS:
            # Deleting and renaming act on the entry itself, not on what a link points to.
            follow = action.op not in (Op.DELETE, Op.RENAME)
            target, spot = self.resolve(action.root, action.path, follow_leaf=follow)
            spots = [spot] if spot else []
            to: Target | None = None
            if action.op is Op.RENAME:
                to, spot = self.resolve(action.root, action.to, follow_leaf=False)
                spots += [spot] if spot else []
            return Facts(target=target, to=to), Held(spots)
        if action.op is Op.EXECUTE:
            cwd, spot = self.resolve(action.root, action.cwd or ".")
            return Facts(cwd=cwd), Held([spot] if spot else [])
        return Facts(), Held([])

    def resolve(
        self, root: str, path: str, *, follow_leaf: bool = True
    ) -> tuple[Target, Spot | None]:
        """Resolve one literal path; the spot, when there is one, is the caller's to close."""
        problem = path_problem(path)
        if problem:
            return Target(path=path, problem=problem), None
        try:
            with _open_root(root) as opened:
                return self._resolve(opened, path, follow_leaf)
        except WalkError as error:
            return Target(path=path, problem=str(error)), None
        except OSError as error:
            sentence = f"The project directory cannot be opened: {error.strerror}."
            return Target(path=path, problem=sentence), None

    def _resolve(self, root: Root, path: str, follow_leaf: bool) -> tuple[Target, Spot]:
        spoken = _relative(root, path)
        names = [name for name in spoken.split("/") if name not in ("", ".")]
        plain = not spoken.startswith("/") and ".." not in names
        if plain and names and not spoken.endswith(("/", "/.")):
            quick = self._quick(root, names)
            if quick is not None:
                return self._finish(root, quick, spoken)
        whole = spoken if spoken.startswith("/") else f"{root.real}/{spoken}"
        place = Walk(root.identity, follow_leaf).run(whole)
        return self._finish(root, place, spoken)

    def _quick(self, root: Root, names: list[str]) -> Place | None:
        """Reach a file or a missing name below the root without links; None: walk instead."""
        *directories, leaf = names
        try:
            parent = self._open(root.handle, directories)
        except OSError:
            return None
        try:
            found = os.fstat(parent)
            status: os.stat_result | None = None
            with contextlib.suppress(FileNotFoundError):
                status = os.stat(leaf, dir_fd=parent, follow_symlinks=False)
        except OSError:
            os.close(parent)
            return None
        special = status is not None and (
            stat.S_ISLNK(status.st_mode) or stat.S_ISDIR(status.st_mode)
        )
        if special or found.st_dev != root.identity[0]:
            os.close(parent)
            return None
        above = root.real.strip("/")
        return Place(
            parent=parent,
            identity=(found.st_dev, found.st_ino),
            names=(*(above.split("/") if above else ()), *directories),
            leaf=leaf,
            status=status,
            below_root=len(directories),
            through_kernel=above.startswith(("proc/", "sys/")),
        )

    def _open(self, start: int, names: Sequence[str]) -> int:
        if not names:
            return os.dup(start)
        if self._kernel:
            with contextlib.suppress(OSError):
                return open_beneath(start, "/".join(names))
        return open_stepwise(start, names)

    def _finish(self, root: Root, place: Place, spoken: str) -> tuple[Target, Spot]:
        spot = Spot(place.parent, place.leaf, place.missing)
        try:
            return self._target(root, place, spoken), spot
        except BaseException:
            spot.close()
            raise

    def _target(self, root: Root, place: Place, spoken: str) -> Target:
        status = place.status
        tail = (*place.missing, place.leaf) if place.leaf else ()
        absolute = "/" + "/".join((*place.names, *tail))
        path = absolute
        if place.below_root is not None:
            below = place.names[len(place.names) - place.below_root :]
            path = "/".join((*below, *tail)) or "."
        spellings = {spoken, posixpath.normpath(spoken)} - {path}
        leaf = (status.st_dev, status.st_ino) if status is not None else (0, 0)
        return Target(
            path=path,
            absolute=absolute,
            inside=place.below_root is not None,
            kind=_kind(place),
            spellings=tuple(sorted(spellings)),
            left_root=place.left_root,
            kernel=place.through_kernel or _in_kernel(root, absolute),
            never=self._meets(place, leaf, (f"{root.real}/{CONSENT_FILE}", *self._places.never)),
            unreadable=self._meets(place, leaf, self._places.unreadable),
            nlink=status.st_nlink if status is not None else 0,
            device=leaf[0],
            inode=leaf[1],
            problem=path_problem(absolute),
            parent=place.identity,
        )

    @staticmethod
    def _meets(place: Place, leaf: Identity, listed: Sequence[str]) -> bool:
        """Say whether something on the way, or the file itself, is one of ``listed``."""
        several = place.status is not None and place.status.st_nlink > 1
        # Reached without a link or a mount and with one name only, a file is what its path
        # says, and the policy looks at that.
        if not place.identities and not several:
            return False
        passed = place.identities | ({leaf} if place.status is not None else set())
        if not passed.isdisjoint(_identities(listed)):
            return True
        return several and leaf in _below(listed)


@contextmanager
def _open_root(path: str) -> Iterator[Root]:
    if not path.startswith("/"):
        raise WalkError("The project directory is not an absolute path.")
    handle = os.open(path, DIRECTORY & ~os.O_NOFOLLOW)
    try:
        found = os.fstat(handle)
        identity = (found.st_dev, found.st_ino)
        real = _real_path(handle, path)
        again = os.stat(real)  # noqa: PTH116 - each decision comes here; a Path costs more
        if (again.st_dev, again.st_ino) != identity:
            raise WalkError("The project directory is being moved right now.")
        yield Root(handle, path, real, identity)
    finally:
        os.close(handle)


def _real_path(handle: int, path: str) -> str:
    try:
        # One call instead of one for each component.
        return os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115 - as above
    except OSError:
        return os.path.realpath(path)


def _relative(root: Root, path: str) -> str:
    """Take the root off an absolute path that is spelled below it; whole components only."""
    if not path.startswith("/"):
        return path
    parts = [part for part in path.split("/") if part not in ("", ".")]
    for base in (root.given, root.real):
        above = [part for part in base.split("/") if part not in ("", ".")]
        if ".." not in parts and parts[: len(above)] == above:
            rest = "/".join(parts[len(above) :]) or "."
            return rest + "/" if path.endswith("/") else rest
    return path


def _kind(place: Place) -> Kind:
    if not place.leaf:
        return "directory"
    if place.status is None:
        return "missing"
    if stat.S_ISREG(place.status.st_mode):
        return "regular"
    return "link" if stat.S_ISLNK(place.status.st_mode) else "other"


def _in_kernel(root: Root, absolute: str) -> bool:
    top = absolute.split("/", 3)[1:3]
    if top[0] == "dev":
        return not (root.in_shared_memory and top[1:] == ["shm"])
    return top[0] in ("proc", "sys")


def _identities(paths: Sequence[str]) -> Iterator[Identity]:
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            found = Path(path).lstat()
            yield found.st_dev, found.st_ino


def _below(places: Sequence[str]) -> Iterator[Identity]:
    """Every file below the never-listed directories, up to a limit."""
    left = _MAX_LISTED
    for place in places:
        for folder, _, files in os.walk(place):
            for name in files:
                if left == 0:
                    return
                left -= 1
                yield from _identities((str(Path(folder) / name),))
