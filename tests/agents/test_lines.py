"""Bytes cut into lines, however they come."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.agents.lines import EDGE, MAX_VALUES, Edges, Lines, has_too_many

TEXT = st.text(alphabet=',[{"\\a', max_size=8)
VALUES = st.recursive(
    st.none() | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=30
)


def _count(value: Any) -> int:
    """How many commas and opening brackets its JSON has outside of strings."""
    if not isinstance(value, dict | list):
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(0, len(value) - 1) + sum(map(_count, inner))


@given(st.lists(st.binary(max_size=30)), st.data())
def test_lines_are_the_same_however_they_are_cut(pieces: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)))))
    cutter = Lines(len(whole) + 1)
    found: list[bytes | Edges] = []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        found += cutter.feed(whole[start:end])
    expected = [line.strip() for line in whole.split(b"\n")[:-1]]
    assert found == [line for line in expected if line]


def test_of_a_line_that_is_too_long_the_edges_are_kept_and_the_next_is_read() -> None:
    cutter = Lines(10)
    assert list(cutter.feed(b"0123456789\n01234567")) == [b"0123456789"]
    assert list(cutter.feed(b"890")) == []
    assert list(cutter.feed(b"x" * 1000)) == []
    first, last = b"01234567890" + b"x" * 1000, b"01234567890" + b"x" * 1000
    assert list(cutter.feed(b"\nok\n")) == [Edges(first[:11], last), b"ok"]


@given(st.integers(EDGE // 64, 3 * EDGE))
def test_edges_are_the_same_however_they_come(size: int) -> None:
    line = b"".join(b"%d," % number for number in range(6 * EDGE))
    cutter = Lines(EDGE)
    found = [one for at in range(0, len(line), size) for one in cutter.feed(line[at : at + size])]
    assert [*found, *cutter.feed(b"\n")] == [Edges.of(line)]


@given(VALUES)
def test_what_stands_in_strings_is_no_value(value: Any) -> None:
    filler = [0] * (MAX_VALUES - _count(value))
    assert not has_too_many(json.dumps([value, *filler[2:]]).encode())
    assert has_too_many(json.dumps([value, *filler]).encode())


@pytest.mark.parametrize("end", ["", "\\", '"', ',"'])
def test_a_string_without_an_end_is_looked_at_once(end: str) -> None:
    # Looked at anew from each of its quotes, this would take days.
    assert not has_too_many(('"' + '\\"' * 4_000_000 + end).encode())
