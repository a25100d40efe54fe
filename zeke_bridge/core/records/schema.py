"""The tables of the usage book, and how an older book becomes a newer one.

``PRAGMA user_version`` counts the steps that were taken (https://sqlite.org/pragma.html). Steps
are only ever added. Each is one transaction, so a kill leaves either form.
"""

from __future__ import annotations

import sqlite3

from zeke_bridge.model.errors import StoreError

Step = tuple[str, ...]

# One row an answer, and sums by the quarter of an hour, of which every time zone's days are made.
_FIRST: Step = (
    """
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY,
        time REAL NOT NULL,
        request_id TEXT NOT NULL,
        client TEXT NOT NULL,
        project TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        task TEXT NOT NULL,
        reason TEXT NOT NULL,
        status TEXT NOT NULL,
        prompt_tokens INTEGER NOT NULL,
        completion_tokens INTEGER NOT NULL,
        total_tokens INTEGER NOT NULL,
        cached_tokens INTEGER NOT NULL,
        cache_write_tokens INTEGER NOT NULL,
        reasoning_tokens INTEGER NOT NULL,
        cost REAL NOT NULL,
        saved REAL NOT NULL,
        seconds REAL NOT NULL,
        first_token REAL,
        cached INTEGER NOT NULL,
        streamed INTEGER NOT NULL
    )
    """,
    "CREATE INDEX entries_by_time ON entries (time)",
    """
    CREATE TABLE quarters (
        start INTEGER NOT NULL,
        client TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        requests INTEGER NOT NULL,
        errors INTEGER NOT NULL,
        done INTEGER NOT NULL,
        done_seconds REAL NOT NULL,
        first INTEGER NOT NULL,
        first_seconds REAL NOT NULL,
        answered INTEGER NOT NULL,
        answered_seconds REAL NOT NULL,
        failed INTEGER NOT NULL,
        cost REAL NOT NULL,
        saved REAL NOT NULL,
        PRIMARY KEY (start, client, provider, model)
    ) WITHOUT ROWID
    """,
)
# Which questions were answered at a price that nobody knows: what they cost, or the cache saved.
_PRICED: Step = (
    "ALTER TABLE entries ADD COLUMN priced INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE quarters ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE quarters ADD COLUMN unpriced_saved INTEGER NOT NULL DEFAULT 0",
)
STEPS: tuple[Step, ...] = (_FIRST, _PRICED)


def migrate(database: sqlite3.Connection, steps: tuple[Step, ...] = STEPS) -> None:
    """Bring ``database`` (in autocommit mode) to the newest form.

    Raises:
        StoreError: it was written by a newer version.
        sqlite3.Error: it cannot be written.
    """
    while True:
        done = _version(database)
        if done == len(steps):
            return
        if done > len(steps):
            raise StoreError("it was written by a newer version: update, or move it away")
        # Another process may be about the same.
        database.execute("BEGIN IMMEDIATE")
        try:
            if _version(database) == done:
                for statement in steps[done]:
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {done + 1}")
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])
