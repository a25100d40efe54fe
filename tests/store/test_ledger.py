"""The trust ledger: whole or worthless, private, and never grown beyond reading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.errors import DamagedError, StoreError
from zeke_bridge.store import ledger as ledger_module
from zeke_bridge.store.ledger import Entry, Ledger, dump, parse
from zeke_bridge.warden.strict import StrictError

HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
IDS = st.from_regex(r"[A-Za-z0-9_-]{8,64}", fullmatch=True)
ENTRIES = st.builds(
    Entry,
    st.lists(HASHES, max_size=2).map(tuple),
    st.lists(HASHES, max_size=3).map(tuple),
    st.lists(IDS, max_size=3).map(tuple),
)
PROJECTS = st.dictionaries(st.text(st.characters(codec=None)), ENTRIES, max_size=4)
HERE = Path("trust.json")


@given(PROJECTS)
def test_load_after_save_is_the_identity(projects: dict[str, Entry]) -> None:
    assert parse(dump(projects), HERE) == projects


@given(PROJECTS, st.data())
def test_any_flipped_bit_makes_it_worthless(
    projects: dict[str, Entry], data: st.DataObject
) -> None:
    spoiled = bytearray(dump(projects))
    spoiled[data.draw(st.integers(0, len(spoiled) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DamagedError):
        parse(bytes(spoiled), HERE)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(DamagedError):
        parse(content, HERE)


def _signed(value: object) -> bytes:
    line = dump({}).partition(b"\n")[0]
    text = json.dumps(value).encode()
    whole = dump({}).replace(line, text)
    digest = ledger_module.hashlib.sha256(text).hexdigest().encode()
    return whole[: len(text) + 1] + digest + b"\n"


@pytest.mark.parametrize(
    "value",
    [
        [], 7, None, {}, {"version": 1}, {"version": 2, "projects": {}},
        {"version": True, "projects": {}}, {"version": 1, "projects": []},
        {"version": 1, "projects": {}, "extra": 1}, {"version": 1, "projects": {"/": {}}},
        {"version": 1, "projects": {"/": {"accepted": "x", "rejected": [], "revoked": []}}},
        {"version": 1, "projects": {"/": {"accepted": ["x"], "rejected": [], "revoked": []}}},
        {"version": 1, "projects": {"/": {"accepted": [], "rejected": [], "revoked": [7]}}},
        {"version": 1, "projects": {"/": {"accepted": [], "rejected": []}}},
    ],
)  # fmt: skip
def test_what_was_signed_has_to_make_sense_as_well(value: object) -> None:
    with pytest.raises(DamagedError):
        parse(_signed(value), HERE)


@pytest.mark.parametrize("odd", ["", "x", "A" * 64, "0" * 65])
def test_an_entry_holds_hashes_only(odd: str) -> None:
    with pytest.raises(StrictError):
        Entry((odd,))
    with pytest.raises(StrictError):
        Entry((), (odd,))


def test_a_damaged_ledger_is_renewed_by_explicit_trust_only(shelf: Any) -> None:
    shelf.remember("a")
    shelf.ledger.write_bytes(b"x")
    memory = shelf.load()
    assert (memory.state, memory.grants.grants) == ("untrusted", ())
    assert "damaged; trust the project again" in memory.notice
    for act in (
        lambda: shelf.remember("b"),
        lambda: shelf.store().reject(str(shelf.root), shelf.hash()),
        lambda: shelf.store().revoke(str(shelf.root), ["0123456789abcdef"]),
    ):
        with pytest.raises(StoreError, match="damaged"):
            act()
    shelf.trust()
    assert shelf.targets() == {"a"}
    assert (shelf.state / "trust.broken").read_bytes() == b"x"


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o606])
def test_a_ledger_open_to_others_is_none(shelf: Any, mode: int) -> None:
    shelf.remember("a")
    shelf.ledger.chmod(mode)
    assert shelf.targets() == set()
    assert "chmod 600" in shelf.load().notice
    with pytest.raises(StoreError, match="chmod 600"):
        shelf.trust()
    shelf.ledger.chmod(0o600)
    assert shelf.targets() == {"a"}


def test_a_state_directory_open_to_others_is_none(shelf: Any) -> None:
    shelf.remember("a")
    shelf.state.chmod(0o755)
    assert shelf.targets() == set()
    assert "chmod 700" in shelf.load().notice
    with pytest.raises(StoreError, match="chmod 700"):
        shelf.remember("b")


def test_a_linked_ledger_is_none(shelf: Any) -> None:
    shelf.remember("a")
    shelf.ledger.rename(shelf.state / "x")
    shelf.ledger.symlink_to("x")
    assert shelf.targets() == set()
    with pytest.raises(StoreError, match="link"):
        shelf.trust()


def test_a_lost_ledger_is_none(shelf: Any) -> None:
    shelf.remember("a")
    shelf.ledger.unlink()
    memory = shelf.load()
    assert (memory.state, memory.grants.grants) == ("untrusted", ())
    shelf.trust()
    assert shelf.targets() == {"a"}


def test_one_that_would_be_too_large_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path / "state")
    ledger.update("/a", lambda entry: Entry(("0" * 64,)))
    before = (tmp_path / "state" / "trust.json").read_bytes()
    monkeypatch.setattr(ledger_module, "MAX_BYTES", len(before) + 50)
    with pytest.raises(StoreError, match="full"):
        ledger.update("/b", lambda entry: Entry(("0" * 64,)))
    assert (tmp_path / "state" / "trust.json").read_bytes() == before
    assert ledger.entry("/a") == Entry(("0" * 64,))


def test_old_rejections_and_revocations_go_first(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "state")
    hashes = tuple(f"{number:064x}" for number in range(100))
    ids = tuple(f"{number:016x}" for number in range(5000))
    ledger.update("/a", lambda entry: Entry((), hashes, ids))
    entry = ledger.entry("/a")
    assert (entry.rejected, entry.revoked) == (hashes[-64:], ids[-4096:])
