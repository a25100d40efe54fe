"""An agent of somebody else's, as npm has it, in ``build/agents``: made once, then kept.

``python -m tests.peers.agents.environment`` makes it beforehand; the tests do so too. It takes half
a minute and 140 MB. With ``ZEKE_NO_AGENTS`` set it is neither made nor used.
"""

from __future__ import annotations

from pathlib import Path

from tests.peers.borrowed import BUILD, Borrowed, prepare

# The adapter of Claude Code that reads, writes and runs through the editor.
ADAPTER = Borrowed("@zed-industries/claude-code-acp@0.16.2", BUILD / "agents", "ZEKE_NO_AGENTS")


def program() -> Path:
    """The agent's program, installed first when it is not there. Raises ``UnavailableError``."""
    return ADAPTER.npm() / ".bin" / "claude-code-acp"


if __name__ == "__main__":
    prepare(program, "a real ACP agent")
