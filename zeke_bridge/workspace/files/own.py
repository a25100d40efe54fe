"""The user's own places by what they are: the device and inode of all that is at or below them.

A hard link, a bind mount or a link in those places gives a file a name that no list of paths
knows. What was found is kept while the directories stand as they did. Judges nothing.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Sequence

from zeke_bridge.workspace.files.walk import WalkError

Identity = tuple[int, int]

# A directory cannot be searched in part: over this, nothing is said to be safe.
_MAX_ENTRIES = 50_000
# Within the clock's grain a directory can change again and bear the same time (2 s on FAT). A
# time with digits below 10 ms is of a finer clock, which is the kernel's: it ticks every 10 ms.
_GRAIN_NS = 2_500_000_000
_FINE_GRAIN_NS = 100_000_000
_FINE_NS = 10_000_000

_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)

_Stamp = tuple[int, int, int] | None


class Own:
    """``places``: absolute paths; a directory stands for all below it, through links as well."""

    def __init__(self, places: Sequence[str]) -> None:
        self._places = tuple(places)
        self._known: frozenset[Identity] = frozenset()
        self._stamps: dict[str, _Stamp] | None = None

    def identities(self) -> frozenset[Identity]:
        """Return the devices and inodes.

        Raises:
            WalkError: there are too many, or a directory cannot be listed.
        """
        stamps = self._stamps
        if stamps is not None and list(map(_stamp, stamps)) == list(stamps.values()):
            return self._known
        started = time.time_ns()
        search = _Search()
        for place in self._places:
            search.add(place)
        self._known = frozenset(search.found)
        settled = search.settled < started
        self._stamps = search.stamps if settled else None
        return self._known


class _Search:
    """One look at everything."""

    def __init__(self) -> None:
        self.found: set[Identity] = set()
        self.stamps: dict[str, _Stamp] = {}
        self.settled = 0
        """From when (ns) on a further change of any directory would show in its time."""
        self._listed: set[Identity] = set()

    def add(self, place: str) -> None:
        pending = [place]
        while pending:
            path = pending.pop()
            try:
                pending += self._look(path, is_place=path == place)
            except OSError as error:
                if error.errno not in _ABSENT:
                    sentence = f"Zeke's own {path} cannot be looked at: {error.strerror}."
                    raise WalkError(sentence) from error
                self.stamps[path] = None

    def _look(self, path: str, *, is_place: bool) -> list[str]:
        """Note what ``path`` is; the entries of a directory come back."""
        found = os.lstat(path)
        self._note(found)
        if stat.S_ISLNK(found.st_mode):
            found = os.stat(path)  # noqa: PTH116 - as everywhere here, there may be many
            self._note(found)
            is_place = True
        if stat.S_ISDIR(found.st_mode):
            return self._list(path, found)
        if is_place:
            # Replacing it does not show in a directory that is listed.
            self.stamps[path] = _stamp_of(found)
        return []

    def _list(self, path: str, found: os.stat_result) -> list[str]:
        # Before the list, so that what changes meanwhile is seen the next time.
        self.stamps[path] = _stamp_of(found)
        changed = found.st_ctime_ns
        self.settled = max(self.settled, changed + _grain(changed))
        if (found.st_dev, found.st_ino) in self._listed:
            return []
        self._listed.add((found.st_dev, found.st_ino))
        return [f"{path}/{name}" for name in os.listdir(path)]  # noqa: PTH208

    def _note(self, found: os.stat_result) -> None:
        self.found.add((found.st_dev, found.st_ino))
        if len(self.found) > _MAX_ENTRIES:
            raise WalkError(
                "Zeke's own directories hold too many files to compare with; remove old ones."
            )


def _grain(time_ns: int) -> int:
    """Return for how long (ns) two changes of what bears ``time_ns`` may look like one."""
    return _FINE_GRAIN_NS if time_ns % _FINE_NS else _GRAIN_NS


def _stamp(path: str) -> _Stamp:
    try:
        return _stamp_of(os.stat(path))  # noqa: PTH116 - each decision comes here
    except OSError as error:
        return None if error.errno in _ABSENT else (-1, -1, -1)


def _stamp_of(found: os.stat_result) -> _Stamp:
    changed = found.st_ctime_ns if stat.S_ISDIR(found.st_mode) else 0
    return found.st_dev, found.st_ino, changed
