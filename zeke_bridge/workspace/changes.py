"""Which files of a project are not as its last commit has them, and what they were.

Asked of git, which compares and shows nothing: what is in the files now is read by others, with
consent. To compare, git would run the filters that a repository names (gitattributes(5)); each is
switched off by its name, and where one cannot be, git is not asked. Blocks for some milliseconds,
so it belongs into a thread.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from zeke_bridge.model.errors import InputError
from zeke_bridge.workspace.quiet_git import ask

MOST_FILES = 500
_MOST_FILTERS = 64
_FILTER_KEYS = r"^filter\..*\.(clean|smudge|process|required)$"
_QUIET = (
    "diff",
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    # Git would ask each submodule, in the submodule's own configuration.
    "--ignore-submodules=all",
)
_UNTRACKED = ("ls-files", "--others", "--exclude-standard", "-z", "--")
_NO_DIFF = "there is no diff"
_UNKNOWN = "what changed is not known. `:ZekeAnalyze` alone looks at the file you are in"
_REGULAR = (b"100644", b"100755")
_MISSING = b"000000"


@dataclass(frozen=True, slots=True)
class Changed:
    """A plain file: ``was`` names what the commit has of it (empty: nothing)."""

    path: str
    was: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """Sorted by path. ``odd`` counts links and submodules; not ``whole``: there are more."""

    files: tuple[Changed, ...] = ()
    odd: int = 0
    whole: bool = True


def changes(root: str) -> Changes:
    """The tracked files of the project at ``root`` that differ from the commit at ``HEAD``.

    Raises ``InputError`` with a sentence when git cannot say.
    """
    return _tracked(root, _NO_DIFF)


def worked_on(root: str) -> Changes:
    """The same, and the files that git does not know yet and was not told to ignore."""
    tracked = _tracked(root, _UNKNOWN)
    said = ask(root, *_UNTRACKED)
    if said is None or said.status != 0:
        return replace(tracked, whole=False)
    fresh = _read_names(root, said.output, said.whole)
    files = {one.path: one for one in (*fresh.files, *tracked.files)}
    kept = tuple(files[path] for path in sorted(files)[:MOST_FILES])
    whole = tracked.whole and fresh.whole and len(kept) == len(files)
    return Changes(kept, tracked.odd + fresh.odd, whole)


def committed(root: str, blob: str, limit: int) -> bytes:
    """The content that ``changes`` named ``blob``. Raises ``InputError``, also over ``limit``."""
    if not blob:
        return b""
    said = ask(root, "cat-file", "blob", blob, most=limit)
    if said is None or said.status != 0:
        raise InputError("Git does not have what the file was before.")
    if not said.whole:
        raise InputError("What the file was before is too long.")
    return said.output


def _tracked(root: str, so: str) -> Changes:
    said = ask(root, *_without_filters(root, so), *_QUIET, "HEAD", "--")
    if said is None:
        raise InputError(f"Git is not installed or did not answer in time: {so}.")
    if said.status != 0:
        raise InputError(f"This is no git repository with a commit: {so}.")
    return _read(said.output, said.whole)


def _without_filters(root: str, so: str) -> tuple[str, ...]:
    """What to put before git's command so that no filter is run."""
    said = ask(root, "config", "-z", "--name-only", "--get-regexp", _FILTER_KEYS)
    if said is None:
        raise InputError(f"Git is not installed or did not answer in time: {so}.")
    if said.status not in (0, 1):
        raise InputError(f"This is no git repository with a commit: {so}.")
    keys = {os.fsdecode(key) for key in said.output.split(b"\0") if key}
    names = sorted({key.rpartition(".")[0] for key in keys})
    # `-c` takes everything up to the first `=` for the name.
    if (
        not said.whole
        or len(names) > _MOST_FILTERS
        or any(set(name) & {"=", "\n"} for name in names)
    ):
        raise InputError(f"This repository has filters that cannot be switched off: {so}.")
    return tuple(part for name in names for part in _switches(name))


def _switches(name: str) -> Iterator[str]:
    for key in ("clean=", "smudge=", "process=", "required=false"):
        yield from ("-c", f"{name}.{key}")


def _read(output: bytes, whole: bool) -> Changes:
    """Read ``:mode mode object object status NUL path NUL`` (git-diff-index(1))."""
    parts = output.split(b"\0")
    found: dict[str, Changed] = {}
    odd = 0
    for head, name in zip(parts[0:-1:2], parts[1:-1:2], strict=False):
        before, after, blob, _, _ = head.removeprefix(b":").split(b" ")
        modes = {before, after} - {_MISSING}
        if not modes.issubset(_REGULAR) or len(found) >= MOST_FILES:
            odd += not modes.issubset(_REGULAR)
            whole = whole and len(found) < MOST_FILES
            continue
        path = os.fsdecode(name)
        was = "" if before == _MISSING else blob.decode("ascii")
        found[path] = Changed(path, was, after == _MISSING)
    return Changes(tuple(found[path] for path in sorted(found)), odd, whole)


def _read_names(root: str, output: bytes, whole: bool) -> Changes:
    """Read names that each end in NUL; a repository inside ends in a slash (git-ls-files(1))."""
    found: list[Changed] = []
    odd = 0
    for name in output.split(b"\0")[:-1]:
        if len(found) >= MOST_FILES:
            whole = False
            break
        path = os.fsdecode(name)
        if _is_file(Path(root, path)):
            found.append(Changed(path, ""))
        else:
            odd += 1
    return Changes(tuple(found), odd, whole)


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
