"""Says (by its exit status) whether a Neovim is there that is new enough."""

from __future__ import annotations

import sys

from zeke_bridge.cli.editor import find_nvim
from zeke_bridge.model.errors import ZekeError

if __name__ == "__main__":
    try:
        find_nvim()
    except ZekeError:
        sys.exit(1)
