"""What may be read here, and what only elsewhere."""

from __future__ import annotations

import gc
from time import thread_time

import pytest

from zeke_bridge.warden.command import is_tangled, keep, known, read_command
from zeke_bridge.warden.command.known import MOST_BYTES, MOST_MARKS
from zeke_bridge.warden.command.part import Reading

# Takes the parser more than a minute.
ENDLESS = (
    "``a|a|`<<<a <<<a `a|a|a|a|a|`a|a|a|a|<<<a a|a|<<<a a|a|a|a|`a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a"
    "|a|a|a|a|`<<<a <<<a `a|a|"
)


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ((), False),
        (("ls",), False),
        (("sh", "-c", "cd x && pytest -q 2>&1 | tail -5"), False),
        (("sh", "-c", "x" * (MOST_BYTES - 7)), False),
        (("sh", "-c", "x" * (MOST_BYTES - 6)), True),
        (("sh", "-c", "ä" * (MOST_BYTES // 2)), True),
        (("sh", "-c", "|" * MOST_MARKS), False),
        (("sh", "-c", "|" * MOST_MARKS, "|"), True),
        (("a",) * MOST_BYTES, True),
        (("sh", "-c", ENDLESS), True),
        (("\ud800",), False),
    ],
)
def test_what_is_tangled(argv: tuple[str, ...], expected: bool) -> None:
    assert is_tangled(argv) is expected


def test_what_is_short_is_read() -> None:
    assert known(("rm", "x")) == read_command(("rm", "x"))


def test_what_is_tangled_is_not_read_and_so_not_run() -> None:
    # What tests before have left is not collected meanwhile.
    gc.collect()
    start = thread_time()
    assert "not run" in known(("sh", "-c", ENDLESS)).problem
    assert thread_time() - start < 0.02


def test_what_was_read_is_known_while_it_is_held() -> None:
    argv = ("sh", "-c", ENDLESS)
    held = keep(argv, Reading(programs=("a",)))
    also = keep(argv, Reading(programs=("b",)))
    assert also is held
    del also
    gc.collect()
    assert known(argv) is held
    del held
    gc.collect()
    assert known(argv).problem
