"""Log lines."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.core.records import log as log_module
from zeke_bridge.core.records.log import JsonLines, begin, end, request_id

KEY = "sk-proj-" + "aB3" * 20
logger = logging.getLogger("zeke_bridge.core.somewhere")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    handler = begin("info")
    yield stream
    end(handler)
    assert logging.getLogger("zeke_bridge").level == logging.NOTSET


def only(lines: io.StringIO) -> dict[str, Any]:
    (line,) = lines.getvalue().splitlines()
    assert line.isascii()
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def test_a_line_says_when_what_and_where(lines: io.StringIO) -> None:
    logger.info("served", extra={"fields": {"port": 8080}})
    line = only(lines)
    assert line["time"].endswith("+00:00")
    assert line["level"] == "info"
    assert line["event"] == "served"
    assert line["logger"] == logger.name
    assert line["fields"] == {"port": 8080}
    assert "request_id" not in line


def test_below_the_level_nothing_is_said(lines: io.StringIO) -> None:
    logger.debug("nothing")
    logging.getLogger("aiohttp").info("nothing")
    assert lines.getvalue() == ""


@pytest.mark.anyio
async def test_lines_carry_the_id_of_their_request(lines: io.StringIO) -> None:
    async def answer(name: str) -> None:
        request_id.set(name)
        await asyncio.sleep(0)
        logger.info("answered")

    await asyncio.gather(answer("zk-1"), answer("zk-2"))
    parsed = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["request_id"] for line in parsed] == ["zk-1", "zk-2"]
    assert request_id.get() == ""


@pytest.mark.parametrize(
    "say",
    [
        lambda: logger.info("key %s", KEY),
        lambda: logger.info("x", extra={"fields": {"url": f"https://u:{KEY}@host/", "n": [KEY]}}),
        lambda: logger.info("x", extra={"fields": {KEY: 1, "authorization": "short"}}),
        lambda: logger.info("x", extra={"fields": {"what": ValueError(KEY)}}),
    ],
)
def test_no_key_is_in_a_line(say: Any, lines: io.StringIO) -> None:
    say()
    assert KEY not in lines.getvalue()
    assert "short" not in lines.getvalue()
    only(lines)


def test_a_trace_says_where_and_not_in_what_words(lines: io.StringIO) -> None:
    try:
        try:
            raise KeyError("what somebody asked")
        except KeyError as error:
            raise ValueError("what a provider quoted of it") from error
    except ValueError:
        logger.exception("broke")
    trace = only(lines)["trace"]
    assert "Traceback" in trace
    assert trace.index("ValueError") < trace.index("KeyError")
    assert "test_log.py" in trace
    # The line of source is there, the words of the error at the moment are not.
    assert trace.count("what somebody asked") == trace.count('KeyError("what somebody asked")')


def test_no_line_is_endless_and_none_drives_a_terminal(lines: io.StringIO) -> None:
    logger.info("\x1b[31m\u202ex" + "y" * 100_000, extra={"fields": {"text": "z" * 100_000}})
    assert len(lines.getvalue()) < 10_000
    assert "\x1b" not in lines.getvalue()


def test_odd_things_do_not_break_a_line() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "odd \ud800", (), None)
    record.fields = {"inner": {1: {2, 3}}, "loop": object()}
    assert json.loads(JsonLines().format(record))["level"] == "info"


def test_a_file_is_private_and_turns_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "MAX_BYTES", 400)
    path = tmp_path / "logs" / "core.log"
    handler = begin("warning", path)
    for number in range(20):
        logger.warning("event %d", number)
    end(handler)
    found = sorted(path.parent.iterdir())
    assert len(found) == 1 + log_module.KEEP
    assert {stat.S_IMODE(one.stat().st_mode) for one in found} == {0o600}
    assert "event 19" in path.read_text()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "core.log"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        begin("info", path)
    assert not (tmp_path / "elsewhere").exists()
