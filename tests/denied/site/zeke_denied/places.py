"""Where something is, and whether it is a place that Zeke keeps for itself.

By ``os.path`` alone: this runs inside whatever opens a file, where it is best to be brief.
"""

# ruff: noqa: PTH109, PTH115, PTH118, PTH120

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Any

Where = int | None
"""The handle of a directory; -1 and None are none."""
_OWN = (
    "ZEKE_RUNTIME_DIR", "ZEKE_STATE_DIR", "ZEKE_CONFIG_DIR", "ZEKE_CACHE_DIR",
    "GHOSTLLM_CONFIG_DIR", "GHOSTLLM_STATE_DIR",
)  # fmt: skip
_HOMES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
_UNDER_HOME = (".config", ".cache", ".local/share", ".local/state")


def resolved(path: Any, where: Where = None) -> str:
    """The absolute path that ``path`` names, with no link before its last part; empty: none."""
    if isinstance(path, int):
        return _of_handle(path)
    if not isinstance(path, (str, bytes, os.PathLike)):
        return ""
    name = os.fsdecode(path)
    start = _of_handle(where) if where is not None and where >= 0 else os.getcwd()
    parent, leaf = os.path.split(os.path.join(start, name))
    return os.path.normpath(os.path.join(os.path.realpath(parent), leaf))


def _of_handle(handle: int) -> str:
    """What a handle is open on; a file without a name is in a directory all the same."""
    try:
        found = os.readlink(f"/proc/self/fd/{handle}")
    except OSError:
        return f"handle {handle}"
    return found if found.startswith("/") else ""


def is_own(path: str) -> bool:
    """Whether nothing that an agent or a model wants ever is at this absolute path.

    These are Zeke's own directories, what Python compiles, devices, and what stands in the directory
    for temporary files itself: no project is that directory.
    """
    if path.startswith(("/dev/", "/proc/", "/memfd:")) or "__pycache__" in path.split("/"):
        return True
    # ``tempfile`` cannot be asked: it may be what holds the lock that it would want.
    temporary = os.path.realpath(os.environ.get("TMPDIR", "/tmp"))
    if temporary in (path, os.path.dirname(path)):
        return True
    return any(PurePath(path).is_relative_to(own) for own in _own_places())


def leads_to_own(directory: str) -> bool:
    """Whether one of Zeke's own directories is below this one."""
    return any(PurePath(own).is_relative_to(directory) for own in _own_places())


def _own_places() -> list[str]:
    environ = os.environ
    found = [environ[name] for name in _OWN if environ.get(name)]
    homes = [environ[name] for name in _HOMES if environ.get(name)]
    if home := environ.get("HOME"):
        homes += [os.path.join(home, under) for under in _UNDER_HOME]
    found += [os.path.join(place, name) for place in homes for name in ("zeke", "ghostllm")]
    return [os.path.realpath(place) for place in found]
