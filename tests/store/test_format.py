"""The consent file's text: strict in, readable out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import zeke_bridge.store.format as consent_format
from zeke_bridge.model.action import Op
from zeke_bridge.model.grant import Grant
from zeke_bridge.store.format import Consents, dump, parse, restrictions
from zeke_bridge.warden.strict import StrictError

GRANT = {
    "id": "abcdef0123456789",
    "op": "write",
    "subject": "assistant",
    "target": "src/a.py",
    "created": "2025-01-01T00:00:00Z",
    "expires": "2025-01-31T00:00:00Z",
}

SCHEMA = Draft202012Validator(consent_format.schema())


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


@given(st.binary(max_size=40), st.integers(0, 400), st.integers(0, 40))
def test_a_mangled_file_is_refused_or_read(junk: bytes, at: int, cut: int) -> None:
    whole = text(denies=[{"op": "write", "pattern": "src/"}])
    content = whole[:at] + junk + whole[at + cut :]
    left = restrictions(content)
    try:
        found = parse(content)
    except StrictError:
        return
    assert parse(dump(found)) == found
    assert set(left.denies) == set(found.denies)
    assert left.local_only == found.local_only


@pytest.mark.parametrize("year", ["0001", "0099", "0999", "1000", "9999"])
def test_every_year_of_the_calendar_comes_back(year: str) -> None:
    found = parse(grant(created=f"{year}-02-03T04:05:06Z"))
    assert f'"created": "{year}-02-03T04:05:06Z"'.encode() in dump(found)
    assert parse(dump(found)) == found


@pytest.mark.parametrize("seconds", [1e12, -1e12, 1e300, float("inf"), float("nan")])
def test_times_beyond_the_calendar_are_not_written(seconds: float) -> None:
    with pytest.raises(ValueError, match="beyond the calendar"):
        dump(Consents((Grant("abcdef01", "project", Op.WRITE, "assistant", "a", seconds),)))


def test_too_many_denies_are_refused_quickly_and_the_first_bind() -> None:
    denies = [{"op": "write", "pattern": f"a{number}"} for number in range(20_000)]
    with pytest.raises(StrictError, match="1000 denies"):
        parse(text(denies=denies))
    with pytest.raises(StrictError, match="1000 denies"):
        parse(text(denies=denies[:1001]))
    assert len(parse(text(denies=denies[:1000])).denies) == 1000
    assert len(restrictions(text(denies=denies)).denies) == 1000


def test_restrictions_outlive_a_broken_file() -> None:
    denies = [{"op": "write", "pattern": "src/"}, {"op": "x"}, 7, {"op": "read", "pattern": "["}]
    left = restrictions(text(version=9, denies=denies, local_only=True))
    assert (left.grants, left.denies, left.local_only) == ((), ((Op.WRITE, "src/"),), True)
    cut = text(denies=denies[:1], local_only=True)[:-1]
    assert restrictions(cut) == left
    assert restrictions(b'{"local_only": true,').local_only


@pytest.mark.parametrize(
    "lifting",
    [b'"denies": []', b'"local_only": false', b'"denies": 7, "local_only": null'],
)
def test_a_key_that_is_there_twice_lifts_nothing(lifting: bytes) -> None:
    whole = text(denies=[{"op": "write", "pattern": "src/"}], local_only=True)
    for content in (whole[:-1] + b", " + lifting + b"}", b"{" + lifting + b", " + whole[1:]):
        with pytest.raises(StrictError, match="twice"):
            parse(content)
        left = restrictions(content)
        assert (left.denies, left.local_only) == (((Op.WRITE, "src/"),), True)


def test_the_schema_that_ships_is_this_one() -> None:
    shipped = Path(consent_format.__file__).with_name("consents.schema.json")
    assert json.loads(shipped.read_text(encoding="utf-8")) == consent_format.schema()
    Draft202012Validator.check_schema(consent_format.schema())


@given(FILES)
def test_what_is_saved_fits_the_schema(consents: Consents) -> None:
    SCHEMA.validate(json.loads(dump(consents)))


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=12),
    st.just([]), st.just({}), st.just("a" * 300), st.just("agent:\u2028"), st.just("/" + "a" * 256),
    st.sampled_from(["assistant", "mcp:x", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z\n"]),
)  # fmt: skip


@settings(max_examples=300)
@given(st.data())
def test_what_the_schema_refuses_is_refused(data: st.DataObject) -> None:
    file = json.loads(text(denies=[{"op": "write", "pattern": "src/"}]))
    place = data.draw(st.sampled_from([file, file["grants"][0], file["denies"][0]]))
    name = data.draw(st.sampled_from([*place, "extra"]))
    if data.draw(st.booleans()):
        place[name] = data.draw(ODD)
    else:
        place.pop(name, None)
    content = json.dumps(file).encode()
    try:
        parse(content)
    except StrictError:
        return
    SCHEMA.validate(json.loads(content))
