"""The consent file on disk: believed only when the ledger says so, and nobody's grants lost."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.conftest import ALL
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import StoreError
from zeke_bridge.store import consents
from zeke_bridge.store.format import Consents, dump
from zeke_bridge.store.paths import is_settled

NOW = 1_700_000_000.0
DAY = 86_400
DENIES = ALL.replace(ALL[ALL.index(b'{"id"') : ALL.index(b"}]") + 1], b"")


def test_nothing_there(shelf: Any) -> None:
    memory = shelf.load()
    assert (memory.state, memory.notice, memory.grants.grants) == ("none", "", ())
    assert not shelf.state.exists()


def test_a_grant_is_remembered(shelf: Any) -> None:
    grant = shelf.remember("src/a.py")
    memory = shelf.load()
    assert (memory.state, memory.notice, memory.hash) == ("trusted", "", shelf.hash())
    assert memory.grants.find(Op.WRITE, "assistant", "src/a.py", NOW) == grant
    assert (grant.created, grant.expires) == (NOW, NOW + 30 * DAY)
    assert json.loads(shelf.file.read_text())["grants"][0]["expires"] == "2023-12-14T22:13:20Z"
    assert shelf.file.stat().st_mode & 0o777 == 0o600
    assert shelf.state.stat().st_mode & 0o777 == 0o700
    assert shelf.ledger.stat().st_mode & 0o777 == 0o600


def test_the_same_again_renews(shelf: Any) -> None:
    shelf.remember("a", now=NOW)
    shelf.remember("a", now=NOW + 5)
    (grant,) = shelf.load().listed
    assert grant.created == NOW + 5


def test_a_grant_ends_with_its_last_second(shelf: Any) -> None:
    grant = shelf.remember("a", days=1)
    found = shelf.load().grants
    assert found.find(Op.WRITE, "assistant", "a", NOW + DAY - 1) == grant
    assert found.find(Op.WRITE, "assistant", "a", NOW + DAY) is None


def test_expired_grants_are_swept_out_by_the_next(shelf: Any) -> None:
    shelf.remember("old", days=1)
    shelf.remember("for ever", days=0)
    shelf.remember("new", now=NOW + 2 * DAY)
    assert shelf.targets() == {"for ever", "new"}


def test_a_file_is_not_believed_because_it_is_there(shelf: Any) -> None:
    shelf.file.write_bytes(ALL)
    memory = shelf.load()
    assert (memory.state, memory.grants.grants) == ("untrusted", ())
    assert "not trusted yet" in memory.notice
    assert [grant.target for grant in memory.listed] == ["src/a.py"]
    assert memory.local_only
    assert len(memory.denies) == 1
    with pytest.raises(StoreError, match="not trusted"):
        shelf.remember("b")
    assert shelf.file.read_bytes() == ALL


def test_a_file_that_only_restricts_binds_and_may_be_added_to(shelf: Any) -> None:
    shelf.file.write_bytes(DENIES)
    memory = shelf.load()
    assert (memory.state, memory.notice, len(memory.denies)) == ("untrusted", "", 1)
    shelf.remember("b")
    memory = shelf.load()
    assert (memory.state, len(memory.denies), memory.local_only) == ("trusted", 1, True)
    assert shelf.targets() == {"b"}


def test_a_file_that_was_turned_down_is_left_alone(shelf: Any) -> None:
    shelf.file.write_bytes(DENIES)
    shelf.store().reject(str(shelf.root), shelf.hash())
    with pytest.raises(StoreError, match="not trusted"):
        shelf.remember("b")
    assert shelf.file.read_bytes() == DENIES


def test_trust_after_review(shelf: Any) -> None:
    shelf.file.write_bytes(ALL)
    shelf.trust()
    assert shelf.targets() == {"src/a.py"}
    shelf.remember("b")
    assert shelf.targets() == {"src/a.py", "b"}
    assert shelf.load().local_only


def test_trust_is_for_what_was_seen(shelf: Any) -> None:
    shelf.file.write_bytes(ALL)
    seen = shelf.hash()
    shelf.file.write_bytes(ALL + b"\n")
    with pytest.raises(StoreError, match="changed since"):
        shelf.store().trust(str(shelf.root), seen)
    assert shelf.targets() == set()
    shelf.file.write_bytes(b"{}")
    with pytest.raises(StoreError, match="exactly the fields"):
        shelf.trust()
    shelf.file.unlink()
    with pytest.raises(StoreError, match="changed since"):
        shelf.store().trust(str(shelf.root), seen)


def test_the_file_changes_while_it_is_being_trusted(
    shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.file.write_bytes(ALL)
    seen = shelf.hash()

    def parsed(content: bytes) -> Consents:
        shelf.file.write_bytes(ALL.replace(b"src/a.py", b".bashrc9"))
        return Consents()

    monkeypatch.setattr(consents, "_parsed", parsed)
    shelf.store().trust(str(shelf.root), seen)
    monkeypatch.undo()
    memory = shelf.load()
    assert (memory.state, memory.grants.grants) == ("untrusted", ())


def test_the_file_changes_while_a_grant_is_added(
    shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.remember("a")
    pulled = ALL + b"\n"

    def dumped(found: Consents) -> bytes:
        shelf.file.unlink()
        shelf.file.write_bytes(pulled)
        return dump(found)

    monkeypatch.setattr(consents, "_dumped", dumped)
    with pytest.raises(StoreError, match="something else changed it"):
        shelf.remember("b")
    assert shelf.file.read_bytes() == pulled
    assert shelf.targets() == set()


def test_trust_reject_trust(shelf: Any) -> None:
    shelf.file.write_bytes(ALL)
    shelf.store().reject(str(shelf.root), shelf.hash())
    memory = shelf.load()
    assert (memory.state, memory.rejected, memory.notice) == ("untrusted", True, "")
    shelf.trust()
    assert shelf.targets() == {"src/a.py"}
    shelf.store().reject(str(shelf.root), shelf.hash())
    assert shelf.targets() == set()
    shelf.trust()
    assert shelf.targets() == {"src/a.py"}


@pytest.mark.parametrize("odd", ["", "x", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_what_is_no_hash_is_not_written_into_the_ledger(shelf: Any, odd: str) -> None:
    shelf.remember("a")
    before = shelf.ledger.read_bytes()
    with pytest.raises(StoreError):
        shelf.store().reject(str(shelf.root), odd)
    with pytest.raises(StoreError):
        shelf.store().trust(str(shelf.root), odd)
    assert shelf.ledger.read_bytes() == before
    assert shelf.targets() == {"a"}


def test_a_restored_older_file_is_another_hash(shelf: Any) -> None:
    shelf.remember("a")
    old = shelf.file.read_bytes()
    shelf.remember("b")
    shelf.file.write_bytes(old)
    memory = shelf.load()
    assert (memory.state, memory.grants.grants) == ("untrusted", ())


def test_what_a_team_member_committed_is_reviewed_and_nothing_of_ones_own_is_lost(
    shelf: Any,
) -> None:
    mine = shelf.remember("mine")
    theirs = json.loads(shelf.file.read_bytes())
    theirs["grants"].append(json.loads(ALL)["grants"][0])
    shelf.file.write_text(json.dumps(theirs))
    memory = shelf.load()
    assert (memory.state, memory.grants.grants) == ("untrusted", ())
    assert "something other than Zeke" in memory.notice
    assert "yours included" in memory.notice
    shelf.trust()
    assert shelf.targets() == {"mine", "src/a.py"}
    assert shelf.store().revoke(str(shelf.root), ["evil0000"]) == 1
    assert shelf.load().grants.grants == (mine,)


def test_a_revoked_grant_stays_revoked(shelf: Any) -> None:
    kept, gone = shelf.remember("kept"), shelf.remember("gone")
    with_both = shelf.file.read_bytes()
    assert shelf.store().revoke(str(shelf.root), [gone.id]) == 1
    assert shelf.targets() == {"kept"}
    assert gone.id not in shelf.file.read_text()
    shelf.file.write_bytes(with_both)
    shelf.trust()
    assert shelf.targets() == {"kept"}
    assert [grant.id for grant in shelf.load().listed] == [kept.id]
    shelf.remember("next")
    assert gone.id not in shelf.file.read_text()


def test_what_can_be_no_id_is_not_kept(shelf: Any) -> None:
    grant = shelf.remember("a")
    before = shelf.ledger.read_bytes()
    odd = ["", "x", "session-1 ", "\ud800" * 8, "a" * 65, grant.id + "\n"]
    assert shelf.store().revoke(str(shelf.root), odd) == 0
    assert shelf.ledger.read_bytes() == before
    assert shelf.targets() == {"a"}


def test_a_grant_of_an_untrusted_file_can_be_revoked_before(shelf: Any) -> None:
    shelf.file.write_bytes(ALL)
    assert shelf.store().revoke(str(shelf.root), ["evil0000"]) == 1
    assert shelf.file.read_bytes() == ALL
    shelf.trust()
    assert shelf.targets() == set()


def test_a_running_store_sees_what_others_do(shelf: Any) -> None:
    store = shelf.store()
    assert store.load(str(shelf.root)).state == "none"
    grant = shelf.remember("a")
    assert store.load(str(shelf.root)).grants.grants == (grant,)
    shelf.store().revoke(str(shelf.root), [grant.id])
    assert store.load(str(shelf.root)).grants.grants == ()


def test_a_change_within_one_tick_of_the_clock_is_seen(
    shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.file.write_bytes(ALL)
    store = shelf.store()
    before = shelf.file.stat()
    # However long this takes here, it is the same tick.
    monkeypatch.setattr("time.time_ns", lambda: before.st_ctime_ns)
    assert not is_settled((before.st_ino, 0, before.st_mtime_ns, before.st_ctime_ns))
    assert store.load(str(shelf.root)).hash == shelf.hash()
    # Size, inode and perhaps both times stay as they are.
    shelf.file.write_bytes(ALL.replace(b"src/a.py", b".bashrc9"))
    os.utime(shelf.file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.load(str(shelf.root)).hash == shelf.hash()


def test_unchanged_files_are_read_once(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.remember("a")
    store = shelf.store()
    monkeypatch.setattr(consents, "is_settled", lambda found: True)
    first = store.load(str(shelf.root))
    assert store.load(str(shelf.root)) is first


def test_a_project_that_may_keep_nothing(shelf: Any) -> None:
    shelf.remember("a")
    shelf.why = "No project."
    assert shelf.load().state == "none"
    with pytest.raises(StoreError, match="No project"):
        shelf.remember("b")
    with pytest.raises(StoreError, match="No project"):
        shelf.trust()


def test_what_only_restricts_binds_where_nothing_may_be_kept(shelf: Any) -> None:
    shelf.file.write_bytes(ALL)
    shelf.why = "Everybody can write to the project directory."
    memory = shelf.load()
    assert [deny.pattern.text for deny in memory.denies] == ["secret/"]
    assert memory.local_only
    assert (memory.state, memory.grants.grants, memory.listed) == ("none", (), ())


def test_a_project_that_is_gone(shelf: Any) -> None:
    shelf.remember("a")
    shutil.rmtree(shelf.root)
    assert shelf.load().state == "none"
    for act in (
        lambda: shelf.remember("b"),
        lambda: shelf.store().trust(str(shelf.root), "0" * 64),
    ):
        with pytest.raises(StoreError, match="cannot be used"):
            act()


def test_one_project_by_every_spelling(shelf: Any) -> None:
    link = shelf.root.with_name("link")
    link.symlink_to(shelf.root)
    shelf.remember("a")
    store = shelf.store()
    for spelling in (str(link), f"{shelf.root}/", f"{shelf.root}/../project/."):
        assert {grant.target for grant in store.load(spelling).grants.grants} == {"a"}
    store.remember(str(link), Op.WRITE, "assistant", "b", days=30, now=NOW)
    assert shelf.targets() == {"a", "b"}


def test_two_projects_of_one_name_know_nothing_of_each_other(shelf: Any) -> None:
    shelf.remember("a")
    other = shelf.root.parent / "elsewhere" / shelf.root.name
    shutil.copytree(shelf.root, other)
    assert shelf.store().load(str(other)).state == "untrusted"
    shelf.store().reject(str(other), shelf.hash())
    assert shelf.targets() == {"a"}


def test_a_project_that_moved_is_reviewed_again(shelf: Any) -> None:
    shelf.file.write_bytes(DENIES)
    grant = shelf.remember("a")
    moved = shelf.root.with_name("moved")
    shelf.root.rename(moved)
    memory = shelf.store().load(str(moved))
    assert (memory.state, memory.grants.grants, memory.listed) == ("untrusted", (), (grant,))
    assert (len(memory.denies), memory.local_only) == (1, True)
    shelf.store().trust(str(moved), memory.hash)
    assert shelf.store().load(str(moved)).grants.grants == (grant,)


def test_a_root_whose_name_is_no_text(tmp_path: Path, shelf: Any) -> None:
    root = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9\n")
    try:
        Path(root).mkdir()
    except OSError:
        pytest.skip("this file system has only names that are text")
    shelf.store().remember(root, Op.WRITE, "assistant", "a", days=30, now=NOW)
    assert [grant.target for grant in shelf.store().load(root).grants.grants] == ["a"]


def test_a_full_file(shelf: Any) -> None:
    store = shelf.store()
    with pytest.raises(StoreError, match="full"):
        for number in range(20):
            command = f"{number}{'x' * 100_000}"
            store.remember(str(shelf.root), Op.EXECUTE, "assistant", command, days=0, now=NOW)
    memory = store.load(str(shelf.root))
    assert (memory.state, len(memory.listed)) == ("trusted", 10)


@pytest.mark.parametrize(
    ("op", "subject", "target", "days"),
    [
        (Op.WRITE, "assistant", "/etc/passwd", 30),
        (Op.WRITE, "assistant", "a/../b", 30),
        (Op.WRITE, "assistant", "", 30),
        (Op.WRITE, "root", "a", 30),
        (Op.WRITE, "agent:\x07", "a", 30),
        (Op.EXECUTE, "assistant", "\ud800", 30),
        (Op.EXECUTE, "assistant", "x" * 200_000, 30),
        (Op.WRITE, "assistant", "a", 10_000_000),
        (Op.WRITE, "assistant", "a", 10**30),
    ],
)
def test_what_no_file_can_hold_spoils_none(
    shelf: Any, op: Op, subject: str, target: str, days: int
) -> None:
    shelf.remember("kept")
    before = shelf.file.read_bytes()
    with pytest.raises(StoreError):
        shelf.store().remember(str(shelf.root), op, subject, target, days=days, now=NOW)
    assert shelf.file.read_bytes() == before
    assert shelf.targets() == {"kept"}


@pytest.mark.parametrize("name", ["trust.json", ".zeke-consents.json"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(data=st.data())
def test_any_flipped_byte_means_no_grants(shelf: Any, name: str, data: st.DataObject) -> None:
    if not shelf.file.exists():
        shelf.remember("a")
    path = shelf.file if name.startswith(".") else shelf.ledger
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
