"""The end of what was printed, within a limit and in whole characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.workspace.process.output import Tail


def tail(limit: int, *pieces: bytes, final: bool = True) -> tuple[str, bool]:
    kept = Tail(limit)
    for piece in pieces:
        kept.add(piece)
    return kept.text(final=final), kept.truncated


@pytest.mark.parametrize(
    ("limit", "data", "expected"),
    [
        (10, b"short", ("short", False)),
        (5, b"short", ("short", False)),
        (4, b"short", ("hort", True)),
        (0, b"short", ("", True)),
        (0, b"", ("", False)),
        (4, "aäöü".encode(), ("öü", True)),
        (5, "aäöü".encode(), ("öü", True)),
        (4, "a😀b".encode(), ("b", True)),
        (5, "a😀b".encode(), ("😀b", True)),
    ],
)
def test_it_is_cut_off_the_beginning(limit: int, data: bytes, expected: tuple[str, bool]) -> None:
    assert tail(limit, data) == expected


def test_half_a_character_waits_for_its_rest() -> None:
    assert tail(9, "ä".encode()[:1], final=False) == ("", False)
    assert tail(9, "ä".encode()[:1]) == ("\ufffd", False)


def test_little_is_kept_of_much() -> None:
    kept = Tail(1000)
    for _ in range(2000):
        kept.add(b"x" * 65536)
    assert len(kept._kept) <= 2 * 1000 + 2 * 65536
    assert kept.text(final=True) == "x" * 1000


@given(st.lists(st.binary(max_size=30)), st.integers(0, 40), st.booleans())
def test_never_over_the_limit(pieces: list[bytes], limit: int, final: bool) -> None:
    text, _ = tail(limit, *pieces, final=final)
    assert len(text.encode()) <= limit


@given(st.text(max_size=60), st.integers(0, 40), st.integers(1, 9))
def test_the_end_of_a_text(text: str, limit: int, step: int) -> None:
    data = text.encode()
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    found, truncated = tail(limit, *pieces)
    assert text.endswith(found)
    assert truncated == (len(data) > limit)
    if len(found) < len(text):
        assert len((text[-len(found) - 1] + found).encode()) > limit
