"""Steps from an older form of the book to a newer one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from zeke_bridge.core.records.schema import STEPS, migrate
from zeke_bridge.model.errors import StoreError

ADDED = ("ALTER TABLE entries ADD COLUMN region TEXT NOT NULL DEFAULT ''",)
OLD_QUARTER = "0, '', 'p', 'm', 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 0"
BROKEN = ("CREATE TABLE half (id INTEGER)", "CREATE TABLE nonsense (")


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(":memory:", isolation_level=None)
    yield database
    database.close()


def version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def columns(database: sqlite3.Connection) -> list[str]:
    return [row[1] for row in database.execute("PRAGMA table_info (entries)")]


def test_an_empty_file_gets_all_tables(database: sqlite3.Connection) -> None:
    migrate(database)
    assert version(database) == len(STEPS)
    assert "request_id" in columns(database)


def test_nothing_that_was_asked_has_a_column(database: sqlite3.Connection) -> None:
    migrate(database)
    words = {"prompt", "messages", "content", "body", "text", "answer", "request"}
    assert not words & set(columns(database))


def test_to_take_all_steps_again_changes_nothing(database: sqlite3.Connection) -> None:
    migrate(database)
    database.execute(f"INSERT INTO quarters VALUES ({OLD_QUARTER}, 0, 0)")
    migrate(database)
    assert database.execute("SELECT count(*) FROM quarters").fetchone() == (1,)


def test_what_was_written_before_prices_could_be_unknown_is_priced(
    database: sqlite3.Connection,
) -> None:
    migrate(database, STEPS[:1])
    database.execute(f"INSERT INTO quarters VALUES ({OLD_QUARTER})")
    migrate(database)
    row = database.execute("SELECT cost, unpriced, unpriced_saved FROM quarters").fetchone()
    assert row == (1, 0, 0)
    assert "priced" in columns(database)


def test_only_the_steps_that_are_missing_are_taken(database: sqlite3.Connection) -> None:
    migrate(database)
    migrate(database, (*STEPS, ADDED))
    assert version(database) == len(STEPS) + 1
    assert "region" in columns(database)


def test_a_step_that_fails_leaves_nothing_behind(database: sqlite3.Connection) -> None:
    migrate(database)
    with pytest.raises(sqlite3.Error):
        migrate(database, (*STEPS, BROKEN))
    assert version(database) == len(STEPS)
    assert not database.execute("PRAGMA table_info (half)").fetchall()
    migrate(database, (*STEPS, ADDED))


def test_a_newer_file_is_left_alone(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer version"):
        migrate(database)
    assert not columns(database)
