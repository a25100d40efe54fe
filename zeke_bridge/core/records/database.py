"""A private SQLite file: opened, or put aside when it is damaged.

Does not know what is in its tables.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
import stat
from pathlib import Path

from zeke_bridge.core.records.schema import migrate
from zeke_bridge.model.errors import StoreError

_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_WAIT_S = 2.0
_BESIDE = ("", "-wal", "-shm")


def opened(path: Path | None) -> sqlite3.Connection:
    """The database at ``path``, in its newest form; None: one in memory.

    It is used by one thread at a time. Raises ``StoreError``, ``OSError`` or ``sqlite3.Error``.
    """
    if path is not None:
        _private(path)
    name = ":memory:" if path is None else str(path)
    database = sqlite3.connect(name, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        # A power cut may cost the last entries, not the file: https://sqlite.org/wal.html.
        database.execute("PRAGMA synchronous = NORMAL")
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def damaged(error: Exception) -> bool:
    """Whether ``error`` says that the file is no database, or not a whole one."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _CORRUPT


def put_aside(path: Path) -> Path:
    """Rename ``path`` so that another can be begun; returns where it is now. Raises ``OSError``."""
    names = (path.with_name(f"{path.name}.damaged-{number}") for number in itertools.count(1))
    aside = next(name for name in names if not os.path.lexists(name))
    for end in _BESIDE:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside


def _private(path: Path) -> None:
    """Make the file for its owner alone before SQLite does; its companions take its mode.

    A file that is there is not opened: to close it again would free the locks that another
    connection of this process holds (https://sqlite.org/howtocorrupt.html, 2.2).
    """
    # The one above too: it may be that of the broker, which wants it for itself alone.
    for directory in (path.parent.parent, path.parent):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid():
        raise StoreError("it is not a file of yours")
    if stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(0o600)
