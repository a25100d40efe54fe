"""The request log."""

from __future__ import annotations

import json
import logging
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.core.records.entries import Clock
from zeke_bridge.core.records import requests as requests_module
from zeke_bridge.core.records.requests import RequestLog

ASKED = {"model": "auto", "messages": [{"role": "user", "content": "mail jane@example.com"}]}
ANSWER = {"choices": [{"message": {"content": "password = 'hunter2'"}}]}
DAY = 86400.0


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "requests"


def written(directory: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted(directory.iterdir())
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def test_what_was_asked_and_answered_is_there_without_secrets(
    directory: Path, clock: Clock
) -> None:
    log = RequestLog(directory, clock=clock)
    log.write("zk-1", ASKED, ANSWER, provider="openai", status="ok", seconds=1.5)
    log.close()
    assert written(directory) == [
        {
            "time": "2026-11-21T12:00:00.000+00:00",
            "request_id": "zk-1",
            "provider": "openai",
            "status": "ok",
            "seconds": 1.5,
            "request": {
                "model": "auto",
                "messages": [{"role": "user", "content": "mail [REDACTED:email]"}],
            },
            "answer": {"choices": [{"message": {"content": "password = '[REDACTED:secret]'"}}]},
        }
    ]
    assert ASKED["messages"] == [{"role": "user", "content": "mail jane@example.com"}]


def test_as_it_was_when_the_user_says_so(directory: Path, clock: Clock) -> None:
    log = RequestLog(directory, redact=False, clock=clock)
    log.write("zk-1", ASKED, ANSWER)
    log.close()
    assert written(directory)[0]["request"] == ASKED


def test_nothing_is_made_before_something_is_written(directory: Path) -> None:
    RequestLog(directory).close()
    assert not directory.exists()


def test_files_are_private_one_a_day_and_the_oldest_go(directory: Path, clock: Clock) -> None:
    log = RequestLog(directory, clock=clock, max_bytes=400, kept=4)
    for _ in range(3):
        for _ in range(3):
            log.write("zk-1", ASKED, ANSWER)
        clock.now += DAY
    log.close()
    names = [path.name for path in sorted(directory.iterdir())]
    assert names == [
        "requests-2026-11-22.jsonl",
        "requests-2026-11-23.001.jsonl",
        "requests-2026-11-23.002.jsonl",
        "requests-2026-11-23.jsonl",
    ]
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


def test_a_text_without_end_is_cut(
    directory: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests_module, "_LONGEST", 2000)
    log = RequestLog(directory, clock=clock)
    log.write("zk-1", {"content": "word " * 1000, "run": "x" * 5000}, None)
    log.close()
    request = written(directory)[0]["request"]
    assert request["content"].endswith("word … 3001 characters more")
    assert request["run"].endswith("x … 3000 characters more")


def test_what_cannot_be_written_is_lost_with_one_line(
    directory: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    directory.write_text("a file stands in the way")
    log = RequestLog(directory, clock=clock)
    for _ in range(5):
        log.write("zk-1", ASKED, ANSWER)
    log.close()
    assert [line.levelno for line in caplog.records] == [logging.ERROR]


def test_a_link_is_not_followed(
    directory: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    directory.mkdir()
    (directory / "requests-2026-11-21.jsonl").symlink_to(directory / "elsewhere")
    log = RequestLog(directory, clock=clock)
    log.write("zk-1", ASKED, ANSWER)
    log.close()
    assert not (directory / "elsewhere").exists()
    assert len(caplog.records) == 1


def test_what_comes_too_fast_is_lost_and_nobody_waits(
    directory: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(requests_module, "_WAITING", 3)
    log = RequestLog(directory, clock=clock)
    go = threading.Event()
    log._thread.submit(go.wait, 10)
    for _ in range(9):
        log.write("zk-1", ASKED, ANSWER)
    go.set()
    log.close()
    assert len(written(directory)) == 3
    assert len(caplog.records) == 1


def test_odd_things_are_written_somehow(directory: Path, clock: Clock) -> None:
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(500):
        inner["x"] = inner = {}
    log = RequestLog(directory, clock=clock)
    log.write("zk-1", {"what": object(), "text": "\ud800", "deep": deep}, {1: (2, {3})})
    log.close()
    log.close()
    log.write("zk-2", {}, {})
    assert [line["request_id"] for line in written(directory)] == ["zk-1"]
