"""A client of ACP of somebody else's, as npm has it, in ``build/acpx``: made once, then kept.

``python -m tests.peers.acpx.environment`` makes it beforehand; the tests do so too. It takes half a
minute and 45 MB. With ``ZEKE_NO_ACPX`` set it is neither made nor used.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.peers.borrowed import BUILD, Borrowed, UnavailableError, prepare

# A client for the command line; the version whose ways are known here.
ACPX = Borrowed("acpx@0.19.1", BUILD / "acpx", "ZEKE_NO_ACPX")


def program() -> Path:
    """The client's program, installed first when it is not there. Raises ``UnavailableError``."""
    found = ACPX.npm() / "acpx" / "dist" / "cli.js"
    asked = subprocess.run(
        ["node", str(found), "--version"], capture_output=True, text=True, timeout=60, check=False
    )
    if asked.returncode:
        raise UnavailableError("this Node.js is too old for it")
    return found


if __name__ == "__main__":
    prepare(program, "a real ACP client")
