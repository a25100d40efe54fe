from __future__ import annotations

import asyncio
import errno
import logging
import resource
from typing import Any

import pytest

from zeke_bridge.core.crowd import Crowd, room

NO_FILE = {
    "message": "socket.accept() out of system resource",
    "exception": OSError(errno.EMFILE, "Too many open files"),
}
TOO_MANY = (
    "A connection has to wait, because there are too many open files: allow more with `ulimit -n`."
)


@pytest.mark.parametrize(
    ("files", "connections"),
    [(1024, 496), (256, 112), (20, 8), (1_000_000, 4096), (resource.RLIM_INFINITY, 4096)],
)
def test_room_is_for_two_files_a_connection(
    files: int, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert room() == connections


def test_too_many_are_told_of_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    crowd = Crowd(2)
    assert not crowd.over(2, 0.0)
    assert all(crowd.over(3, float(second)) for second in range(120))
    told = [record.getMessage() for record in caplog.records]
    assert told == ["There are 2 connections: what comes now is refused."] * 2


def test_a_process_without_files_does_not_flood_its_log(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.new_event_loop()
    try:
        stop = Crowd(2).watch(loop)
        for _ in range(10_000):
            loop.call_exception_handler(dict(NO_FILE))
        loop.call_exception_handler({"message": "something else"})
        stop()
    finally:
        loop.close()
    told = [(record.name, record.levelno, record.getMessage()) for record in caplog.records]
    assert told == [
        ("zeke_bridge.core.crowd", logging.WARNING, TOO_MANY),
        ("asyncio", logging.ERROR, "something else"),
    ]


def test_whoever_handled_errors_before_does_so_still() -> None:
    loop = asyncio.new_event_loop()
    seen: list[dict[str, Any]] = []

    def before(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        seen.append(context)

    try:
        loop.set_exception_handler(before)
        stop = Crowd(2).watch(loop)
        loop.call_exception_handler({"message": "something else"})
        stop()
        assert loop.get_exception_handler() is before
    finally:
        loop.close()
    assert [context["message"] for context in seen] == ["something else"]
