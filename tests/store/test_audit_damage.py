"""Whatever happens to the audit log: it is found, it stays found, and nobody is locked out."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.errors import AuditError
from zeke_bridge.store.audit import Audit, Verification

NOW = 1_700_000_000.25
LINES = 6
Damage = Callable[[bytes], bytes]


class Kept:
    """One log, made once and copied for each example."""

    def __init__(self, base: Path) -> None:
        self.made = base / "made"
        self.state = base / "state"
        audit = Audit(self.made)
        for number in range(LINES):
            audit.append(NOW + number, {"kind": "verdict", "target": f"src/{number}.py"})
        self.whole = (self.made / "audit.jsonl").read_bytes()

    def fresh(self) -> Audit:
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.copytree(self.made, self.state)
        return Audit(self.state)

    def spoil(self, name: str, content: bytes) -> None:
        (self.state / name).write_bytes(content)

    def assert_found_and_open(self) -> None:
        """Found now, found after more lines, and more lines can be written."""
        assert Audit(self.state).verify().problem
        other = Audit(self.state)
        for _ in range(2):
            other.append(NOW, {"kind": "result"})
        assert Audit(self.state).verify().problem
        assert len((self.state / "audit.jsonl").read_bytes().splitlines()) >= 2


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("audit"))


@given(data=st.data())
def test_any_flipped_byte_of_the_log(kept: Kept, data: st.DataObject) -> None:
    kept.fresh()
    spoiled = bytearray(kept.whole)
    at = data.draw(st.integers(0, len(spoiled) - 1))
    spoiled[at] ^= data.draw(st.integers(1, 255))
    kept.spoil("audit.jsonl", bytes(spoiled))
    kept.assert_found_and_open()


@given(data=st.data())
def test_any_flipped_byte_of_the_head(kept: Kept, data: st.DataObject) -> None:
    kept.fresh()
    spoiled = bytearray((kept.made / "audit.head").read_bytes())
    at = data.draw(st.integers(0, len(spoiled) - 1))
    spoiled[at] ^= data.draw(st.integers(1, 255))
    kept.spoil("audit.head", bytes(spoiled))
    kept.assert_found_and_open()


@given(size=st.integers(0, 10_000))
def test_a_log_cut_anywhere(kept: Kept, size: int) -> None:
    kept.fresh()
    kept.spoil("audit.jsonl", kept.whole[: size % len(kept.whole)])
    kept.assert_found_and_open()


@given(size=st.integers(1, 4096), byte=st.sampled_from([b"\0", b"\n", b"x"]))
def test_a_log_with_a_tail_of_nothing(kept: Kept, size: int, byte: bytes) -> None:
    kept.fresh()
    kept.spoil("audit.jsonl", kept.whole + byte * size)
    kept.assert_found_and_open()


@given(order=st.lists(st.integers(0, LINES - 1), max_size=LINES + 2))
def test_lines_in_any_other_order_or_number(kept: Kept, order: list[int]) -> None:
    audit = kept.fresh()
    lines = kept.whole.splitlines(keepends=True)
    kept.spoil("audit.jsonl", b"".join(lines[number] for number in order))
    if order == list(range(LINES)):
        assert audit.verify() == Verification(LINES)
    else:
        kept.assert_found_and_open()


@given(number=st.integers(0, LINES - 1))
def test_lines_that_are_cut_to_nothing(kept: Kept, number: int) -> None:
    kept.fresh()
    lines = kept.whole.splitlines(keepends=True)
    lines[number] = b"\n"
    kept.spoil("audit.jsonl", b"".join(lines))
    kept.assert_found_and_open()


@pytest.mark.parametrize("name", ["audit.jsonl", "audit.head"])
def test_a_missing_file(kept: Kept, name: str) -> None:
    kept.fresh()
    (kept.state / name).unlink()
    assert "missing" in Audit(kept.state).verify().problem
    kept.assert_found_and_open()


def test_a_running_broker_notices_too(kept: Kept) -> None:
    audit = kept.fresh()
    audit.append(NOW, {})
    lines = (kept.state / "audit.jsonl").read_bytes().splitlines(keepends=True)
    kept.spoil("audit.jsonl", b"".join(lines[:-2]))
    audit.append(NOW, {})
    assert "put aside" in audit.verify().problem


def test_damage_again_and_again(kept: Kept) -> None:
    audit = kept.fresh()
    for number in (1, 2, 3):
        with (kept.state / "audit.jsonl").open("ab") as file:
            file.write(b"half a li")
        audit.append(NOW, {})
        names = [f"audit.damaged-{earlier + 1}.jsonl" for earlier in range(number)]
        assert audit.asides() == tuple(names)
        assert all(name in audit.verify().problem for name in names)
    first = json.loads((kept.state / "audit.jsonl").read_bytes().splitlines()[0])
    assert first["aside"] == names


def test_moving_it_all_away_ends_the_report(kept: Kept, tmp_path: Path) -> None:
    audit = kept.fresh()
    kept.spoil("audit.jsonl", kept.whole[:-3])
    audit.append(NOW, {})
    for path in kept.state.glob("audit.*"):
        path.rename(tmp_path / path.name)
    assert audit.verify() == Verification(0)
    audit.append(NOW, {})
    assert audit.verify() == Verification(1)


def test_of_two_lines_none_stays_when_the_second_cannot_be_written(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit, real = kept.fresh(), os.pwrite

    def full(handle: int, data: bytes, offset: int) -> int:
        return real(handle, data[:9], offset) if b'"result"' in data else real(handle, data, offset)

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        with pytest.raises(AuditError, match="disk is full"):
            audit.append(NOW, {"kind": "verdict"}, {"kind": "result"})
    assert audit.verify() == Verification(LINES)
    audit.append(NOW, {"kind": "verdict"}, {"kind": "result"})
    assert Audit(kept.state).verify() == Verification(LINES + 2)


class Killed(BaseException):
    """The process ends here."""


def _killing(monkeypatch: pytest.MonkeyPatch, at: int) -> Iterator[str]:
    """Make the call number ``at`` of those that change a file the last one; half done or not."""
    counted = 0

    def wrap(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal counted
            counted += 1
            if counted == at:
                if name == "pwrite":
                    real(args[0], args[1][: len(args[1]) // 2], args[2])
                raise Killed
            return real(*args, **kwargs)

        return call

    for name in ("open", "pwrite", "rename", "ftruncate"):
        monkeypatch.setattr(os, name, wrap(name))
        yield name


@pytest.mark.parametrize("kinds", [("verdict",), ("verdict", "result")])
@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize("at", range(1, 30))
def test_killed_at_any_call(
    kept: Kept, at: int, damaged: bool, kinds: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = kept.fresh()
    if damaged:
        kept.spoil("audit.jsonl", kept.whole[:-1])
    acknowledged = True
    with monkeypatch.context() as patched:
        list(_killing(patched, at))
        try:
            audit.append(NOW, *({"kind": kind, "target": "last"} for kind in kinds))
        except Killed:
            acknowledged = False
    after = Audit(kept.state)
    after.append(NOW, {"kind": "verdict", "target": "next"})
    logs = [path.read_bytes() for path in sorted(kept.state.glob("audit.*.jsonl"))]
    text = b"".join([*logs, (kept.state / "audit.jsonl").read_bytes()])
    assert b'"target":"next"' in text
    assert text.count(b'"target":"src/') == LINES
    if acknowledged:
        assert text.count(b'"target":"last"') == len(kinds)
    if damaged:
        assert "put aside" in after.verify().problem


@pytest.mark.parametrize("kind", ["fifo", "link", "directory", "open"])
@pytest.mark.parametrize("name", ["audit.jsonl", "audit.head"])
def test_what_is_no_private_file_is_not_used(kept: Kept, kind: str, name: str) -> None:
    audit = kept.fresh()
    path = kept.state / name
    if kind == "open":
        path.chmod(0o644)
    else:
        path.unlink()
    if kind == "fifo":
        os.mkfifo(path, 0o600)
    elif kind == "link":
        path.symlink_to(kept.made / name)
    elif kind == "directory":
        path.mkdir(mode=0o700)
    before = (kept.made / name).read_bytes()
    with pytest.raises(AuditError, match=name):
        audit.append(NOW, {})
    assert (kept.made / name).read_bytes() == before


def test_a_line_beyond_all_measure_is_refused(kept: Kept) -> None:
    audit = kept.fresh()
    with pytest.raises(AuditError, match="bytes at most"):
        audit.append(NOW, {"target": "x" * 200_000})
    assert audit.verify() == Verification(LINES)
