"""A real Neovim with an attached screen that runs the functions of ``front.lua``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.e2e.nvim import Nvim
from tests.fakes.house import House

FRONT = Path(__file__).with_name("front.lua")


def neovim(house: House, init: str = "") -> Nvim:
    """One in ``house``, on the file of its project; ``init`` is Lua that runs first."""
    python = f"vim.g.zeke_python = [[{sys.executable}]]\n{init}"
    return Nvim(house.base / "home", "a.py", env=house.environment, init=python, cwd=house.project)


def measure(nvim: Nvim, what: str, *arguments: Any) -> Any:
    """Run one function of ``front.lua``; what it returns."""
    return nvim.lua(
        "return dofile((...))[select(2, ...)](select(3, ...))", str(FRONT), what, *arguments
    )
