"""Small files of somebody else's: plain ones only, and only so much."""

from __future__ import annotations

import os
from pathlib import Path

from zeke_bridge.workspace.plain import read_plain


def test_plain_text_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("é\n")
    assert read_plain(path, 3) == "é\n"
    assert read_plain(path, 2) is None
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "bytes").write_bytes(b"\xff")
    for name in ("link", "fifo", "bytes", "missing", "\0"):
        assert read_plain(tmp_path / name, 100) is None
    assert read_plain(tmp_path, 100) is None
