"""The audit chain: what is written is found, what is changed is noticed."""

from __future__ import annotations

import json
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from zeke_bridge.model.errors import AuditError
from zeke_bridge.store.audit import Audit, Verification
from zeke_bridge.store.paths import locked

NOW = 1_700_000_000.25


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    made = Audit(tmp_path / "state")
    for number in range(5):
        made.append(NOW + number, {"kind": "verdict", "target": f"src/{number}.py"})
    return made


def log_of(tmp_path: Path) -> Path:
    return tmp_path / "state" / "audit.jsonl"


def test_a_chain(audit: Audit, tmp_path: Path) -> None:
    assert audit.verify() == Verification(5)
    lines = [json.loads(line) for line in log_of(tmp_path).read_text().splitlines()]
    assert lines[0]["time"] == "2023-11-14T22:13:20.250Z"
    assert [line["seq"] for line in lines] == [1, 2, 3, 4, 5]
    assert lines[1]["prev"] == lines[0]["hash"]
    assert log_of(tmp_path).stat().st_mode & 0o777 == 0o600


def test_another_process_goes_on(audit: Audit, tmp_path: Path) -> None:
    Audit(tmp_path / "state").append(NOW, {"kind": "result"})
    audit.append(NOW, {"kind": "result"})
    assert audit.verify() == Verification(7)


def test_another_writer_need_not_be_waited_for(audit: Audit, tmp_path: Path) -> None:
    with locked(tmp_path / "state" / "audit.lock"), pytest.raises(AuditError, match="holds"):
        audit.append(NOW, {"kind": "result"}, limit_s=0)
    audit.append(NOW, {"kind": "result"}, limit_s=0)
    assert audit.verify() == Verification(6)


def test_nothing_yet(tmp_path: Path) -> None:
    assert Audit(tmp_path / "none").verify() == Verification(0)


@pytest.mark.parametrize("number", range(5))
def test_a_removed_line(audit: Audit, tmp_path: Path, number: int) -> None:
    lines = log_of(tmp_path).read_bytes().splitlines(keepends=True)
    del lines[number]
    log_of(tmp_path).write_bytes(b"".join(lines))
    assert audit.verify().problem


def test_all_lines_removed(audit: Audit, tmp_path: Path) -> None:
    log_of(tmp_path).write_bytes(b"")
    assert "removed" in audit.verify().problem
    log_of(tmp_path).unlink()
    assert "missing" in audit.verify().problem


def test_every_edited_byte_is_found(audit: Audit, tmp_path: Path) -> None:
    whole = log_of(tmp_path).read_bytes()
    for at in range(0, len(whole), 7):
        spoiled = bytearray(whole)
        spoiled[at] ^= 1
        log_of(tmp_path).write_bytes(bytes(spoiled))
        assert audit.verify().problem, at
    log_of(tmp_path).write_bytes(whole)
    assert not audit.verify().problem


def test_a_cut_line_is_found_and_nothing_is_chained_to_it(audit: Audit, tmp_path: Path) -> None:
    whole = log_of(tmp_path).read_bytes()
    log_of(tmp_path).write_bytes(whole[:-5])
    assert "cut" in audit.verify().problem
    audit.append(NOW, {"kind": "verdict"})
    assert (tmp_path / "state" / "audit.damaged-1.jsonl").read_bytes() == whole[:-5]
    first, second = [json.loads(line) for line in log_of(tmp_path).read_text().splitlines()]
    assert first["kind"] == "restart"
    assert first["aside"] == ["audit.damaged-1.jsonl"]
    assert first["problem"] == "The last line of the log is cut."
    assert first["prev"] == json.loads(whole.splitlines()[4])["hash"]
    assert (first["seq"], second["seq"]) == (6, 7)
    found = audit.verify()
    assert found.lines == 2
    assert "audit.damaged-1.jsonl" in found.problem
    assert "began anew at 2023" in found.problem


def test_the_head_may_be_one_line_behind(audit: Audit, tmp_path: Path) -> None:
    head = tmp_path / "state" / "audit.head"
    old = head.read_bytes()
    audit.append(NOW, {})
    head.write_bytes(old)
    assert audit.verify() == Verification(6)
    Audit(tmp_path / "state").append(NOW, {})
    assert audit.verify() == Verification(7)
    head.write_bytes(old)
    assert "head" in audit.verify().problem
    head.unlink()
    assert "missing" in audit.verify().problem


def test_killed_before_the_head_was_first_made(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "state")
    audit.append(NOW, {})
    (tmp_path / "state" / "audit.head").unlink()
    assert audit.verify() == Verification(1)
    Audit(tmp_path / "state").append(NOW, {})
    assert audit.verify() == Verification(2)


def test_a_full_disk_leaves_no_half_line(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda log, line, at: real(log, line[:10], at))
    with pytest.raises(AuditError, match="cannot be written"):
        audit.append(NOW, {})
    monkeypatch.undo()
    assert audit.verify() == Verification(5)
    audit.append(NOW, {})
    assert audit.verify() == Verification(6)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    log_of(tmp_path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AuditError):
        Audit(tmp_path / "state").append(NOW, {})
    assert not (tmp_path / "elsewhere").exists()


def test_a_state_directory_open_to_others(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    with pytest.raises(AuditError, match="chmod 700"):
        Audit(tmp_path / "state").append(NOW, {})


def _append_many(state: str, writer: int) -> None:
    audit = Audit(Path(state))
    for number in range(25):
        audit.append(NOW, {"writer": writer, "number": number})


def test_several_writers(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        list(pool.map(_append_many, [str(tmp_path / "state")] * 4, range(4)))
    assert Audit(tmp_path / "state").verify() == Verification(100)
