"""The broker's log: JSON lines in the state directory, 0600, rotated.

One line an event: ``time`` (ISO 8601, UTC), ``level``, ``logger``, ``message``, what the event
adds under ``fields``, and a traceback where there is one. Never text of buffers or keys: callers
pass only what may be read by whoever reads the log.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
from datetime import UTC, datetime
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path

MAX_BYTES = 1024 * 1024
KEEP = 2


class JsonLines(logging.Formatter):
    """One record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line["fields"] = fields
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class _Rotating(logging.handlers.RotatingFileHandler):
    """Begins a new file when the old one is full; its last line may be over the limit."""

    def shouldRollover(self, record: logging.LogRecord) -> int:  # noqa: N802 - logging's name
        """By the size alone: the standard one formats each line a second time to be exact."""
        return self.stream is not None and os.fstat(self.stream.fileno()).st_size >= self.maxBytes

    def _open(self) -> TextIOWrapper:
        """Each new file is the user's alone, and not the first one only."""
        raw = FileIO(self.baseFilename, self.mode, opener=_private)
        return TextIOWrapper(BufferedWriter(raw), encoding=self.encoding)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def open_log(path: Path, level: int = logging.INFO) -> logging.Handler:
    """Send all logging of this process to ``path``; the caller closes the handler at the end."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _Rotating(path, maxBytes=MAX_BYTES, backupCount=KEEP, encoding="utf-8")
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    # One line a request of each HTTP library tells nothing that ours do not.
    for chatty in ("aiohttp", "uvicorn", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return handler
