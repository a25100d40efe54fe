"""Directories of nobody, for tests that start a core in their own process."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from zeke_bridge.bridge.runtime import Runtime

_DIRECTORIES = ("ZEKE_STATE_DIR", "ZEKE_CACHE_DIR", "GHOSTLLM_CONFIG_DIR", "GHOSTLLM_STATE_DIR")
_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENAI_BASE_URL")


@contextmanager
def nobodys(base: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    """A runtime directory with a path short enough for sockets; nothing of the user's is seen."""
    for name in _DIRECTORIES:
        monkeypatch.setenv(name, str(base / name.lower()))
    for name in _KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    directory = Path(tempfile.mkdtemp(prefix="zeke-"))
    try:
        yield Runtime(directory)
    finally:
        shutil.rmtree(directory)
