"""Which file a command's first word means, on a PATH that the project has no part in.

Judges nothing: a program that is not found is an empty name. Does not run anything.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Identity = tuple[int, int]

# Where programs are on every system, should the person's PATH not say so.
_SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin")
_MAX_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class Program:
    """``path`` is canonical, empty when there is no such program.

    ``mark`` changes when another file takes its place or its text is changed.
    """

    path: str = ""
    mark: tuple[int, ...] = ()


def find_program(name: str, directory: str, root: str, environ: Mapping[str, str]) -> Program:
    """Return the program that ``name`` means in ``directory`` of the project ``root``.

    With a slash it is a path from ``directory``; without one it is looked for on ``clean_path``,
    and a link there that leads into the project is passed over.
    """
    if not name or "\0" in name:
        return Program()
    if "/" in name:
        return _program(f"{directory}/{name}" if not name.startswith("/") else name)
    project = _identity(root)
    if project is None or name in (".", ".."):
        return Program()
    for entry in _entries(environ):
        # Most directories do not have it; to look at each of them closely takes a millisecond.
        if os.access(f"{entry}/{name}", os.X_OK):
            folder = _folder(entry, project)
            found = _program(f"{folder}/{name}") if folder else Program()
            if found.path and not _is_below(found.path, project):
                return found
    return Program()


def clean_path(root: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the directories of PATH that are used, canonical, then the system's own.

    Left out: what is empty, relative, missing, writable by everybody, or in the project, whatever
    it is called there.
    """
    project = _identity(root)
    if project is None:
        return ()
    folders = [_folder(entry, project) for entry in _entries(environ)]
    return tuple(dict.fromkeys(folder for folder in folders if folder))


def _entries(environ: Mapping[str, str]) -> Iterator[str]:
    """What PATH lists and the system has; never the working directory, by whatever spelling."""
    for entry in (*environ.get("PATH", "").split(os.pathsep)[:_MAX_ENTRIES], *_SYSTEM):
        if entry.startswith("/"):
            yield entry


def _folder(entry: str, project: Identity) -> str:
    """Return the canonical directory that ``entry`` is, or nothing when it is not to be used."""
    path = os.path.realpath(entry)
    try:
        found = os.stat(path)  # noqa: PTH116 - each decision comes here; a Path costs more
    except (OSError, ValueError):
        return ""
    fits = stat.S_ISDIR(found.st_mode) and not found.st_mode & stat.S_IWOTH
    return path if fits and not _is_below(path, project) else ""


def _is_below(path: str, project: Identity) -> bool:
    """Say whether ``path`` (canonical) is the project or in it, by device and inode."""
    while True:
        if _identity(path) == project:
            return True
        if path == "/":
            return False
        path = path.rpartition("/")[0] or "/"


def _program(path: str) -> Program:
    try:
        real = os.path.realpath(path, strict=True)
        found = os.stat(real)  # noqa: PTH116 - as above
    except (OSError, ValueError):
        return Program()
    fits = stat.S_ISREG(found.st_mode) and os.access(real, os.X_OK)
    if not fits or not _is_text(real):
        return Program()
    mark = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    return Program(real, mark)


def _is_text(path: str) -> bool:
    """Say whether a grant and a prompt can name it: a path of UTF-8."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _identity(path: str) -> Identity | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - as above
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
