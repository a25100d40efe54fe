"""A small process for a test that forks often.

By the end of a run the process with the tests is so large that each fork of it costs the time of a
hundred tests. A test under ``small`` runs in a fresh interpreter, which has only what it imports.
"""

from __future__ import annotations

import functools
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
Test = TypeVar("Test", bound=Callable[..., None])


def small(test: Test) -> Test:
    """Let a test run apart; its arguments are pickled. What fails there fails here."""

    @functools.wraps(test)
    def apart(**arguments: Any) -> None:
        done = subprocess.run(
            [sys.executable, "-c", "from tests.fakes.small import main; main()"],
            input=pickle.dumps((apart, arguments)),
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            pytest.fail(done.stdout.decode(errors="replace"), pytrace=False)

    return apart  # type: ignore[return-value]


def main() -> None:
    """Run the test that stands on the input."""
    test, arguments = pickle.load(sys.stdin.buffer)
    try:
        test.__wrapped__(**arguments)
    except BaseException:
        traceback.print_exc()
        sys.exit(1)
