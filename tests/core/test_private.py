from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

import pytest

from zeke_bridge.core import private
from zeke_bridge.core.private import PrivateFile
from zeke_bridge.model.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path) -> PrivateFile:
    return PrivateFile(tmp_path / "new" / "file.json", "remove it")


def test_what_was_written_is_read_and_nobody_else_can(file: PrivateFile) -> None:
    assert file.read() == {}
    assert file.stamp() is None
    with file.changing():
        file.write({"a": 1})
    assert file.read() == {"a": 1}
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.path.parent.iterdir()] == ["file.json"]


def test_the_stamp_changes_with_content_and_rights(file: PrivateFile) -> None:
    file.write({"a": 1})
    first = file.stamp()
    assert file.stamp() == first
    file.write({"a": 1})
    second = file.stamp()
    assert second != first
    file.path.chmod(0o640)
    assert file.stamp() != second


def test_what_is_no_private_file_is_refused(file: PrivateFile, tmp_path: Path) -> None:
    file.write({"a": "secret"})
    file.path.chmod(0o604)
    with pytest.raises(ConfigError, match="chmod 600"):
        file.read()
    file.path.chmod(0o600)
    for text in ("", "[]", '{"a": "secret"', "\udcff"):
        file.path.write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(ConfigError, match="damaged: remove it") as caught:
            file.read()
        assert "secret" not in str(caught.value)
        assert caught.value.__context__ is None
    file.path.unlink()
    os.mkfifo(file.path, 0o600)
    with pytest.raises(ConfigError, match="not a file"):
        file.read()
    link = PrivateFile(tmp_path / "link.json", "remove it")
    link.path.symlink_to(file.path)
    with pytest.raises(ConfigError, match="cannot be read"):
        link.read()


def test_out_of_reach_is_not_the_same_as_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    inside = PrivateFile(tmp_path / "file" / "x.json", "remove it")
    assert inside.stamp() == (0, 0, 0)
    with pytest.raises(ConfigError):
        inside.read()
    with pytest.raises(ConfigError):
        inside.write({})
    with pytest.raises(ConfigError), inside.changing():
        pass


def test_who_waits_too_long_for_another_is_told(
    file: PrivateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private, "_LOCKED_S", 0.0)
    file.write({})
    other = os.open(file.path.parent, os.O_RDONLY)
    try:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(ConfigError, match="try again"), file.changing():
            pass
    finally:
        os.close(other)
    with file.changing():
        pass
