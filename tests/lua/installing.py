"""``:Zeke install`` as a person uses it."""

from __future__ import annotations

from pathlib import Path

import zeke_bridge
from tests.e2e.nvim import Nvim
from tests.e2e.person import shows


def home_of(nvim: Nvim) -> Path:
    return Path(nvim.lua("return require('zeke.install.place').directory()"))


def install(nvim: Nvim, text: str = "") -> None:
    nvim.feed(f":Zeke install {text}<CR>")


INSTALLED = f"zeke-bridge {zeke_bridge.__version__} is installed in ~/"


def wait_installed(nvim: Nvim) -> None:
    shows(nvim, INSTALLED)
