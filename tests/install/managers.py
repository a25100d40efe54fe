"""The ways a person gets the plugin, each from nothing: what they write, and what they run once.

Each takes a ``Place`` and leaves it as it is before that person's next start. Documented as here
in ``:help zeke-install``.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.nvim import binary, isolated
from tests.install.environment import UnavailableError, manager

LIMIT_S = 60


@dataclass(frozen=True)
class Place:
    """One person's home, and the repository they get the plugin from."""

    home: Path
    origin: Path
    env: dict[str, str]

    @property
    def data(self) -> Path:
        """``stdpath('data')``."""
        return self.home / "data" / "nvim"

    @property
    def init(self) -> Path:
        """Their configuration."""
        return self.home / "config" / "nvim" / "init.lua"

    def configure(self, text: str) -> None:
        """Write it."""
        self.init.parent.mkdir(parents=True, exist_ok=True)
        self.init.write_text(text, encoding="utf-8")

    def run(self, *command: str) -> str:
        """Run a program as that person; what it says."""
        done = subprocess.run(
            command,
            env={**isolated(self.home), **self.env},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def nvim(self, *commands: str) -> str:
        """Run Neovim without a screen, with their configuration."""
        words = [word for command in commands for word in ("-c", command)]
        return self.run(binary(), "--headless", "-i", "NONE", "-n", *words, "-c", "qa!")


Way = Callable[[Place], None]


def packpath(place: Place) -> None:
    """``git clone`` into a package directory, and ``:helptags`` once."""
    target = place.data / "site" / "pack" / "zeke" / "start" / "zeke-bridge"
    place.run("git", "clone", "-q", place.origin.as_uri(), str(target))
    place.configure("")
    place.nvim("helptags ALL")


def lazy(place: Place, more: str = "") -> None:
    """lazy.nvim, which installs what is missing at the next start."""
    init = f"""
vim.opt.rtp:prepend([[{_borrowed("lazy.nvim")}]])
require("lazy").setup({{
  {{ url = "{place.origin.as_uri()}", {more} }},
}}, {{ rocks = {{ enabled = false }}, change_detection = {{ enabled = false }} }})
"""
    place.configure(init)
    place.nvim("Lazy! sync")


def lazy_on_command(place: Place) -> None:
    """lazy.nvim, with the plugin not even on the runtimepath until one of its commands."""
    lazy(place, 'cmd = { "Zeke", "ZekeStatus", "ZekeChat" }')


def vim_pack(place: Place) -> None:
    """The plugin manager of Neovim 0.12."""
    has = place.run(binary(), "--headless", "-u", "NONE", "+lua print(vim.pack ~= nil)", "+qa!")
    if "true" not in has:
        pytest.skip("this Neovim has no vim.pack, which came with 0.12")
    init = f'vim.pack.add({{ "{place.origin.as_uri()}" }}, {{ confirm = false }})\n'
    place.configure(init)
    place.nvim()


def packer(place: Place) -> None:
    """packer.nvim, which takes care of itself too."""
    target = place.data / "site" / "pack" / "packer" / "start" / "packer.nvim"
    target.parent.mkdir(parents=True)
    target.symlink_to(_borrowed("packer.nvim"))
    init = f"""
require("packer").startup({{
  function(use)
    use([[{_borrowed("packer.nvim")}]])
    use("zeke/zeke-bridge")
  end,
  config = {{ git = {{ default_url_format = "{place.origin.parents[1].as_uri()}/%s" }} }},
}})
"""
    place.configure(init)
    done = "autocmd User PackerComplete quitall!"
    words = ("--headless", "-i", "NONE", "-n", "-c", done, "-c", "PackerSync")
    place.run(binary(), *words)


def rocks(place: Place) -> None:
    """LuaRocks, into the tree of rocks.nvim, with the links that rocks.nvim makes of it.

    rocks.nvim itself comes from LuaRocks with parts that have to be compiled; what it does at
    the start is in its ``rocks/adapter.lua`` and ``rocks/runtime.lua``.
    """
    if shutil.which("luarocks") is None:
        pytest.skip("luarocks is not installed here (Debian: apt-get install luarocks)")
    tree = place.data / "rocks"
    clone = place.home / "zeke-bridge"
    place.run("git", "clone", "-q", place.origin.as_uri(), str(clone))
    spec = str(clone / "zeke-bridge-scm-1.rockspec")
    make = f'cd "{clone}" && exec luarocks --lua-version 5.1 --tree "{tree}" make "{spec}"'
    place.run("sh", "-c", make)
    links = {
        tree / "rocks_rtp" / "lua": tree / "share" / "lua" / "5.1",
        place.data / "site" / "pack" / "luarocks" / "opt" / "zeke-bridge": (
            tree / "lib" / "luarocks" / "rocks-5.1" / "zeke-bridge" / "scm-1"
        ),
    }
    for link, target in links.items():
        link.parent.mkdir(parents=True)
        link.symlink_to(target)
    init = f"""
local tree = [[{tree}]]
package.path = tree .. "/share/lua/5.1/?.lua;" .. tree .. "/share/lua/5.1/?/init.lua;"
  .. package.path
vim.opt.runtimepath:append(tree .. "/rocks_rtp")
vim.cmd.packadd("zeke-bridge")
"""
    place.configure(init)
    place.nvim("helptags ALL")


def _borrowed(name: str) -> Path:
    try:
        return manager(name)
    except UnavailableError as reason:
        pytest.skip(str(reason))
