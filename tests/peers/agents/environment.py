"""An agent of somebody else's, as npm has it, in ``build/agents``: made once, then kept.

``python -m tests.peers.agents.environment`` makes it beforehand; the tests do so too. It takes half
a minute and 140 MB. With ``ZEKE_NO_AGENTS`` set it is neither made nor used.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The adapter of Claude Code that reads, writes and runs through the editor.
REQUIREMENT = "@zed-industries/claude-code-acp@0.16.2"
DIRECTORY = Path(__file__).resolve().parents[3] / "build" / "agents"
LIMIT_S = 300.0


class UnavailableError(Exception):
    """There is no such agent here; the message says why."""


def program() -> Path:
    """The agent's program, installed first when it is not there. Raises ``UnavailableError``."""
    if os.environ.get("ZEKE_NO_AGENTS"):
        raise UnavailableError("ZEKE_NO_AGENTS is set")
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise UnavailableError(f"{tool} is not installed")
    done = DIRECTORY / ".complete"
    if not done.exists():
        _install()
        done.touch()
    return DIRECTORY / "node_modules" / ".bin" / "claude-code-acp"


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
        sys.exit(f"SKIPPED below: the tests with a real ACP agent ({reason})")
