"""The broker's log: lines of JSON, in files that do not grow for ever."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zeke_bridge.store import log

SIZE = 2000


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Write one numbered line to a log that is full soon."""
    monkeypatch.setattr(log, "MAX_BYTES", SIZE)
    root = logging.getLogger()
    level = root.level
    handler = log.open_log(tmp_path / "broker.log")
    yield lambda number: logging.getLogger("zeke").info("said", extra={"fields": {"n": number}})
    root.removeHandler(handler)
    root.setLevel(level)
    handler.close()


def test_a_full_file_is_put_aside_and_no_line_is_lost(
    say: Callable[[int], None], tmp_path: Path
) -> None:
    for number in range(40):
        say(number)
    paths = [tmp_path / name for name in ("broker.log.2", "broker.log.1", "broker.log")]
    lines = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
    assert [line["fields"]["n"] for line in lines] == list(range(40))[-len(lines) :]
    assert len(lines) > 30
    longest = max(len(line) for line in paths[0].read_text().splitlines(keepends=True))
    assert all(path.stat().st_size < SIZE + longest for path in paths)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in paths)
