"""The audit log: one JSON line for each verdict and each result, chained by hash.

``audit.jsonl`` in the state directory (0600) with ``audit.head`` beside it, which holds number
and hash of the last line, so that lines cut off at the end are missed as well. The format is the
product's own: an object with ``seq``, ``time``, ``prev`` (the hash before), the fields given,
and ``hash``, the SHA-256 of the line's canonical JSON without ``hash``. Never holds contents.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zeke_bridge.model.errors import AuditError, StoreError
from zeke_bridge.store.paths import locked, private_dir

_FIRST = "0" * 64
_TAIL = 256 * 1024
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Verification:
    """``lines`` counted; ``problem`` is a sentence naming the first bad line, or empty."""

    lines: int
    problem: str = ""


class Audit:
    """The audit log in ``directory``; shared safely by several processes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / "audit.jsonl"
        self._head = directory / "audit.head"
        self._lock = directory / "audit.lock"
        self._known: tuple[int, int, str] | None = None

    def append(self, time: float, fields: Mapping[str, Any], *, limit_s: float = 5.0) -> None:
        """Append one line. ``fields`` are plain data without ``seq``, ``prev`` and ``hash``.

        ``limit_s``: how long to wait for another process that is writing; with 0 not at all.

        Raises:
            AuditError: it cannot be written; then nothing was.
        """
        try:
            private_dir(self._directory)
            with locked(self._lock, limit_s), _opened(self._path) as log:
                self._append(log, time, fields)
        except (OSError, StoreError, ValueError) as error:
            raise AuditError(
                f"The audit log {self._path} cannot be written, so nothing was allowed: {error}"
            ) from error

    def verify(self) -> Verification:
        """Go through the whole chain. Raises ``StoreError`` when it cannot be read."""
        try:
            if not self._path.exists():
                missing = "The audit log is missing." if self._head.exists() else ""
                return Verification(0, missing)
            with locked(self._lock), self._path.open("rb") as file:
                return _verify(file, self._read_head())
        except OSError as error:
            raise StoreError(f"The audit log cannot be read: {error.strerror}.") from error

    def _append(self, log: int, time: float, fields: Mapping[str, Any]) -> None:
        size = os.fstat(log).st_size
        if self._known is None or self._known[0] != size:
            self._known = (size, *_last(log, size))
        _, number, previous = self._known
        entry = {**fields, "seq": number + 1, "time": _time(time), "prev": previous}
        entry["hash"] = _digest(entry)
        line = _canonical(entry) + b"\n"
        try:
            written = os.pwrite(log, line, size)
            if written != len(line):
                raise OSError("the disk is full")
            with _opened(self._head) as head:
                os.pwrite(head, f"{number + 1:020d} {entry['hash']}\n".encode(), 0)
        except OSError:
            os.ftruncate(log, size)
            raise
        self._known = (size + len(line), number + 1, entry["hash"])

    def _read_head(self) -> tuple[int, str] | None:
        with contextlib.suppress(FileNotFoundError):
            number, _, digest = self._head.read_text("ascii").strip().partition(" ")
            return (int(number) if number.isdigit() else -1), digest
        return None


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, _FLAGS, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _last(log: int, size: int) -> tuple[int, str]:
    """Return number and hash of the last line; (0, zeros) for an empty log.

    Raises:
        ValueError: the end of the log is damaged. The next line cannot be chained to it.
    """
    if size == 0:
        return 0, _FIRST
    tail = os.pread(log, min(size, _TAIL), max(0, size - _TAIL))
    if not tail.endswith(b"\n"):
        raise ValueError("its last line is cut; see `zeke warden audit --verify`")
    entry = json.loads(tail[:-1].rpartition(b"\n")[2])
    return int(entry["seq"]), str(entry["hash"])


def _verify(lines: Iterator[bytes] | Any, head: tuple[int, str] | None) -> Verification:
    count, previous, seen_head = 0, _FIRST, head is None
    for raw in lines:
        count += 1
        where = f"Line {count} of the audit log"
        if not raw.endswith(b"\n"):
            return Verification(count, f"{where} is cut.")
        try:
            entry = json.loads(raw)
            claimed = entry.pop("hash")
        except (ValueError, KeyError, AttributeError, RecursionError):
            return Verification(count, f"{where} is not an audit line.")
        if _canonical({**entry, "hash": claimed}) + b"\n" != raw or _digest(entry) != claimed:
            return Verification(count, f"{where} was edited.")
        if entry.get("prev") != previous or entry.get("seq") != count:
            return Verification(count, f"Before line {count} something was removed or moved.")
        previous = claimed
        # Killed between line and head, the head is one line behind; that is no cut.
        seen_head = seen_head or head == (count, claimed)
    if count and head is None:
        return Verification(count, "The head of the audit log (audit.head) is missing.")
    if not seen_head or (head is not None and head[0] < count - 1):
        return Verification(count, "Lines at the end of the audit log were removed.")
    return Verification(count)


def _canonical(entry: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(entry).encode()


def _digest(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(entry)).hexdigest()


def _time(seconds: float) -> str:
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
