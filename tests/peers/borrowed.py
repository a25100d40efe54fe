"""What a peer's tests borrow from outside: installed once into a directory of ``build``, then kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "build"


class UnavailableError(Exception):
    """It cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Borrowed:
    """``requirement`` in ``directory``; with the variable ``off`` set it is not made and not used.

    ``limit_s`` is how long one step of its installation may take.
    """

    requirement: str
    directory: Path
    off: str
    limit_s: float = 300.0

    def ready(self, *steps: Sequence[str], tools: Sequence[str] = ()) -> Path:
        """The directory, made by ``steps`` if it is not there. Raises ``UnavailableError``.

        The steps are commands, which need ``tools``; and so does what they make.
        """
        if os.environ.get(self.off):
            raise UnavailableError(f"{self.off} is set")
        for tool in tools:
            if shutil.which(tool) is None:
                raise UnavailableError(f"{tool} is not installed")
        done = self.directory / ".complete"
        if not done.exists():
            for command in steps:
                self._run(command)
            done.touch()
        return self.directory

    def npm(self) -> Path:
        """The ``node_modules`` with it. Raises ``UnavailableError``."""
        options = ("--prefix", str(self.directory), "--no-audit", "--no-fund")
        install = ("npm", "install", *options, self.requirement)
        return self.ready(install, tools=("node", "npm")) / "node_modules"

    def _run(self, command: Sequence[str]) -> None:
        what = self.requirement
        self.directory.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(
                command, check=True, capture_output=True, text=True, timeout=self.limit_s
            )
        except subprocess.TimeoutExpired as error:
            raise UnavailableError(f"{what} was not installed in {self.limit_s:g} s") from error
        except (OSError, subprocess.CalledProcessError) as error:
            said = str(getattr(error, "stderr", "") or error).strip().splitlines()
            raise UnavailableError(f"{what} cannot be installed: {said[-1][:200]}") from error


def prepare(program: Callable[[], Path], who: str) -> None:
    """Get ``program`` for the tests with ``who``, and print where it is, or why it is not."""
    try:
        print(program())
    except UnavailableError as reason:
        sys.exit(f"SKIPPED below: the tests with {who} ({reason})")
