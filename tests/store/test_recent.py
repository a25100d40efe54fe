"""The newest verdicts of a project, found from the end of the log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.errors import StoreError
from zeke_bridge.store import recent
from zeke_bridge.store.audit import Audit

NOW = 1_700_000_000.0
TEXTS = ("op", "target", "to", "subject", "verdict", "step", "by", "risk")


def verdict(root: str, target: str, digest: str = "d", **more: Any) -> dict[str, Any]:
    texts = dict.fromkeys(TEXTS, "x") | {"target": target, "verdict": "allow"}
    return {"kind": "verdict", "digest": digest, "root": root, **texts, **more}


def result(root: str, digest: str, outcome: str) -> dict[str, Any]:
    return verdict(root, "", digest) | {"kind": "result", "result": outcome}


def unmediated(root: str, target: str, **more: Any) -> dict[str, Any]:
    return verdict(root, target) | {"kind": "unmediated", "verdict": "none", **more}


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return Audit(tmp_path / "state")


def test_changes_that_were_only_reported_are_among_them(audit: Audit) -> None:
    audit.append(NOW, unmediated("/p", "a", added=3, removed=1), unmediated("/p", "b"))
    found = audit.recent("/p", 10)
    assert [(one["target"], one["verdict"], one["result"]) for one in found] == [
        ("b", "none", "+0 -0"),
        ("a", "none", "+3 -1"),
    ]


def test_newest_first_with_what_became_of_them(audit: Audit) -> None:
    for number, line in enumerate(
        [
            verdict("/p", "one", "d1"),
            result("/p", "d1", "done"),
            verdict("/other", "not ours", "d1"),
            verdict("/p", "two", "d2"),
            verdict("/p", "one", "d1"),
            result("/p", "d1", "changed_since"),
            result("/p", "d2", "done"),
            verdict("/p", "three", "d3", verdict="deny"),
        ]
    ):
        audit.append(NOW + number, line)
    found = audit.recent("/p", 10)
    assert [(entry["target"], entry["result"]) for entry in found] == [
        ("three", ""),
        ("one", "changed_since"),
        ("two", "done"),
        ("one", "done"),
    ]
    assert found[0]["time"] == "2023-11-14T22:13:27.000Z"
    assert set(found[0]) == {"time", *TEXTS, "result"}
    assert [entry["target"] for entry in audit.recent("/p", 2)] == ["three", "one"]
    assert audit.recent("/p", 0) == []
    assert audit.recent("/nobody", 5) == []


def test_equal_actions_at_the_same_time_keep_their_own_results(audit: Audit) -> None:
    mine, theirs = {"step": "person", "by": "project"}, {"step": "project_grant", "by": "g1"}
    for line in (
        verdict("/p", "one", "d", **mine),
        verdict("/p", "one", "d", **theirs),
        result("/p", "d", "done") | theirs,
        result("/p", "d", "changed_since") | mine,
    ):
        audit.append(NOW, line)
    found = [(entry["step"], entry["result"]) for entry in audit.recent("/p", 10)]
    assert found == [("project_grant", "done"), ("person", "changed_since")]


def test_odd_roots_are_told_apart(audit: Audit) -> None:
    for root in ('/p"x', "/p", "/pé\n", "/p\\"):
        audit.append(NOW, verdict(root, f"of {root}"))
    for root in ('/p"x', "/p", "/pé\n", "/p\\"):
        assert [entry["target"] for entry in audit.recent(root, 5)] == [f"of {root}"]


def test_no_log_is_no_lines(tmp_path: Path) -> None:
    assert Audit(tmp_path / "nothing").recent("/p", 5) == []
    assert not (tmp_path / "nothing").exists()


def test_damage_is_passed_over(audit: Audit, tmp_path: Path) -> None:
    for number in range(6):
        audit.append(NOW, verdict("/p", f"{number}"))
    log = tmp_path / "state" / "audit.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    lines[1] = b"\0\xff\n"
    lines[2] = lines[2].replace(b'"target":"2"', b'"target":"9"')
    lines[3] = b"[" * 100_000 + b"\n"
    lines[5] = lines[5][:-9]
    log.write_bytes(b"".join(lines))
    assert [entry["target"] for entry in audit.recent("/p", 9)] == ["4", "0"]


def test_a_line_of_other_types_is_passed_over(audit: Audit) -> None:
    audit.append(NOW, verdict("/p", "fine"))
    audit.append(NOW, verdict("/p", "odd", op=5))
    assert [entry["target"] for entry in audit.recent("/p", 9)] == ["fine"]


def test_a_link_is_not_followed(audit: Audit, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "audit.jsonl").symlink_to("/etc/passwd")
    with pytest.raises(StoreError):
        audit.recent("/p", 5)


@given(lines=st.lists(st.binary(max_size=300).map(lambda raw: raw.replace(b"\n", b"")), max_size=9))
def test_every_line_comes_once_from_the_end(
    lines: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "lines"
    whole = b"".join(line + b"\n" for line in lines)
    path.write_bytes(whole)
    with path.open("rb") as file, pytest.MonkeyPatch.context() as patched:
        patched.setattr(recent, "_BLOCK", 64)
        found = list(recent.backward(file.fileno(), len(whole)))
    assert found == [line + b"\n" for line in reversed(lines)]


def test_a_long_log_is_read_from_its_end_only(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "state" / "audit.jsonl"
    audit.append(NOW, verdict("/p", "last"))
    line = log.read_bytes()
    with log.open("wb") as file:
        file.seek(1 << 33)
        file.write(b"\n" + line)
    asked = 0
    real = os.pread

    def counting(handle: int, size: int, at: int) -> bytes:
        nonlocal asked
        asked += size
        return real(handle, size, at)

    monkeypatch.setattr(os, "pread", counting)
    assert [entry["target"] for entry in audit.recent("/p", 1)] == ["last"]
    assert asked <= 64 * 1024
    monkeypatch.setattr(recent, "MAX_BYTES", 1024 * 1024)
    assert len(audit.recent("/p", 2)) == 1
    assert asked < 2 * 1024 * 1024
