"""LiteLLM's proxy in an environment of its own, ``build/litellm-venv``: made once, then kept.

``python -m tests.peers.litellm.environment`` makes it beforehand; the tests do so too. It takes
about a minute and 740 MB. With ``ZEKE_NO_LITELLM`` set it is neither made nor used.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# The version whose ways are known here; another one may behave in other ways.
REQUIREMENT = "litellm[proxy]==1.106.2"
DIRECTORY = Path(__file__).resolve().parents[3] / "build" / "litellm-venv"
LIMIT_S = 540.0


class UnavailableError(Exception):
    """There is no LiteLLM here; the message says why."""


def program() -> Path:
    """LiteLLM's proxy, installed first when it is not there. Raises ``UnavailableError``."""
    if os.environ.get("ZEKE_NO_LITELLM"):
        raise UnavailableError("ZEKE_NO_LITELLM is set")
    done = DIRECTORY / ".complete"
    if not done.exists():
        _install()
        done.touch()
    return DIRECTORY / "bin" / "litellm"


def _install() -> None:
    own = DIRECTORY / "bin" / "python"
    # Debian's Python may come without ensurepip, so this environment's pip does it.
    _run(sys.executable, "-m", "venv", "--clear", "--without-pip", str(DIRECTORY))
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(own))
    _run(*pip, "install", "-q", REQUIREMENT)


def _run(*command: str) -> None:
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
        sys.exit(f"SKIPPED below: the tests with a real LiteLLM ({reason})")
