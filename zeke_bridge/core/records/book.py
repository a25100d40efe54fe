"""The usage book: every question and what it cost, in SQLite; what was spent, from memory.

All work on the file is done by one thread, in the order in which it was asked for, and never on
the event loop. A disk that is full or a file that is locked loses entries with one log line; what
they cost still counts against the limits. A damaged file is put aside and another begun. Several
processes may write one book. Knows no prices and no limits.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

from zeke_bridge.core.records import calendar, tables
from zeke_bridge.core.records.database import damaged, opened, put_aside
from zeke_bridge.core.records.entry import Entry
from zeke_bridge.core.records.report import Report, report
from zeke_bridge.core.records.spent import Counters, Payment, Spent
from zeke_bridge.model.errors import StoreError

KEPT_DAYS = 400
# In memory there is no use for old entries; their sums stay.
KEPT_IN_MEMORY = 1000
_BATCH = 500
_WAITING = 20_000
_CLOSING_S = 5.0
_PAUSE_S = 0.2
_LOOK_S = 1.0

_log = logging.getLogger(__name__)
T = TypeVar("T")


class UsageBook:
    """The book at ``path``; None: in memory only. ``clock`` gives seconds since the epoch.

    Making one reads the file, for some milliseconds. A file that cannot be used is left alone: a
    log line says why, and this book stays in memory.
    """

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[Entry] = deque()
        self._hurry = threading.Event()
        self._hurried = 0
        self._busy = False
        self._closed = False
        self._losing = False
        self._lost: list[Payment] = []
        self._database = self._open()
        self._counters = Counters(clock(), self._payments())
        self._version = self._data_version()
        self._thread = ThreadPoolExecutor(1, "usage-book")

    def record(self, entry: Entry) -> None:
        """Write ``entry`` down, in a moment. Never waits, never raises."""
        payment = _payment(entry)
        with self._lock:
            self._counters.add(payment)
            if self._closed or len(self._waiting) >= _WAITING:
                self._lose((payment,))
                return
            self._waiting.append(entry)
            if self._busy:
                return
            self._busy = True
        with contextlib.suppress(RuntimeError):  # the interpreter is ending
            self._thread.submit(self._write_soon)

    def spent(self, now: float) -> Spent:
        """What was spent by everybody, with what is not written yet. Waits for nothing."""
        with self._lock:
            return self._counters.spent(now)

    def spent_by(self, client: str, now: float) -> Spent:
        """What was spent by the client with the id ``client``. Waits for nothing."""
        with self._lock:
            return self._counters.spent_by(client, now)

    async def look(self) -> None:
        """Count what other processes have spent by now. Never raises.

        When the disk takes long it is counted later: what this process has spent counts anyway.
        """
        if self._path is None:
            return

        with contextlib.suppress(RuntimeError, TimeoutError):  # it is closed, or the disk is slow
            async with asyncio.timeout(_LOOK_S):
                await self._at_once(self._look_around)

    async def report(self, now: float) -> Report:
        """The figures, with everything that was recorded before this call.

        Raises:
            StoreError: the file cannot be read.
        """
        return await self._done(lambda: report(self._database, now))

    async def recent(self, limit: int) -> list[Entry]:
        """The newest entries, newest first. Raises as ``report`` does."""
        return await self._done(lambda: tables.newest(self._database, limit))

    def close(self) -> None:
        """Write what waits, for some seconds at most, and close the file. Again: nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        finished = threading.Event()
        self._hurry.set()
        self._thread.submit(self._end, finished)
        self._thread.shutdown(wait=False)
        finished.wait(_CLOSING_S)

    async def _done(self, work: Callable[[], T]) -> T:
        """What ``work`` returns, done after everything that waits."""

        def run() -> T:
            self._write()
            self._look_around()
            return work()

        try:
            return await self._at_once(run)
        except (sqlite3.Error, RuntimeError) as error:
            raise StoreError(f"The usage book {self._name} cannot be read: {error}.") from error

    async def _at_once(self, work: Callable[[], T]) -> T:
        """What ``work`` returns on the book's thread, which pauses for nothing until then."""
        self._hurried += 1
        self._hurry.set()
        try:
            return await asyncio.wrap_future(self._thread.submit(work))
        finally:
            self._hurried -= 1
            if not self._hurried and not self._closed:
                self._hurry.clear()

    @property
    def _name(self) -> str:
        return str(self._path) if self._path else "in memory"

    def _open(self) -> sqlite3.Connection:
        """The database, without what is too old; in memory when the file cannot be used."""
        try:
            return self._opened()
        except (OSError, sqlite3.Error, StoreError) as error:
            if self._put_aside(error):
                with contextlib.suppress(OSError, sqlite3.Error, StoreError):
                    return self._opened()
            _log.warning("the usage book is kept in memory only", extra=self._why(error))
        self._path = None
        return opened(None)

    def _opened(self) -> sqlite3.Connection:
        database = opened(self._path)
        try:
            tables.drop(database, self._clock() - KEPT_DAYS * calendar.DAY)
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _put_aside(self, error: Exception) -> bool:
        """Make room for a new file if ``error`` says that this one is damaged."""
        if self._path is None or not damaged(error):
            return False
        try:
            aside = put_aside(self._path)
        except OSError:
            return False
        extra = self._why(error, aside=str(aside))
        _log.error("the usage book was damaged and a new one is begun", extra=extra)
        return True

    def _write_soon(self) -> None:
        """Store everything that waits, and what comes meanwhile.

        Waking this thread for each entry would take the interpreter from the event loop each time.
        """
        self._hurry.wait(_PAUSE_S)
        self._write()

    def _write(self) -> None:
        """Store everything that waits. On the book's thread, as all that follows."""
        while True:
            with self._lock:
                batch = list(islice(self._waiting, _BATCH))
                if not batch:
                    self._busy = False
                    return
            stored = self._store(batch)
            with self._lock:
                for _ in batch:
                    self._waiting.popleft()
                if not stored:
                    self._lose(map(_payment, batch))
            self._look_around()

    def _store(self, batch: list[Entry]) -> bool:
        """Add ``batch``; False when it is lost."""
        try:
            try:
                self._insert(batch)
            except sqlite3.Error as error:
                if not damaged(error):
                    raise
                self._begin_anew(error)
                self._insert(batch)
        except sqlite3.Error as error:
            if not self._losing:
                _log.error("entries of the usage book are lost", extra=self._why(error))
            self._losing = True
            return False
        if self._losing:
            _log.warning("the usage book can be written again", extra=self._why())
        self._losing = False
        return True

    def _begin_anew(self, error: Exception) -> None:
        """Go on with another file. What was spent until now is no longer in any."""
        self._database.close()
        self._put_aside(error)
        self._database = self._open()
        with self._lock:
            waiting = [_payment(entry) for entry in self._waiting]
            self._lost = [*self._counters.payments(), *(one.undone() for one in waiting)]
        self._version = self._data_version()

    def _insert(self, batch: list[Entry]) -> None:
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            tables.insert(database, batch)
            if self._path is None:
                tables.keep_newest(database, KEPT_IN_MEMORY)
            database.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # some failures have ended it already
                database.execute("ROLLBACK")
            raise

    def _look_around(self) -> None:
        """Count what other processes have spent since."""
        with contextlib.suppress(sqlite3.Error):
            version = self._data_version()
            if version == self._version:
                return
            now = self._clock()
            payments = self._payments()
            self._version = version
            with self._lock:
                mine = (*self._lost, *map(_payment, self._waiting))
                self._counters = Counters(now, (*payments, *mine))

    def _lose(self, payments: Iterable[Payment]) -> None:
        """Remember what is in no file; under the lock."""
        self._lost += payments
        if len(self._lost) > _WAITING:
            self._lost = Counters(self._clock(), self._lost).payments()

    def _data_version(self) -> int:
        """A number that changes when another connection has written."""
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])

    def _payments(self) -> list[Payment]:
        month = calendar.month_start(calendar.today(self._clock()))
        return tables.payments(self._database, calendar.day_start(month))

    def _why(self, error: Exception | None = None, **more: str) -> dict[str, Any]:
        reason = {"reason": str(error)} if error else {}
        return {"fields": {"path": self._name, **reason, **more}}

    def _end(self, finished: threading.Event) -> None:
        try:
            self._write()
            self._database.close()
        finally:
            finished.set()


def _payment(entry: Entry) -> Payment:
    return Payment(entry.time, entry.client, entry.cost if isfinite(entry.cost) else 0.0)
