"""Where the runtime directory is, and what makes it unfit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zeke_bridge.bridge.runtime import Runtime, check, locate, new_token, prepare, read_token
from zeke_bridge.model.errors import BrokerError


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chosen = tmp_path / "z"
    monkeypatch.setenv("ZEKE_RUNTIME_DIR", str(chosen))
    return chosen


def test_it_is_made_private(private: Path) -> None:
    assert prepare().directory == private
    assert private.stat().st_mode & 0o777 == 0o700


def test_the_session_directory_counts_when_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZEKE_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert locate().directory == tmp_path / "zeke"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "missing"))
    assert locate().directory == Path(f"/tmp/zeke-{os.getuid()}")


def test_one_that_others_can_enter_is_refused(private: Path) -> None:
    private.mkdir(mode=0o700)
    private.chmod(0o755)
    with pytest.raises(BrokerError, match="chmod 700"):
        prepare()


def test_a_link_is_refused(private: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    private.symlink_to(elsewhere)
    with pytest.raises(BrokerError, match="not a directory"):
        prepare()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a directory away")
def test_another_users_is_refused(private: Path) -> None:
    private.mkdir(mode=0o700)
    os.chown(private, 12345, 12345)
    with pytest.raises(BrokerError, match="another user"):
        prepare()


def test_a_path_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir(mode=0o700)
    with pytest.raises(BrokerError, match="too long"):
        check(Runtime(deep))


def test_the_token_is_private_and_made_anew(private: Path) -> None:
    runtime = prepare()
    first = new_token(runtime)
    assert read_token(runtime) == first
    assert runtime.token.stat().st_mode & 0o777 == 0o600
    assert new_token(runtime) != first
    assert [path.name for path in private.iterdir()] == ["token"]


def test_without_a_broker_there_is_no_token(private: Path) -> None:
    with pytest.raises(BrokerError, match="zeke broker run"):
        read_token(prepare())
