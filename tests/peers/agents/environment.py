"""Agents of somebody else's, as npm has them, in ``build``: made once, then kept.

``python -m tests.peers.agents.environment`` makes them beforehand; the tests do so too. It takes
less than a minute and 240 MB. With ``ZEKE_NO_AGENTS`` set they are neither made nor used.
"""

from __future__ import annotations

from pathlib import Path

from tests.peers.borrowed import BUILD, Borrowed, prepare

# The adapter of Claude Code that reads, writes and runs through the editor.
ADAPTER = Borrowed("@zed-industries/claude-code-acp@0.16.2", BUILD / "agents", "ZEKE_NO_AGENTS")
# It reads and writes through the editor, and runs commands itself.
GEMINI = Borrowed("@google/gemini-cli@0.61.0", BUILD / "gemini", "ZEKE_NO_AGENTS")


def program() -> Path:
    """Claude Code's program, installed first when it is not there. Raises ``UnavailableError``."""
    return ADAPTER.npm() / ".bin" / "claude-code-acp"


def gemini() -> Path:
    """Gemini CLI's program, in the same way."""
    return GEMINI.npm() / ".bin" / "gemini"


if __name__ == "__main__":
    prepare(program, "a real ACP agent")
    prepare(gemini, "Gemini CLI")
