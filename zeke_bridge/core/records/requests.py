"""The request log, for those who want one: what was asked and what was answered, in full.

One file a day in a private directory, one line of JSON a question. What is secret is taken out
before a line is written, unless the user said not to. One thread writes; what it cannot write is
lost with one log line, and so is what comes faster than it writes. Does not know who asks for it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zeke_bridge.core.records.redact import DEEPEST, redact_json

MAX_BYTES = 64 * 1024 * 1024
KEPT_FILES = 30
_LONGEST = 200_000
_NEAR = 1000
_WAITING = 200
_CLOSING_S = 5.0

_log = logging.getLogger(__name__)


class RequestLog:
    """Writes into ``directory``, which is made when it is needed.

    A file of ``max_bytes`` is followed by another of the same day; of all files the newest
    ``kept`` stay. ``clock`` gives seconds since the epoch.
    """

    def __init__(
        self,
        directory: Path,
        *,
        redact: bool = True,
        max_bytes: int = MAX_BYTES,
        kept: int = KEPT_FILES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._directory = directory
        self._redact = redact
        self._max_bytes = max_bytes
        self._kept = kept
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting = 0
        self._closed = False
        self._losing = False
        self._thread = ThreadPoolExecutor(1, "request-log")

    def write(self, request_id: str, request: Any, answer: Any, **fields: Any) -> None:
        """Write down one question in a moment. Never waits, never raises.

        ``request`` and ``answer`` are plain data that nobody changes any more; ``fields`` say
        where it went and what became of it.
        """
        line = {"time": self._clock(), "request_id": request_id, **fields}
        line |= {"request": request, "answer": answer}
        with self._lock:
            if self._closed:
                return
            full = self._waiting >= _WAITING
            self._waiting += not full
        if full:
            self._lose("they come faster than they are written")
            return
        with contextlib.suppress(RuntimeError):  # the interpreter is ending
            self._thread.submit(self._put, line)

    def close(self) -> None:
        """Write what waits, for some seconds at most. Again: nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        finished = threading.Event()
        with contextlib.suppress(RuntimeError):
            self._thread.submit(finished.set)
            self._thread.shutdown(wait=False)
            finished.wait(_CLOSING_S)

    def _put(self, line: dict[str, Any]) -> None:
        try:
            moment = datetime.fromtimestamp(line["time"], UTC)
            line["time"] = moment.isoformat(timespec="milliseconds")
            text = json.dumps(self._clean(line), ensure_ascii=False, default=str)
            self._append(moment.date().isoformat(), text.encode("utf-8", "replace") + b"\n")
        except (OSError, ValueError, RecursionError) as error:
            self._lose(str(error))
        else:
            self._losing = False
        finally:
            with self._lock:
                self._waiting -= 1

    def _clean(self, line: dict[str, Any]) -> Any:
        short = _short(line)
        return redact_json(short) if self._redact else short

    def _append(self, day: str, line: bytes) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / f"requests-{day}.jsonl"
        with contextlib.suppress(FileNotFoundError):
            if path.lstat().st_size + len(line) > self._max_bytes:
                path.rename(self._follower(day))
        new = not os.path.lexists(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(path, flags, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(line)
        if new:
            self._drop_oldest()

    def _follower(self, day: str) -> Path:
        """The first free name for a full file of ``day``; three digits, so that names sort."""
        number = 1
        while os.path.lexists(path := self._directory / f"requests-{day}.{number:03}.jsonl"):
            number += 1
        return path

    def _drop_oldest(self) -> None:
        # A day's full files come before the one that is written: "." sorts before "j".
        files = sorted(self._directory.glob("requests-????-??-??*.jsonl"))
        for path in files[: -self._kept]:
            with contextlib.suppress(OSError):
                path.unlink()

    def _lose(self, reason: str) -> None:
        if not self._losing:
            fields = {"directory": str(self._directory), "reason": reason}
            _log.error("requests are missing in the request log", extra={"fields": fields})
        self._losing = True


def _short(value: Any, depth: int = 0) -> Any:
    """``value`` with its longest texts cut, between two words where there are any."""
    if isinstance(value, str) and len(value) > _LONGEST:
        at = value.rfind(" ", _LONGEST - _NEAR, _LONGEST)
        at = at if at > 0 else _LONGEST
        return f"{value[:at]} … {len(value) - at} characters more"
    if depth > DEEPEST:
        return None
    if isinstance(value, dict):
        return {name: _short(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_short(inner, depth + 1) for inner in value]
    return value
