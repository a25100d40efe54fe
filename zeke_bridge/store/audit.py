"""The audit log: one JSON line for each verdict and each result, chained by hash.

``audit.jsonl`` in the state directory (0600) with ``audit.head`` beside it, which holds number
and hash of the last line, so that lines cut off at the end are missed as well (``store.chain``
has the formats). Never holds contents.

A log whose end does not fit its head, after a kill, a power cut or somebody's hand, is put aside
as ``audit.damaged-N.jsonl`` and a new one begins, so that nobody is locked out. Its first line is
chained to the hash that the head knew and says what was wrong; ``verify`` goes on reporting it
for as long as any of these files is there.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zeke_bridge.model.errors import AuditError, StoreError
from zeke_bridge.store import chain
from zeke_bridge.store.chain import START, ChainError, Link
from zeke_bridge.store.inspection import Verification, inspect
from zeke_bridge.store.paths import locked, private_dir, unfit
from zeke_bridge.store.recent import folded

__all__ = ["Audit", "Verification"]

_TAIL = 2 * chain.MAX_LINE
_SAFE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_READ = os.O_RDONLY | _SAFE
_WRITE = os.O_RDWR | os.O_CREAT | _SAFE
_HEAD_SIZE = len(chain.write_head(START))


class Audit:
    """The audit log in ``directory``; shared safely by several processes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / "audit.jsonl"
        self._head = directory / "audit.head"
        self._lock = directory / "audit.lock"
        self._known: tuple[tuple[int, int], Link] | None = None
        """Inode and size of the log, and its last line, as this process left them."""

    def append(self, time: float, *lines: Mapping[str, Any], limit_s: float = 5.0) -> None:
        """Append ``lines``, all or none: plain data without ``seq``, ``prev`` and ``hash``.

        ``limit_s``: how long to wait for another process that is writing; with 0 not at all.

        Raises:
            AuditError: it cannot be written; then nothing was.
        """
        try:
            private_dir(self._directory)
            with locked(self._lock, limit_s):
                self._append(time, lines)
        except (OSError, StoreError, ValueError, TypeError, OverflowError) as error:
            raise AuditError(
                f"The audit log {self._path} cannot be written, so nothing was allowed: {error}"
            ) from error

    def verify(self) -> Verification:
        """Go through the whole chain, as it stands now. Writers are not held up meanwhile.

        Raises:
            StoreError: it cannot be read.
        """
        asides = self.asides()
        if not (asides or _is_there(self._path) or _is_there(self._head)):
            return Verification(0)
        try:
            with contextlib.ExitStack() as stack:
                with locked(self._lock):
                    # Lines are only ever added: what is here now stays as it is.
                    head = _read(self._head, _HEAD_SIZE + 1)
                    if not _is_there(self._path):
                        return inspect(None, 0, head, asides)
                    log = stack.enter_context(_opened(self._path, _READ))
                    size = os.fstat(log).st_size
                file = stack.enter_context(os.fdopen(log, "rb", closefd=False))
                return inspect(file, size, head, asides)
        except OSError as error:
            raise StoreError(f"The audit log cannot be read: {error.strerror}.") from error

    def recent(self, root: str, limit: int) -> list[dict[str, Any]]:
        """Return the newest verdicts in the project at ``root``, newest first.

        Changes that somebody has only reported are among them, with the verdict ``none``. Each
        has ``time``, ``op``, ``target``, ``to``, ``subject``, ``verdict``, ``step``, ``by``,
        ``risk`` and ``result`` (what became of it, or ``""``), all text as it was written, not
        escaped. Damaged lines are left out; ``verify`` is for those.

        Raises:
            StoreError: the log cannot be read.
        """
        if limit <= 0 or not _is_there(self._path):
            return []
        with _opened(self._path, _READ) as log:
            return list(itertools.islice(folded(log, root), limit))

    def asides(self) -> tuple[str, ...]:
        """Return the names of damaged logs that were put aside, oldest first."""
        with contextlib.suppress(OSError):
            found = [path.name for path in self._directory.glob("audit.damaged-*")]
            return tuple(sorted(found, key=lambda name: (len(name), name)))
        return ()

    def _append(self, time: float, lines: Sequence[Mapping[str, Any]]) -> None:
        try:
            with _opened(self._path, _WRITE) as log:
                size, last = self._end(log)
                self._put(log, size, last, _chained(lines, time, last))
        except ChainError as damage:
            self._begin_anew(time, str(damage))
            self._append(time, lines)

    def _end(self, log: int) -> tuple[int, Link]:
        """Return the size of the log and its last line.

        Raises:
            ChainError: no line can be chained to it: its end is damaged or not what the head
                says. The message is a sentence.
        """
        found = os.fstat(log)
        size = found.st_size
        if self._known is not None and self._known[0] == (found.st_ino, size):
            return size, self._known[1]
        last = _last(log, size)
        content = _read(self._head, _HEAD_SIZE + 1)
        if content is None:
            # Killed before the head was first made, there is one line, or none.
            if last.number > 1 or (last.number and last.before != START.hash):
                raise ChainError("The head of the log was missing.")
            return size, last
        try:
            head = chain.read_head(content)
        except ChainError:
            raise ChainError("The head of the log was damaged.") from None
        # Killed between line and head, the head is one line behind.
        if head != last and not last.follows(head):
            raise ChainError("The end of the log was not what its head says.")
        return size, last

    def _begin_anew(self, time: float, problem: str) -> None:
        """Put the log aside and start another, under the lock.

        Killed between any two steps, the next call comes here again.
        """
        content = _read(self._head, _HEAD_SIZE + 1) or b""
        head = START
        with contextlib.suppress(ChainError):
            head = chain.read_head(content)
        if self._path.stat().st_size:
            numbers = itertools.count(1)
            names = (self._directory / f"audit.damaged-{number}.jsonl" for number in numbers)
            self._path.rename(next(path for path in names if not _is_there(path)))
        fields = {"kind": chain.RESTART, "problem": problem, "aside": list(self.asides())}
        with _opened(self._path, _WRITE) as log:
            self._put(log, 0, head, _chained([fields], time, head))

    def _put(self, log: int, size: int, last: Link, lines: Sequence[tuple[bytes, Link]]) -> None:
        """Write ``lines`` behind the ``size`` bytes that end with ``last``, or none of them."""
        end, link = size, last
        try:
            with _opened(self._head, _WRITE) as head:
                try:
                    for line, link in lines:
                        if os.pwrite(log, line, end) != len(line):
                            raise OSError("the disk is full")
                        # After each: killed in between, the head is one line behind, not two.
                        os.pwrite(head, chain.write_head(link), 0)
                        end += len(line)
                except OSError:
                    os.pwrite(head, chain.write_head(last), 0)
                    raise
        except (OSError, StoreError):
            os.ftruncate(log, size)
            raise
        self._known = ((os.fstat(log).st_ino, end), link)


def _chained(
    lines: Iterable[Mapping[str, Any]], time: float, last: Link
) -> list[tuple[bytes, Link]]:
    """Return ``lines`` as they are written behind ``last``, each with its link."""
    written = []
    for fields in lines:
        line, last = chain.write(fields, time, last)
        written.append((line, last))
    return written


def _last(log: int, size: int) -> Link:
    """Return the last line's link. Raises ``ChainError`` with a sentence."""
    if size == 0:
        return START
    tail = os.pread(log, min(size, _TAIL), max(0, size - _TAIL))
    at = tail.rfind(b"\n", 0, len(tail) - 1) + 1
    try:
        return chain.read(tail[at:])[1]
    except ChainError as error:
        raise ChainError(f"The last line of the log {error}.") from None


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    """Open a regular file of the user's own that nobody else has access to, or fail."""
    try:
        handle = os.open(path, flags, 0o600)
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}.") from error
    try:
        problem = unfit(os.fstat(handle), 0o077)
        if problem:
            raise StoreError(f"{path} is not used: {problem}; move it away or `chmod 600` it.")
        yield handle
    finally:
        os.close(handle)


def _read(path: Path, limit: int) -> bytes | None:
    if not _is_there(path):
        return None
    with _opened(path, _READ) as handle:
        return os.pread(handle, limit, 0)


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)
