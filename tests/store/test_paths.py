"""Private files: looked at without following or waiting, replaced whole."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from zeke_bridge.model.errors import StoreError
from zeke_bridge.store.paths import Look, look, private_dir, replace_file, sync_dir


def test_looking(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert look(path, 10, shared_reading=True) == Look()
    path.write_bytes(b"0123456789")
    path.chmod(0o644)
    assert look(path, 10, shared_reading=True) == Look(b"0123456789")
    private = look(path, 10, shared_reading=False)
    assert private.content == b"0123456789"
    assert "chmod 600" in private.problem
    path.write_bytes(b"0123456789a")
    large = look(path, 10, shared_reading=True)
    assert (large.content, "over 10 bytes" in large.problem) == (b"0123456789", True)


def test_a_path_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    found = look(tmp_path / "x" / "y", 10, shared_reading=True)
    assert (found.content, found.problem.endswith("Not a directory.")) == (None, True)


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_replacing(tmp_path: Path, size: int) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    path.chmod(0o644)
    replace_file(path, b"n" * size)
    assert path.read_bytes() == b"n" * size
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_writes_may_be_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, bytes(data)[:7]))
    replace_file(tmp_path / "x", b"0123456789" * 5)
    assert (tmp_path / "x").read_bytes() == b"0123456789" * 5


def test_what_changed_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("other")
    with pytest.raises(OSError, match="something else") as caught:
        replace_file(path, b"new", lambda: False)
    assert caught.value.errno == errno.ESTALE
    assert path.read_text() == "other"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_without_lasting_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    sync_dir(tmp_path)


def test_a_private_directory(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    assert private_dir(path) == path
    assert path.stat().st_mode & 0o777 == 0o700
    path.chmod(0o750)
    with pytest.raises(StoreError, match="chmod 700"):
        private_dir(path)
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(StoreError, match="not a link"):
        private_dir(tmp_path / "link")
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be used"):
        private_dir(tmp_path / "file" / "x")


def test_what_is_replaced_lasts_before_it_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def synced(handle: int) -> None:
        calls.append("sync directory" if stat.S_ISDIR(os.fstat(handle).st_mode) else "sync file")
        fsync(handle)

    def renamed(path: Path, target: Path) -> Path:
        calls.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    replace_file(tmp_path / "x", b"new")
    assert calls == ["sync file", "rename", "sync directory"]
