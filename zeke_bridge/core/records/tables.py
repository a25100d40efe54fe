"""Entries into the tables of the usage book, and sums out of them.

Every function takes the database; none makes a transaction. Does not know files or threads.
"""

from __future__ import annotations

import operator
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from zeke_bridge.core.records.entry import OK, Entry
from zeke_bridge.core.records.spent import Payment
from zeke_bridge.model.exchange import Usage
from zeke_bridge.model.stats import RouteTaken

QUARTER = 900
_LONGEST = 400
_MOST = 2**53
_COLUMNS = (
    "time, request_id, client, project, provider, model, task, reason, status, prompt_tokens, "
    "completion_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, cost, "
    "saved, seconds, first_token, cached, streamed, priced"
)
_INSERT = f"INSERT INTO entries ({_COLUMNS}) VALUES ({', '.join('?' * 22)})"  # noqa: S608
_SUMS = (
    "requests, errors, done, done_seconds, first, first_seconds, answered, answered_seconds, "
    "failed, cost, saved, unpriced, unpriced_saved"
)
_ADDED = ", ".join(f"{name} = {name} + excluded.{name}" for name in _SUMS.split(", "))
# The columns before those of ``_SUMS``.
_KEY = 4
_SUM_UP = (
    f"INSERT INTO quarters (start, client, provider, model, {_SUMS}) "  # noqa: S608
    f"VALUES ({', '.join('?' * 17)}) "
    f"ON CONFLICT (start, client, provider, model) DO UPDATE SET {_ADDED}"
)

Row = tuple[str | int | float | None, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """What a provider did: calls it answered and the seconds they took, and calls it failed."""

    answered: int = 0
    seconds: float = 0.0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour: questions, what they cost, and answers with the seconds they took.

    ``unpriced`` is how many have cost nobody knows what.
    """

    start: int
    requests: int
    errors: int
    cost: float
    done: int
    seconds: float
    unpriced: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one provider or model was asked and what it cost, but for the ``unpriced`` ones."""

    name: str
    requests: int
    cost: float
    unpriced: int


def insert(database: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Add ``entries``."""
    database.executemany(_INSERT, (_row(entry) for entry in entries))
    database.executemany(_SUM_UP, _added_up(row for entry in entries for row in _sums(entry)))


def drop(database: sqlite3.Connection, before: float) -> None:
    """Forget what is older than ``before``."""
    database.execute("DELETE FROM entries WHERE time < ?", (before,))
    database.execute("DELETE FROM quarters WHERE start < ?", (before,))


def keep_newest(database: sqlite3.Connection, count: int) -> None:
    """Forget all entries but the newest ``count``; their sums stay."""
    newest = "SELECT max(id) FROM entries"
    database.execute(f"DELETE FROM entries WHERE id <= ({newest}) - ?", (count,))  # noqa: S608


def payments(database: sqlite3.Connection, since: float) -> list[Payment]:
    """What each client paid from ``since`` on, by quarters of an hour."""
    rows = database.execute(
        "SELECT start, client, sum(cost) FROM quarters WHERE start >= ? AND cost > 0 "
        "GROUP BY start, client",
        (since,),
    )
    return [Payment(start, client, cost) for start, client, cost in rows]


def by_quarter(database: sqlite3.Connection, since: float) -> list[Quarter]:
    """Each quarter of an hour from ``since`` on in which something was asked."""
    rows = database.execute(
        "SELECT start, sum(requests), sum(errors), sum(cost), sum(done), sum(done_seconds), "
        "sum(unpriced) FROM quarters WHERE start >= ? GROUP BY start",
        (since,),
    )
    return [Quarter(*row) for row in rows]


def by_provider(database: sqlite3.Connection, since: float) -> list[Share]:
    """What each provider cost, the dearest first."""
    rows = database.execute(
        "SELECT provider, sum(requests) AS asked, sum(cost) AS paid, sum(unpriced) FROM quarters "
        "WHERE start >= ? AND provider != '' GROUP BY provider HAVING asked > 0 "
        "ORDER BY paid DESC, asked DESC, provider",
        (since,),
    )
    return [Share(*row) for row in rows]


def by_model(database: sqlite3.Connection, since: float) -> list[Share]:
    """What each ``provider:model`` was asked, the most asked first."""
    rows = database.execute(
        "SELECT provider || ':' || model, sum(requests) AS asked, sum(cost) AS paid, "
        "sum(unpriced) FROM quarters WHERE start >= ? AND model != '' "
        "GROUP BY provider, model HAVING asked > 0 ORDER BY asked DESC, paid DESC, provider, model",
        (since,),
    )
    return [Share(*row) for row in rows]


def served(database: sqlite3.Connection, since: float) -> dict[str, Served]:
    """What each provider did."""
    rows = database.execute(
        "SELECT provider, sum(answered), sum(answered_seconds), sum(failed) FROM quarters "
        "WHERE start >= ? AND provider != '' GROUP BY provider",
        (since,),
    )
    return {name: Served(answered, seconds, failed) for name, answered, seconds, failed in rows}


def averages(database: sqlite3.Connection, since: float) -> tuple[float | None, float | None]:
    """The seconds that an answer takes, and those until its first token; None without any."""
    row = database.execute(
        "SELECT sum(done_seconds) / nullif(sum(done), 0), "
        "sum(first_seconds) / nullif(sum(first), 0) FROM quarters WHERE start >= ?",
        (since,),
    ).fetchone()
    return row[0], row[1]


def saved(database: sqlite3.Connection, since: float) -> tuple[float, int]:
    """What the cache has saved, and how many of its answers saved nobody knows what."""
    row = database.execute(
        "SELECT total(saved), total(unpriced_saved) FROM quarters WHERE start >= ?", (since,)
    ).fetchone()
    return float(row[0]), int(row[1])


def total(database: sqlite3.Connection) -> int:
    """All questions there are records of."""
    return int(database.execute("SELECT total(requests) FROM quarters").fetchone()[0])


def newest(database: sqlite3.Connection, limit: int) -> list[Entry]:
    """The entries that were added last, newest first."""
    rows = database.execute(
        f"SELECT {_COLUMNS} FROM entries ORDER BY id DESC LIMIT ?",  # noqa: S608
        (limit,),
    )
    return [_entry(row) for row in rows]


def routes(entries: Iterable[Entry]) -> Iterator[RouteTaken]:
    """The same entries, as the figures show them."""
    for entry in entries:
        model = f"{entry.provider}:{entry.model}" if entry.provider else ""
        yield RouteTaken(
            entry.time,
            entry.request_id,
            entry.task,
            model,
            entry.reason,
            entry.status,
            entry.seconds,
            entry.cost,
            entry.cached,
            entry.priced,
        )


def _row(entry: Entry) -> Row:
    """The row of ``entry``.

    Words that a client made up and numbers that a provider did are cut to what can be kept.
    """
    usage = entry.usage
    counts = (
        usage.prompt_tokens,
        usage.completion_tokens,
        usage.total_tokens,
        usage.cached_tokens,
        usage.cache_write_tokens,
        usage.reasoning_tokens,
    )
    words = (
        entry.request_id,
        entry.client,
        entry.project,
        entry.provider,
        entry.model,
        entry.task,
        entry.reason,
        entry.status,
    )
    return (
        entry.time,
        *map(_cut, words),
        *(min(max(count, 0), _MOST) for count in counts),
        _number(entry.cost),
        _number(entry.saved),
        _number(entry.seconds),
        entry.first_token,
        entry.cached,
        entry.streamed,
        entry.priced,
    )


def _entry(row: Row) -> Entry:
    values = list(row)
    usage = Usage(*values[9:15])  # type: ignore[arg-type]
    cached, streamed, priced = map(bool, values[19:])
    rest = [*values[:9], usage, *values[15:19], cached, streamed, (), priced]
    return Entry(*rest)  # type: ignore[arg-type]


def _sums(entry: Entry) -> Iterator[Row]:
    """What ``entry`` adds to its quarter of an hour."""
    start = int(entry.time // QUARTER) * QUARTER
    client = _cut(entry.client)
    seconds, done = _number(entry.seconds), entry.status == OK
    answered = done and not entry.cached
    first = entry.first_token if answered else None
    yield (
        start,
        client,
        _cut(entry.provider),
        _cut(entry.model),
        1,
        int(entry.broke),
        int(done),
        seconds if done else 0.0,
        int(first is not None),
        first or 0.0,
        int(answered),
        seconds if answered else 0.0,
        int(entry.blames),
        _number(entry.cost),
        _number(entry.saved),
        int(not entry.priced and not entry.cached),
        int(not entry.priced and entry.cached),
    )
    for provider in entry.failed:
        if provider == entry.provider and entry.blames:
            continue
        yield (start, client, _cut(provider), "", *(0,) * 8, 1, 0.0, 0.0, 0, 0)


def _added_up(rows: Iterable[Row]) -> Iterator[Row]:
    """One row for all of ``rows`` that have the same key: adding here is cheaper than there."""
    sums: dict[Row, Row] = {}
    for row in rows:
        key, more = row[:_KEY], row[_KEY:]
        before = sums.get(key)
        sums[key] = more if before is None else tuple(map(operator.add, before, more))
    for key, total in sums.items():
        yield (*key, *total)


def _number(value: float) -> float:
    # SQLite takes NaN for NULL.
    return value if isfinite(value) else 0.0


def _cut(text: str) -> str:
    if text.isascii() and len(text) <= _LONGEST:
        return text
    # What is no text (a lone surrogate) cannot be stored.
    return text[:_LONGEST].encode("utf-8", "replace").decode("utf-8")
