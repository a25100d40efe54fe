"""A client of ACP of somebody else's, as npm has it, in ``build/acpx``: made once, then kept.

``python -m tests.peers.acpx.environment`` makes it beforehand; the tests do so too. It takes half a
minute and 45 MB. With ``ZEKE_NO_ACPX`` set it is neither made nor used.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# A client for the command line; the version whose ways are known here.
REQUIREMENT = "acpx@0.19.1"
DIRECTORY = Path(__file__).resolve().parents[3] / "build" / "acpx"
LIMIT_S = 300.0


class UnavailableError(Exception):
    """There is no such client here; the message says why."""


def program() -> Path:
    """The client's program, installed first when it is not there. Raises ``UnavailableError``."""
    if os.environ.get("ZEKE_NO_ACPX"):
        raise UnavailableError("ZEKE_NO_ACPX is set")
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise UnavailableError(f"{tool} is not installed")
    done = DIRECTORY / ".complete"
    if not done.exists():
        _install()
        done.touch()
    found = DIRECTORY / "node_modules" / "acpx" / "dist" / "cli.js"
    asked = subprocess.run(
        ["node", str(found), "--version"], capture_output=True, text=True, timeout=60, check=False
    )
    if asked.returncode:
        raise UnavailableError("this Node.js is too old for it")
    return found


def _install() -> None:
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--prefix", str(DIRECTORY), "--no-audit", "--no-fund", REQUIREMENT]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"{REQUIREMENT} was not installed in {LIMIT_S:g} s") from error
    except (OSError, subprocess.CalledProcessError) as error:
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()
        raise UnavailableError(f"{REQUIREMENT} cannot be installed: {said[-1][:200]}") from error


if __name__ == "__main__":
    try:
        print(program())
    except UnavailableError as reason:
        sys.exit(f"SKIPPED below: the tests with a real ACP client ({reason})")
