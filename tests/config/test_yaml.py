"""YAML as a document: plain values, bounded, and every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zeke_bridge.config.document import Document
from zeke_bridge.config.yaml import read_yaml
from zeke_bridge.model.errors import ConfigError


def read(tmp_path: Path, text: str) -> Document:
    path = tmp_path / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path, {})


def test_values_are_plain_and_have_lines(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "a: &x {k: 1, v: .5, e: 1e-6, y: yes, n: ~}\n"
        "b:\n  <<: *x\n  k: two\n"
        'c:\n- "1"\n- -.inf\n- 12:30\n- 2026-01-01\n- 1_000\n- *x\n- !!str 5\n',
    )
    first = {"k": 1, "v": 0.5, "e": 1e-6, "y": True, "n": None}
    assert document.table["a"] == first
    assert document.table["b"] == {**first, "k": "two"}
    later = ["1", float("-inf"), "12:30", "2026-01-01", 1000, first, "5"]
    assert document.table["c"] == later
    assert document.at(("b", "k")).endswith("line 4")
    assert document.at(("c", 2)).endswith("line 8")
    # What came by an alias stands where the alias stands.
    assert document.at(("c", 5, "k")).endswith("line 11")


def test_nothing_is_an_empty_document(tmp_path: Path) -> None:
    assert read_yaml(tmp_path / "none.yaml", {}).table == {}
    for text in ("", "~", "# only this", "---\n"):
        assert read(tmp_path, text).table == {}


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3", ["line 3", "a is there already", "line 1"]),
        ("a:\n  b: 1\n  b: 2", ["line 3", "a.b is there already"]),
        ("x: !!python/object/apply:os.system [id]", ["line 1", "tag"]),
        ("x: !own 1", ["line 1", "tag"]),
        ("- 1", ["line 1", "key and a colon"]),
        ("a: [1", ["is not YAML", "line 1"]),
        ("a: b: c", ["is not YAML", "line 1"]),
        ("a: 1\nb: *nobody", ["line 2", "*nobody"]),
        ("a: &a [*a]", ["line 1", "before it is there"]),
        ("a: 1\nb: \x01", ["line 2", "is not YAML"]),
        ("a: 1\n---\nb: 2", ["line 2", "second document"]),
        ("? [a]\n: 1", ["line 1", "no plain word"]),
        ("a:\n  <<: 5", ["line 2", "merges"]),
        ("a: " + "[" * 40 + "]" * 40, ["nested too deeply"]),
        ("[" * 100_000, ["nested too deeply"]),
        (BOMB, ["unfolds into too much"]),
        ("a: 1\n" * 60_000, ["is over 256 KB"]),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    for word in ("file.yaml", *words):
        assert word in caught.value.message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.text("ab:-[]{}&*!?|>'\"#,~ \n\t<%@0.e", max_size=80).map(str.encode)
)
def test_any_bytes_are_a_document_or_an_error(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(raw)
    try:
        assert isinstance(read_yaml(path, {}).table, dict)
    except ConfigError as error:
        assert "any.yaml" in error.message
