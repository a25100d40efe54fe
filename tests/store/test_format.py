"""The consent file's text: strict in, readable out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import zeke_bridge.store.format as consent_format
from zeke_bridge.model.action import Op
from zeke_bridge.model.grant import Grant
from zeke_bridge.store.format import Consents, dump, parse, restrictions
from zeke_bridge.store.strict import StrictError

GRANT = {
    "id": "abcdef0123456789",
    "op": "write",
    "subject": "assistant",
    "target": "src/a.py",
    "created": "2025-01-01T00:00:00Z",
    "expires": "2025-01-31T00:00:00Z",
}


def text(**changes: object) -> bytes:
    fields = {"version": 1, "grants": [GRANT], "denies": [], "local_only": False, **changes}
    return json.dumps(fields).encode()


def grant(**changes: object) -> bytes:
    return text(grants=[{**GRANT, **changes}])


def test_the_format_is_readable() -> None:
    found = Grant("abcdef01", "project", Op.WRITE, "assistant", "src/a.py", 0.0, 86400.0)
    denies = ((Op.READ, "secrets/"),)
    assert dump(Consents((found,), denies, True)).decode() == (
        "{\n"
        '  "version": 1,\n'
        '  "grants": [\n'
        '    {"id": "abcdef01", "op": "write", "subject": "assistant", "target": "src/a.py", '
        '"created": "1970-01-01T00:00:00Z", "expires": "1970-01-02T00:00:00Z"}\n'
        "  ],\n"
        '  "denies": [\n'
        '    {"op": "read", "pattern": "secrets/"}\n'
        "  ],\n"
        '  "local_only": true\n'
        "}\n"
    )


NAMES = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="/"),
    min_size=1,
    max_size=20,
).filter(lambda name: name not in (".", "..") and len(name.encode()) < 256)
TIMES = st.integers(0, 4_000_000_000).map(float)
GRANTS = st.builds(
    Grant,
    st.from_regex(r"[A-Za-z0-9_-]{8,64}", fullmatch=True),
    st.just("project"),
    st.sampled_from([Op.READ, Op.WRITE, Op.CREATE, Op.DELETE]),
    st.sampled_from(["assistant", "agent:claude:" + "f" * 64]),
    st.lists(NAMES, min_size=1, max_size=3).map("/".join),
    TIMES,
    st.none() | TIMES,
)
FILES = st.builds(
    Consents,
    st.lists(GRANTS, max_size=4, unique_by=lambda found: found.id).map(tuple),
    st.lists(st.tuples(st.sampled_from(list(Op)), st.sampled_from(["a", "*.py", "x/"]))).map(tuple),
    st.booleans(),
)


@given(FILES)
def test_load_after_save_is_the_identity(consents: Consents) -> None:
    assert parse(dump(consents)) == consents


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"[]", "object"),
        (b"\xff", "UTF-8"),
        (b"\xef\xbb\xbf" + text(), "byte order mark"),
        (text()[:-1], "not JSON"),
        (text() + b"x", "not JSON"),
        (text(extra=1), "exactly the fields"),
        (text(version=2), "version"),
        (text(version=True), "version"),
        (text(version=1.0), "version"),
        (text(version="1"), "version"),
        (text(local_only=0), "local_only"),
        (text(grants={}), "list"),
        (text(grants=[GRANT, GRANT]), "one id"),
        (text(grants=[7]), "object"),
        (grant(extra=1), "exactly the fields"),
        (grant(op="chmod"), "op"),
        (grant(op=["write"]), "op"),
        (grant(id="../x"), "id"),
        (grant(id="short"), "id"),
        (grant(subject="root"), "subject"),
        (grant(subject="agent:x\ny"), "subject"),
        (grant(subject="agent:\ud800"), "Unicode"),
        (grant(target=""), "target"),
        (grant(target="/etc/passwd"), "canonical"),
        (grant(target="a/../b"), "canonical"),
        (grant(target="a//b"), "canonical"),
        (grant(target="a\u0000"), "canonical"),
        (grant(target="\ud800"), "Unicode"),
        (grant(target=None), "target"),
        (grant(created="yesterday"), "created"),
        (grant(created="2025-02-30T00:00:00Z"), "no date"),
        (grant(expires="2025-01-31T00:00:00+00:00"), "expires"),
        (grant(expires=5), "expires"),
        (text(denies=[{"op": "write"}]), "exactly the fields"),
        (text(denies=[{"op": "write", "pattern": "!x"}]), "pattern"),
        (text(denies=[{"op": "write", "pattern": 5}]), "pattern"),
        (text().replace(b'"version": 1', b'"version": 1, "version": 1'), "twice"),
        (text().replace(b"false", b"NaN"), "NaN"),
        (text().replace(b"false", b"-Infinity"), "Infinity"),
        (text().replace(b"1", b"1" * 5000, 1), "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 100_000, "not JSON"),
        (text() + b" " * 1024 * 1024, "1 MiB"),
    ],
)
def test_refused(content: bytes, reason: str) -> None:
    with pytest.raises(StrictError, match=reason):
        parse(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(content: bytes) -> None:
    restrictions(content)
    with pytest.raises(StrictError):
        parse(content)


def test_restrictions_outlive_a_broken_file() -> None:
    denies = [{"op": "write", "pattern": "src/"}, {"op": "x"}, 7]
    left = restrictions(text(version=9, denies=denies, local_only=True))
    assert (left.grants, left.denies, left.local_only) == ((), ((Op.WRITE, "src/"),), True)
    assert restrictions(b'{"local_only": true,').local_only


def test_the_schema_that_ships_is_this_one() -> None:
    shipped = Path(consent_format.__file__).with_name("consents.schema.json")
    assert json.loads(shipped.read_text(encoding="utf-8")) == consent_format.schema()
