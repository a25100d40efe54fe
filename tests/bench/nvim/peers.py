"""Five peers to start up beside: where they are, what they need, and how their README sets them up.

A peer is taken from ``build/peers/<name>``, else from its public repository; where neither can be
had it is left out, with a word.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.house import REPOSITORY

DIRECTORY = REPOSITORY / "build" / "peers"
LIMIT_S = 60


@dataclass(frozen=True, slots=True)
class Peer:
    """``repository`` is ``owner/name``; ``setup`` is Lua; ``needs`` are other repositories."""

    repository: str
    setup: str
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.repository.partition("/")[2]


PEERS = (
    Peer(
        "olimorris/codecompanion.nvim",
        'require("codecompanion").setup({})',
        ("nvim-lua/plenary.nvim",),
    ),
    Peer(
        "yetone/avante.nvim",
        'require("avante").setup({})',
        ("nvim-lua/plenary.nvim", "MunifTanjim/nui.nvim"),
    ),
    Peer(
        "CopilotC-Nvim/CopilotChat.nvim",
        'require("CopilotChat").setup({})',
        ("nvim-lua/plenary.nvim",),
    ),
    Peer("coder/claudecode.nvim", 'require("claudecode").setup({ auto_start = false })'),
    Peer("folke/sidekick.nvim", 'require("sidekick").setup({})'),
)


def places(peer: Peer) -> list[Path] | None:
    """The directories of a peer and of what it needs; None when one cannot be had."""
    found = [_place(repository) for repository in (peer.repository, *peer.needs)]
    return None if None in found else [one for one in found if one is not None]


def _place(repository: str) -> Path | None:
    directory = DIRECTORY / repository.partition("/")[2]
    if not directory.exists():
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        source = f"https://github.com/{repository}"
        clone = ["git", "clone", "-q", "--depth", "1", source, str(directory)]
        try:
            subprocess.run(clone, check=True, capture_output=True, timeout=LIMIT_S)
        except (OSError, subprocess.SubprocessError):
            return None
    return directory
