"""The core's log: one line of JSON an event, without keys, tokens or whom it is about.

Each line has ``time`` (ISO 8601, UTC), ``level``, ``event``, ``logger``, ``request_id`` where a
question is being answered, what the event adds under ``fields`` (``extra={"fields": {…}}``), and
``trace`` where something broke. Lines are ASCII, so that no terminal obeys what was logged. Does
not know what is logged.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
import sys
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zeke_bridge.core.records.redact import redact, redact_json

MAX_BYTES = 8 * 1024 * 1024
KEEP = 3
_OURS = "zeke_bridge"
_LONGEST = 4000
_LONGEST_TRACE = 1200
_CAUSES = 3

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The question that this task answers. Set it once, where a request comes in."""


class JsonLines(logging.Formatter):
    """One record as one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": redact(record.getMessage()[:_LONGEST]),
            "logger": record.name,
        }
        if current := request_id.get():
            line["request_id"] = redact(current)
        fields = getattr(record, "fields", None)
        if isinstance(fields, Mapping):
            line["fields"] = redact_json(_short(fields))
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = redact(trace_of(record.exc_info[1]))
        return json.dumps(line, default=_spelled)


def trace_of(error: BaseException) -> str:
    """Where ``error`` and its causes were raised, without their words: these may quote a prompt."""
    parts: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(parts) < _CAUSES:
        # Its end says more than its beginning.
        frames = "".join(traceback.format_tb(cause.__traceback__))[-_LONGEST_TRACE:]
        parts.append(f"{type(cause).__qualname__} in:\n{frames}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "Traceback: " + "caused by ".join(parts)


def begin(level: str, path: Path | None = None) -> logging.Handler:
    """Log this process's events to ``path`` (0600, rotated), or to standard error.

    ``level`` (``debug``, ``info`` …) is for the bridge's own events; of libraries' only warnings
    are kept. The caller removes the handler with ``end``. Raises ``OSError``.
    """
    handler = logging.StreamHandler(sys.stderr) if path is None else _file(path)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    logging.getLogger(_OURS).setLevel(level.upper())
    return handler


def end(handler: logging.Handler) -> None:
    """Undo ``begin``."""
    logging.getLogger().removeHandler(handler)
    logging.getLogger(_OURS).setLevel(logging.NOTSET)
    handler.close()


def _file(path: Path) -> logging.Handler:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(path, flags, 0o600)
    try:
        os.fchmod(handle, 0o600)
    finally:
        os.close(handle)
    return _Private(path, maxBytes=MAX_BYTES, backupCount=KEEP, encoding="utf-8")


class _Private(logging.handlers.RotatingFileHandler):
    """A rotated file whose successors are private too."""

    def _open(self) -> Any:
        def opener(name: str, flags: int) -> int:
            return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=opener)


def _short(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value[:_LONGEST] if isinstance(value, str) else value
        for name, value in fields.items()
    }


def _spelled(value: object) -> str:
    return redact(str(value)[:_LONGEST])
