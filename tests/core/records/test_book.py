"""The usage book on a disk that may be full, locked, damaged or shared."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.core.records.entries import NOON, Clock, entry
from tests.fakes.patience import patience
from zeke_bridge.core.records import book as book_module
from zeke_bridge.core.records import database as database_module
from zeke_bridge.core.records.book import UsageBook
from zeke_bridge.core.records.spent import Spent
from zeke_bridge.model.errors import StoreError
from zeke_bridge.model.exchange import Usage

DAY = 86400.0
pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _utc(zone: Callable[[str], None]) -> None:
    zone("UTC")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "_WAIT_S", 0.05)
    monkeypatch.setattr(book_module, "_LOOK_S", 60)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "usage.db"


@pytest.fixture
def open_book(path: Path, clock: Clock) -> Iterator[Callable[..., UsageBook]]:
    with contextlib.ExitStack() as stack:

        def opened(where: Path | None = path) -> UsageBook:
            book = UsageBook(where, clock)
            stack.callback(book.close)
            return book

        yield opened


@pytest.fixture
async def book(open_book: Callable[..., UsageBook]) -> UsageBook:
    return open_book()


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


async def test_what_is_recorded_is_in_the_file(book: UsageBook, path: Path) -> None:
    recorded = entry(first_token=None, cached=True, saved=0.5, usage=Usage(1, 2, 3, 4, 5, 6))
    book.record(recorded)
    assert await book.recent(5) == [recorded]
    book.close()
    assert rows(path, "SELECT cost, cached, reasoning_tokens FROM entries") == [(0.25, 1, 6)]


async def test_the_file_is_private(book: UsageBook, path: Path) -> None:
    book.record(entry())
    await book.recent(1)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    found = sorted(path.parent.iterdir())
    assert path in found
    assert {stat.S_IMODE(one.stat().st_mode) for one in found} == {0o600}


async def test_a_file_that_others_could_read_is_closed_to_them(
    path: Path, open_book: Callable[..., UsageBook]
) -> None:
    open_book().close()
    path.chmod(0o644)
    open_book()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_spent_counts_at_once_and_after_a_restart(
    book: UsageBook, open_book: Callable[..., UsageBook]
) -> None:
    book.record(entry(cost=1.0))
    book.record(entry(cost=2.0, client="key-1"))
    assert book.spent(NOON) == Spent(3.0, 3.0, 3.0)
    assert book.spent_by("key-1", NOON) == Spent(2.0, 2.0, 2.0)
    book.close()
    again = open_book()
    assert again.spent(NOON) == Spent(3.0, 3.0, 3.0)
    assert again.spent_by("key-1", NOON + 3600) == Spent(0.0, 2.0, 2.0)


async def test_the_newest_come_first(book: UsageBook) -> None:
    for number in range(30):
        book.record(entry(request_id=f"zk-{number}"))
    assert [one.request_id for one in await book.recent(3)] == ["zk-29", "zk-28", "zk-27"]


async def test_what_is_too_old_is_dropped_at_start(
    book: UsageBook, open_book: Callable[..., UsageBook], clock: Clock
) -> None:
    book.record(entry(time=NOON - 401 * DAY, request_id="old"))
    book.record(entry(time=NOON - 399 * DAY, request_id="young"))
    await book.recent(1)
    book.close()
    again = open_book()
    assert [one.request_id for one in await again.recent(9)] == ["young"]
    assert (await again.report(NOON)).requests.total == 1


async def test_in_memory_old_entries_go_and_sums_stay(
    open_book: Callable[..., UsageBook], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_module, "KEPT_IN_MEMORY", 10)
    book = open_book(None)
    for _ in range(25):
        book.record(entry(cost=1.0))
    assert len(await book.recent(100)) == 10
    assert book.spent(NOON).day == 25.0
    assert (await book.report(NOON)).requests.total == 25


async def test_recording_does_not_wait_for_the_disk(book: UsageBook, path: Path) -> None:
    go = threading.Event()
    held = book._thread.submit(go.wait, 60)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for _ in range(1000):
            book.record(entry(cost=0.001))
        # Until now nobody could have written any of it.
        assert not held.done()
        assert book.spent(NOON).day == pytest.approx(1.0)
        other.execute("ROLLBACK")
    go.set()


async def test_a_locked_file_loses_records_with_one_line_and_no_money(
    book: UsageBook, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            book.record(entry(cost=1.0))
            await book.recent(1)
        assert [line.levelno for line in caplog.records] == [logging.ERROR]
        assert "lost" in caplog.text
        other.execute("ROLLBACK")
    book.record(entry(cost=1.0))
    assert len(await book.recent(9)) == 1
    assert "again" in caplog.text
    assert book.spent(NOON).day == 4.0


async def test_a_full_disk_loses_records_and_no_money(
    book: UsageBook, caplog: pytest.LogCaptureFixture
) -> None:
    pages = book._database.execute("PRAGMA page_count").fetchone()[0]
    book._database.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(500):
        book.record(entry(cost=1.0, reason=f"{number} " * 100))
        await book.recent(0)
        if caplog.records:
            break
    assert "full" in str(caplog.records[0].__dict__["fields"])
    book.record(entry(cost=1.0, reason="too much " * 100))
    await book.recent(0)
    assert len(caplog.records) == 1
    assert book.spent(NOON).day == number + 2


@pytest.mark.parametrize("content", [b"this is no database at all, " * 99, b"\x00" * 5000])
async def test_a_damaged_file_is_put_aside(
    content: bytes,
    path: Path,
    open_book: Callable[..., UsageBook],
    caplog: pytest.LogCaptureFixture,
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    book = open_book()
    book.record(entry())
    assert len(await book.recent(9)) == 1
    assert path.with_name("usage.db.damaged-1").read_bytes() == content
    assert len(caplog.records) == 1


async def test_a_file_that_is_damaged_meanwhile_is_put_aside_with_no_money_lost(
    book: UsageBook, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    book.record(entry(cost=1.0))
    await book.recent(1)
    book._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.write(b"nonsense" * 2000)
    # Another connection, so that nothing of the file is remembered.
    book._database.close()
    book._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    book.record(entry(cost=2.0))
    assert [one.cost for one in await book.recent(9)] == [2.0]
    assert book.spent(NOON) == Spent(3.0, 3.0, 3.0)
    assert path.with_name("usage.db.damaged-1").exists()
    assert len(caplog.records) == 1
    other = UsageBook(path, Clock())
    other.record(entry(cost=4.0))
    other.close()
    book.record(entry(cost=8.0))
    await book.recent(1)
    assert book.spent(NOON).day == 15.0


@pytest.mark.parametrize("kind", ["newer", "directory", "link", "foreign"])
async def test_a_file_that_cannot_be_used_is_left_alone(
    kind: str,
    path: Path,
    open_book: Callable[..., UsageBook],
    caplog: pytest.LogCaptureFixture,
) -> None:
    path.parent.mkdir()
    if kind == "directory":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(path.with_name("elsewhere"))
    else:
        with contextlib.closing(sqlite3.connect(path)) as database:
            version = 99 if kind == "newer" else 1
            database.execute(f"PRAGMA user_version = {version}")
    book = open_book()
    book.record(entry())
    assert len(await book.recent(9)) == 1
    assert [line.message for line in caplog.records] == ["the usage book is kept in memory only"]
    assert not path.with_name("elsewhere").exists()


async def test_two_processes_share_what_is_spent(
    book: UsageBook, open_book: Callable[..., UsageBook]
) -> None:
    other = open_book()
    book.record(entry(cost=1.0))
    await book.recent(1)
    other.record(entry(cost=2.0))
    await other.recent(1)
    assert other.spent(NOON).day == 3.0
    book.record(entry(cost=4.0, client="key-1"))
    await book.recent(1)
    assert book.spent(NOON) == Spent(7.0, 7.0, 7.0)
    assert book.spent_by("key-1", NOON).day == 4.0


async def test_what_another_process_spent_counts_before_anything_is_asked_here(
    book: UsageBook, open_book: Callable[..., UsageBook]
) -> None:
    other = open_book()
    other.record(entry(cost=2.0))
    await other.recent(1)
    await book.look()
    assert book.spent(NOON).day == 2.0
    other.record(entry(cost=1.0))
    await other.recent(1)
    await book.report(NOON)
    assert book.spent(NOON).day == 3.0


async def test_a_slow_disk_or_a_closed_book_holds_nobody_up(
    book: UsageBook, open_book: Callable[..., UsageBook], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_module, "_LOOK_S", 0.01)
    go = threading.Event()
    held = book._thread.submit(go.wait, 60)
    await book.look()
    assert not held.done()
    go.set()
    await asyncio.wrap_future(held)
    book.close()
    await book.look()
    await open_book(None).look()


async def test_who_looks_while_another_does_waits_for_no_pause(
    book: UsageBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_module, "_PAUSE_S", 60)

    async def write() -> None:
        book.record(entry())

    async with asyncio.timeout(patience(20.0)):
        await asyncio.gather(book.look(), write(), book.look())


async def test_words_and_numbers_that_nobody_could_keep_are_cut(book: UsageBook) -> None:
    wild = Usage(2**80, -5, 0, 0, 0, 0)
    book.record(entry(model="m" * 5000, task="\ud800", usage=wild, cost=float("nan")))
    kept = (await book.recent(1))[0]
    assert len(kept.model) == 400
    assert kept.task == "?"
    assert kept.usage.prompt_tokens == 2**53
    assert kept.usage.completion_tokens == 0
    assert book.spent(NOON).day == 0.0


async def test_what_comes_faster_than_it_is_written_is_lost_but_counts(
    book: UsageBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_module, "_WAITING", 5)
    go = threading.Event()
    held = book._thread.submit(go.wait, 10)
    for _ in range(30):
        book.record(entry(cost=1.0))
    go.set()
    await asyncio.wrap_future(held)
    assert len(await book.recent(99)) == 5
    assert book.spent(NOON).day == 30.0


async def test_closing_writes_what_waits_and_can_be_done_twice(book: UsageBook, path: Path) -> None:
    for _ in range(1200):
        book.record(entry())
    book.close()
    book.close()
    assert rows(path, "SELECT count(*) FROM entries") == [(1200,)]
    book.record(entry())
    with pytest.raises(StoreError, match="cannot be read"):
        await book.recent(1)
    assert rows(path, "SELECT count(*) FROM entries") == [(1200,)]


async def test_all_is_done_by_one_thread_that_is_not_the_loops(
    book: UsageBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[str] = set()
    insert = book_module.tables.insert

    def spied(*args: object) -> None:
        seen.add(threading.current_thread().name)
        insert(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(book_module.tables, "insert", spied)
    for _ in range(5):
        book.record(entry())
        await book.report(NOON)
    assert seen == {"usage-book_0"}
