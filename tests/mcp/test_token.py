"""The token of ``zeke mcp --http``."""

from __future__ import annotations

from pathlib import Path

import pytest

from zeke_bridge.mcp.token import kept_token
from zeke_bridge.model.errors import StoreError


def test_it_is_made_once_and_kept_privately(tmp_path: Path) -> None:
    state = tmp_path / "state"
    token, path, is_new = kept_token(state)
    assert is_new
    assert len(token) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert kept_token(state) == (token, path, False)
    path.unlink()
    assert kept_token(state)[0] != token


def test_one_that_others_could_have_written_is_not_believed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    _, path, _ = kept_token(state)
    path.chmod(0o644)
    with pytest.raises(StoreError):
        kept_token(state)
    path.chmod(0o600)
    for short in ("", "short\n", "ü" * 40):
        path.write_text(short)
        with pytest.raises(StoreError, match="holds no token"):
            kept_token(state)
