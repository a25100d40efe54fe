"""From the literal path of an action to what it really is, starting at a handle of the root.

``Resolver.look`` gives facts for the policy, ``Resolver.hold`` the same with the open handles
that a permit keeps. The quick way asks the kernel for a directory below the root without links;
whatever that refuses is walked by hand. Judges nothing: a path that cannot be resolved is a fact
(``Target.problem``) as well.
"""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from zeke_bridge.model.action import FILE_OPS, Action, Op
from zeke_bridge.model.target import Facts, Kind, Places, Target
from zeke_bridge.warden.form import path_problem
from zeke_bridge.warden.lists import CONSENT_FILE
from zeke_bridge.warden.spelling import fold
from zeke_bridge.workspace.files.beneath import DIRECTORY, listed, open_beneath, open_stepwise
from zeke_bridge.workspace.files.mounts import shows_kernel
from zeke_bridge.workspace.files.names import is_strict
from zeke_bridge.workspace.files.own import Identity, Own
from zeke_bridge.workspace.files.repository import in_repository
from zeke_bridge.workspace.files.walk import Place, Walk, WalkError
from zeke_bridge.workspace.process.program import find_program

# An old kernel has no ``openat2``; a sandbox may forbid it.
_NO_KERNEL = (errno.ENOSYS, errno.EPERM)


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
        self._never = Own(places.never)
        self._unreadable = Own(places.unreadable)
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
            if action.op is not Op.READ:
                target, to = _marked(target), to and _marked(to)
            return Facts(target=target, to=to), Held(spots)
        if action.op is Op.EXECUTE:
            cwd, spot = self.resolve(action.root, action.cwd or ".")
            name = action.argv[0] if action.argv and not cwd.problem else ""
            program = find_program(name, cwd.absolute, action.root, os.environ)
            facts = Facts(cwd=cwd, program=program.path, program_mark=program.mark)
            return facts, Held([spot] if spot else [])
        return Facts(named=self._named(action)), Held([])

    def _named(self, action: Action) -> tuple[Target, ...]:
        found = []
        for path in action.names:
            target, spot = self.resolve(action.root, path)
            if spot is not None:
                spot.close()
            found.append(_marked(target))
        return tuple(found)

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
        except ValueError:
            return Target(path=path, problem="The project directory has no proper name."), None

    def _resolve(self, root: Root, path: str, follow_leaf: bool) -> tuple[Target, Spot]:
        spoken = _relative(root, path)
        names = [name for name in spoken.split("/") if name not in ("", ".")]
        plain = not spoken.startswith("/") and ".." not in names
        if plain and names and not spoken.endswith(("/", "/.")):
            quick = self._quick(root, names)
            if quick is not None:
                return self._finish(root, quick, spoken)
        start = "/" if spoken.startswith("/") else root.real
        place = Walk(root.identity, follow_leaf).run(spoken, start)
        return self._finish(root, place, spoken)

    def _quick(self, root: Root, names: list[str]) -> Place | None:
        """Reach a file or a missing name below the root without links; None: walk instead."""
        try:
            parent, depth = self._deepest(root, names[:-1])
        except OSError:
            return None
        place = None
        with contextlib.suppress(OSError):
            place = _quick_place(root, parent, names, depth)
        if place is None:
            os.close(parent)
        return place

    def _deepest(self, root: Root, directories: list[str]) -> tuple[int, int]:
        """Open the deepest of ``directories`` that exists, and say how many were gone down."""
        for depth in range(len(directories), 0, -1):
            with contextlib.suppress(FileNotFoundError):
                return self._open(root.handle, directories[:depth]), depth
        return os.dup(root.handle), 0

    def _open(self, start: int, names: Sequence[str]) -> int:
        if self._kernel:
            try:
                return open_beneath(start, "/".join(names))
            except OSError as error:
                if error.errno not in _NO_KERNEL:
                    raise
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
            kernel=_in_kernel(root, place, absolute, leaf),
            never=_meets(place, leaf, self._never) or _is_consent_file(root, place, leaf),
            unreadable=_meets(place, leaf, self._unreadable),
            nlink=status.st_nlink if status is not None else 0,
            device=leaf[0],
            inode=leaf[1],
            problem=path_problem(absolute),
            parent=place.identity,
        )


def _marked(target: Target) -> Target:
    """Add whether git keeps a repository there."""
    if target.problem or not target.inside:
        return target
    root = target.absolute.removesuffix(f"/{target.path}") or "/"
    found = in_repository(target.absolute, root)
    return replace(target, in_repository=True) if found else target


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


def _in_kernel(root: Root, place: Place, absolute: str, leaf: Identity) -> bool:
    top = absolute.split("/", 3)[1:3]
    if place.through_kernel or top[0] in ("proc", "sys"):
        return True
    if top[0] == "dev" and not (root.in_shared_memory and top[1:] == ["shm"]):
        return True
    # The same can be mounted anywhere; what shares the root's device is not that.
    devices = {place.identity[0], leaf[0]} if place.status is not None else {place.identity[0]}
    return devices != {root.identity[0]} and shows_kernel(place.parent, place.leaf, leaf[0])


def _quick_place(root: Root, parent: int, names: list[str], depth: int) -> Place | None:
    """Say what is at ``names``, of which ``depth`` were gone down to the open ``parent``."""
    following = names[depth]
    found = os.fstat(parent)
    status: os.stat_result | None = None
    with contextlib.suppress(FileNotFoundError):
        status = os.stat(following, dir_fd=parent, follow_symlinks=False)
    wanted = status is None or (depth == len(names) - 1 and not _has_more(status))
    there = names[:depth] if status is None else names
    if not wanted or found.st_dev != root.identity[0] or not is_strict(root.handle, there):
        return None
    above = root.real.strip("/")
    return Place(
        parent=parent,
        identity=(found.st_dev, found.st_ino),
        names=(*(above.split("/") if above else ()), *names[:depth]),
        missing=tuple(names[depth:-1]),
        leaf=names[-1],
        status=status,
        below_root=depth,
        through_kernel=above.startswith(("proc/", "sys/")),
    )


def _has_more(status: os.stat_result) -> bool:
    """Say whether it leads on: a link or a directory."""
    return stat.S_ISLNK(status.st_mode) or stat.S_ISDIR(status.st_mode)


def _meets(place: Place, leaf: Identity, own: Own) -> bool:
    """Say whether something on the way, or the file itself, is among the user's own places."""
    known = own.identities()
    if place.identity in known or (place.status is not None and leaf in known):
        return True
    return not place.identities.isdisjoint(known)


def _is_consent_file(root: Root, place: Place, leaf: Identity) -> bool:
    """Say whether it is, under another name, the consent file or one that begins like it."""
    if place.status is None:
        return False
    names = [CONSENT_FILE]
    if place.status.st_nlink > 1:
        names = [name for name in listed(root.handle) if fold(name).startswith(CONSENT_FILE)]
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            found = os.stat(name, dir_fd=root.handle, follow_symlinks=False)
            if (found.st_dev, found.st_ino) == leaf:
                return True
    return False
