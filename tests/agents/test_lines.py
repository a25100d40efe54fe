"""Bytes cut into lines, however they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.agents.lines import Lines


@given(st.lists(st.binary(max_size=30)), st.data())
def test_lines_are_the_same_however_they_are_cut(pieces: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)))))
    cutter = Lines(len(whole) + 1)
    found: list[bytes | None] = []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        found += cutter.feed(whole[start:end])
    expected = [line.strip() for line in whole.split(b"\n")[:-1]]
    assert found == [line for line in expected if line]


def test_a_line_that_is_too_long_is_none_and_the_next_is_read() -> None:
    cutter = Lines(10)
    assert list(cutter.feed(b"0123456789\n01234567")) == [b"0123456789"]
    assert list(cutter.feed(b"890")) == []
    assert list(cutter.feed(b"x" * 1000)) == []
    assert list(cutter.feed(b"\nok\n")) == [None, b"ok"]
