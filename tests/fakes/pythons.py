"""Pythons by script on a ``$PATH`` with nothing else of that kind on it: what ``:Zeke install``
meets on other people's machines, without a package and without a network.

    pythons = Pythons(directory)
    pythons.add("python3", version=(3, 9))
    pythons.pip("echo 'ERROR: …'; exit 1")

A fake makes environments with a fake in them, whose pip runs what the test says.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import zeke_bridge

# What the product and its tests run beside Python.
TOOLS = ("sh", "rm", "mkdir", "cp", "cat", "sleep", "git", "echo", "chmod", "env")

_FAKE = """#!/bin/sh
printf '%s\\n' "$*" >> "{told}"
case "$*" in
  *"has(\\"pip\\")"*) printf '%s\\n' '{about}';;
  *" -m venv "*|"-I -m venv "*)
    for last; do :; done
    . "{directory}/venv.sh"
    rm -rf "$last"; mkdir -p "$last/bin"; cp "$0" "$last/bin/python";;
  *"-m pip "*) . "{directory}/pip.sh";;
  *"import zeke_bridge"*) . "{directory}/check.sh";;
  *) exit 3;;
esac
"""


class Pythons:
    """A directory of programs; ``path`` is the whole ``$PATH``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.told = directory / "told"
        self._bin = directory / "bin"
        self._bin.mkdir(parents=True)
        for name in TOOLS:
            found = shutil.which(name)
            if found:
                (self._bin / name).symlink_to(found)
        self.venv("")
        self.pip("echo Collecting anyio; echo Installing collected packages: anyio, zeke-bridge")
        self.check(f"echo {zeke_bridge.__version__}")

    @property
    def path(self) -> str:
        """For ``$PATH``."""
        return str(self._bin)

    def add(
        self,
        name: str = "python3",
        *,
        version: tuple[int, int] = (3, 12),
        venv: bool = True,
        ensurepip: bool = True,
        pip: int = 0,
    ) -> Path:
        """Put a Python there that says this of itself."""
        program = self._bin / name
        about = {
            "version": [*version, 0],
            "venv": venv,
            "ensurepip": ensurepip,
            "pip": pip,
            "executable": str(program),
        }
        program.write_text(
            _FAKE.format(told=self.told, about=json.dumps(about), directory=self.directory)
        )
        program.chmod(0o755)
        return program

    def venv(self, script: str) -> None:
        """What happens, in sh, before an environment is made."""
        self._script("venv", script)

    def pip(self, script: str) -> None:
        """What pip does, in sh."""
        self._script("pip", script)

    def check(self, script: str) -> None:
        """What the installed package does when it is tried, in sh."""
        self._script("check", script)

    def calls(self, word: str) -> list[str]:
        """The argument lists so far in which the word is."""
        lines = self.told.read_text().splitlines() if self.told.exists() else []
        return [line for line in lines if word in line]

    def _script(self, name: str, text: str) -> None:
        new = self.directory / f"{name}.new"
        new.write_text(text + "\n")
        new.replace(self.directory / f"{name}.sh")
