"""LiteLLM's proxy in an environment of its own, ``build/litellm-venv``: made once, then kept.

``python -m tests.peers.litellm.environment`` makes it beforehand; the tests do so too. It takes
about a minute and 740 MB. With ``ZEKE_NO_LITELLM`` set it is neither made nor used.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.peers.borrowed import BUILD, Borrowed, prepare

# The version whose ways are known here; another one may behave in other ways.
LITELLM = Borrowed("litellm[proxy]==1.106.2", BUILD / "litellm-venv", "ZEKE_NO_LITELLM", 540.0)


def program() -> Path:
    """LiteLLM's proxy, installed first when it is not there. Raises ``UnavailableError``."""
    place = LITELLM.directory
    own = str(place / "bin" / "python")
    # Debian's Python may come without ensurepip, so this environment's pip does it.
    venv = (sys.executable, "-m", "venv", "--clear", "--without-pip", str(place))
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", own)
    return LITELLM.ready(venv, (*pip, "install", "-q", LITELLM.requirement)) / "bin" / "litellm"


if __name__ == "__main__":
    prepare(program, "a real LiteLLM")
