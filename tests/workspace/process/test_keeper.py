"""The keeper by itself: it kills what was left, and nobody else."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zeke_bridge.workspace.process.keeper import holders, keep

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def sleep(**options: object) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(["sleep", "1000"], start_new_session=True, **options)  # type: ignore[call-overload]
        started.append(child)
        return child

    yield sleep
    for child in started:
        child.kill()
        child.wait(30)


def told(*lines: str) -> None:
    keep(io.BytesIO("".join(lines).encode()))


def test_it_kills_what_is_left(start: Start) -> None:
    left, over = start(), start()
    told(f"+{left.pid}\n", f"+{over.pid}\n", f"-{over.pid}\n")
    assert left.wait(30) == -9
    assert over.poll() is None


def test_half_a_line_says_nothing(start: Start) -> None:
    child = start()
    told(f"+{child.pid}")
    assert child.poll() is None


def test_it_never_kills_everybody() -> None:
    told("+0\n", "+1\n", "+-1\n", "+999999999\n")


def test_what_is_being_started_is_found_by_its_pipe(start: Start) -> None:
    source, sink = os.pipe()
    other_source, other_sink = os.pipe()
    child, other = start(stdout=sink), start(stdout=other_sink)
    inode, over = os.fstat(sink).st_ino, os.fstat(other_sink).st_ino
    for handle in (source, sink, other_source, other_sink):
        os.close(handle)
    told(f"?{over}\n", f"?{inode}\n", f"!{over}\n")
    assert child.wait(30) == -9
    assert other.poll() is None


def test_who_does_not_lead_a_group_dies_alone(start: Start) -> None:
    source, sink = os.pipe()
    inode = os.fstat(sink).st_ino
    child = subprocess.Popen(["sleep", "1000"], stdout=sink)
    os.close(source)
    os.close(sink)
    told(f"?{inode}\n")
    # We are in the same group, and still here.
    assert child.wait(30) == -9


def test_nothing_is_held_by_nobody() -> None:
    assert holders({"pipe:[0]"}) == []
    assert Path("/proc/self/fd").exists()
