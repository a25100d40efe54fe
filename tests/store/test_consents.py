"""The consent file on disk: believed only when the ledger says so, and never half written."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import StoreError
from zeke_bridge.store.consents import ConsentStore

NOW = 1_700_000_000.0
ALL = (
    b'{"version": 1, "grants": [{"id": "evil0000", "op": "write", "subject": "assistant", '
    b'"target": "src/a.py", "created": "2025-01-01T00:00:00Z", "expires": null}], '
    b'"denies": [{"op": "write", "pattern": "secret/"}], "local_only": true}'
)


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_nothing_there(shelf: Any) -> None:
    memory = shelf.store().load(str(shelf.root))
    assert (memory.state, memory.notice, memory.grants.grants) == ("none", "", ())
    assert not shelf.state.exists()


def test_a_grant_is_remembered(shelf: Any) -> None:
    grant = shelf.remember("src/a.py")
    memory = shelf.store().load(str(shelf.root))
    assert (memory.state, memory.notice, memory.hash) == ("trusted", "", sha(shelf.file))
    assert memory.grants.find(Op.WRITE, "assistant", "src/a.py", NOW) == grant
    assert (grant.created, grant.expires) == (NOW, NOW + 30 * 86400)
    assert json.loads(shelf.file.read_text())["grants"][0]["expires"] == "2023-12-14T22:13:20Z"
    assert shelf.file.stat().st_mode & 0o777 == 0o600
    assert shelf.state.stat().st_mode & 0o777 == 0o700
    assert (shelf.state / "trust.json").stat().st_mode & 0o777 == 0o600


def test_the_same_again_renews(shelf: Any) -> None:
    shelf.remember("a", now=NOW)
    shelf.remember("a", now=NOW + 5)
    (grant,) = shelf.store().load(str(shelf.root)).listed
    assert grant.created == NOW + 5


def test_expired_grants_are_swept_out_by_the_next(shelf: Any) -> None:
    shelf.remember("old", days=1)
    shelf.remember("for ever", days=0)
    shelf.remember("new", now=NOW + 2 * 86400)
    assert shelf.targets() == {"for ever", "new"}


def test_a_file_is_not_believed_because_it_is_there(shelf: Any) -> None:
    shelf.file.write_bytes(ALL)
    memory = shelf.store().load(str(shelf.root))
    assert (memory.state, memory.grants.grants) == ("untrusted", ())
    assert "review" in memory.notice
    assert [grant.target for grant in memory.listed] == ["src/a.py"]
    assert memory.local_only
    assert len(memory.denies) == 1
    with pytest.raises(StoreError, match="not trusted"):
        shelf.remember("b")
    assert shelf.file.read_bytes() == ALL


def test_trust_after_review(shelf: Any) -> None:
    shelf.file.write_bytes(ALL)
    shelf.store().trust(str(shelf.root), sha(shelf.file))
    assert shelf.targets() == {"src/a.py"}
    shelf.remember("b")
    assert shelf.targets() == {"src/a.py", "b"}
    assert shelf.store().load(str(shelf.root)).local_only


def test_trust_is_for_what_was_seen(shelf: Any) -> None:
    shelf.file.write_bytes(ALL)
    seen = sha(shelf.file)
    shelf.file.write_bytes(ALL + b"\n")
    with pytest.raises(StoreError, match="changed since"):
        shelf.store().trust(str(shelf.root), seen)
    shelf.file.write_bytes(b"{}")
    with pytest.raises(StoreError, match="exactly the fields"):
        shelf.store().trust(str(shelf.root), sha(shelf.file))


def test_rejected_is_silent_and_not_believed(shelf: Any) -> None:
    shelf.file.write_bytes(ALL)
    shelf.store().reject(str(shelf.root), sha(shelf.file))
    memory = shelf.store().load(str(shelf.root))
    assert (memory.state, memory.rejected, memory.notice) == ("untrusted", True, "")
    shelf.store().trust(str(shelf.root), sha(shelf.file))
    assert shelf.targets() == {"src/a.py"}
    shelf.store().reject(str(shelf.root), sha(shelf.file))
    assert shelf.targets() == set()


def test_a_restored_older_file_is_another_hash(shelf: Any) -> None:
    shelf.remember("a")
    old = shelf.file.read_bytes()
    shelf.remember("b")
    shelf.file.write_bytes(old)
    memory = shelf.store().load(str(shelf.root))
    assert (memory.state, memory.grants.grants) == ("untrusted", ())


def test_a_revoked_grant_stays_revoked(shelf: Any) -> None:
    kept, gone = shelf.remember("kept"), shelf.remember("gone")
    with_both = shelf.file.read_bytes()
    assert shelf.store().revoke(str(shelf.root), [gone.id]) == 1
    assert shelf.targets() == {"kept"}
    assert gone.id not in shelf.file.read_text()
    shelf.file.write_bytes(with_both)
    shelf.store().trust(str(shelf.root), sha(shelf.file))
    assert shelf.targets() == {"kept"}
    assert shelf.store().revoke(str(shelf.root), ["unknown0"]) == 0
    assert kept.id in shelf.file.read_text()


def test_a_running_store_sees_what_others_do(shelf: Any) -> None:
    store = shelf.store()
    assert store.load(str(shelf.root)).state == "none"
    grant = shelf.remember("a")
    assert store.load(str(shelf.root)).grants.grants == (grant,)
    shelf.store().revoke(str(shelf.root), [grant.id])
    assert store.load(str(shelf.root)).grants.grants == ()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"{"),
        lambda path: path.chmod(0o620),
        lambda path: path.chmod(0o602),
        lambda path: path.write_bytes(path.read_bytes() + b" " * 1024 * 1024),
        lambda path: path.rename(path.with_name("x")) and path.symlink_to("x"),
        lambda path: path.unlink() or path.mkdir(),
        lambda path: path.unlink() or os.mkfifo(path),
    ],
    ids=["json", "group", "others", "large", "link", "directory", "fifo"],
)
def test_a_broken_file_grants_nothing_and_stays(shelf: Any, spoil: Callable[[Path], Any]) -> None:
    shelf.remember("a")
    spoil(shelf.file)
    before = shelf.file.lstat()
    memory = shelf.store().load(str(shelf.root))
    assert (memory.state, memory.grants.grants) == ("broken", ())
    assert memory.notice.endswith(".")
    with pytest.raises(StoreError):
        shelf.remember("b")
    after = shelf.file.lstat()
    assert (before.st_ino, before.st_mode, before.st_size, before.st_mtime_ns) == (
        after.st_ino,
        after.st_mode,
        after.st_size,
        after.st_mtime_ns,
    )


def test_somebody_elses_file(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.remember("a")
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    assert shelf.store().load(str(shelf.root)).state == "broken"


def test_a_project_that_may_keep_nothing(shelf: Any) -> None:
    shelf.remember("a")
    shelf.why = "No project."
    assert shelf.store().load(str(shelf.root)).state == "none"
    with pytest.raises(StoreError, match="No project"):
        shelf.remember("b")


def test_a_directory_that_cannot_be_written(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.remember("a")
    before = shelf.file.read_bytes()
    real = os.open

    def refuse(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if "consents.json.tmp" in str(path):
            raise OSError(30, "Read-only file system")
        return real(path, flags, *rest, **named)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StoreError, match="Read-only"):
        shelf.remember("b")
    assert shelf.file.read_bytes() == before
    assert shelf.targets() == {"a"}


def test_a_full_file(shelf: Any) -> None:
    store = shelf.store()
    with pytest.raises(StoreError, match="full"):
        for number in range(20):
            command = f"{number}{'x' * 100_000}"
            store.remember(str(shelf.root), Op.EXECUTE, "assistant", command, days=0, now=NOW)
    memory = store.load(str(shelf.root))
    assert (memory.state, len(memory.listed)) == ("trusted", 10)


@pytest.mark.parametrize("name", ["trust.json", ".zeke-consents.json"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_any_flipped_byte_means_no_grants(shelf: Any, name: str, data: st.DataObject) -> None:
    if not shelf.file.exists():
        shelf.remember("a")
    path = shelf.file if name.startswith(".") else shelf.state / name
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    bit = data.draw(st.integers(0, 7))
    spoiled = bytearray(whole)
    spoiled[at] ^= 1 << bit
    try:
        path.write_bytes(bytes(spoiled))
        assert shelf.targets() == set()
    finally:
        path.write_bytes(whole)
    assert shelf.targets() == {"a"}


def test_a_damaged_ledger_is_renewed_by_explicit_trust_only(shelf: Any) -> None:
    shelf.remember("a")
    (shelf.state / "trust.json").write_bytes(b"x")
    assert "ledger" in shelf.store().load(str(shelf.root)).notice
    with pytest.raises(StoreError, match="ledger"):
        shelf.remember("b")
    shelf.store().trust(str(shelf.root), sha(shelf.file))
    assert shelf.targets() == {"a"}


def test_an_open_ledger_is_none(shelf: Any) -> None:
    shelf.remember("a")
    (shelf.state / "trust.json").chmod(0o644)
    assert shelf.targets() == set()


CALLS = [
    (os, "open"),
    (os, "close"),
    (os, "fsync"),
    (os, "replace"),
    (os, "unlink"),
    (fcntl, "flock"),
]


def _die_at(number: int, act: Callable[[], object]) -> bool:
    """Run ``act`` in a child that is gone at system call ``number``; True when it finished."""
    child = os.fork()
    if child == 0:
        left = [number]

        def counted(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **named: Any) -> Any:
                left[0] -= 1
                if left[0] < 0:
                    os._exit(1)
                return real(*args, **named)

            return call

        for module, name in CALLS:
            setattr(module, name, counted(getattr(module, name)))
        try:
            act()
        except BaseException:
            os._exit(2)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code != 2, "the child failed instead of being killed"
    return code == 0


def test_killed_at_any_call_a_whole_honoured_file_is_left(shelf: Any) -> None:
    shelf.remember("first")
    expected = {"first"}
    for number in range(200):
        target = f"t{number}"
        finished = _die_at(number, lambda target=target: shelf.remember(target))
        found = shelf.targets()
        assert found in (expected, expected | {target}), number
        expected = found
        if finished:
            break
    assert finished
    assert number > 10
    shelf.remember("last")
    assert [path.name for path in shelf.root.iterdir()] == [".zeke-consents.json"]


def test_killed_while_revoking_it_stays_revoked(shelf: Any) -> None:
    for number in range(200):
        grant = shelf.remember("gone")
        finished = _die_at(
            number, lambda grant=grant: shelf.store().revoke(str(shelf.root), [grant.id])
        )
        memory = shelf.store().load(str(shelf.root))
        assert memory.state == "trusted"
        ids = {found.id for found in memory.grants.grants}
        if finished:
            assert grant.id not in ids
            break
    assert finished


def _write_many(state: str, root: str, writer: int) -> None:
    store = ConsentStore(Path(state), lambda root: "")
    for number in range(10):
        store.remember(root, Op.WRITE, "assistant", f"{writer}/{number}", days=30, now=NOW)


def test_several_writers_lose_nothing(shelf: Any) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        list(pool.map(_write_many, [str(shelf.state)] * 4, [str(shelf.root)] * 4, range(4)))
    assert shelf.targets() == {f"{writer}/{number}" for writer in range(4) for number in range(10)}
