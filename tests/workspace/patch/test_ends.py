"""Carriage returns that stay where they are, in files whose lines do not all end alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.workspace.patch import as_it_was
from zeke_bridge.workspace.patch.ends import shown

LINES = st.lists(st.sampled_from(["a", "b", "a\r", "b\r", "", "\r", "x\ry", "x\ry\r"]), max_size=8)
MIXED = ("a\r", "b", "keep\r", "c\r")


@pytest.mark.parametrize(
    ("new", "made"),
    [
        ("a b keep d", ("a\r", "b", "keep\r", "d\r")),
        ("a x keep c", ("a\r", "x", "keep\r", "c\r")),
        ("a b more keep c", ("a\r", "b", "more", "keep\r", "c\r")),
        ("first a b keep c", ("first\r", "a\r", "b", "keep\r", "c\r")),
        ("a b keep c last", (*MIXED, "last\r")),
        ("a keep c", ("a\r", "keep\r", "c\r")),
        ("x y", ("x\r", "y")),
    ],
)
def test_a_new_line_ends_as_the_one_in_its_place(new: str, made: tuple[str, ...]) -> None:
    assert as_it_was(MIXED, new.split()) == made


def test_a_carriage_return_that_is_asked_for_is_made() -> None:
    every = ("a\r", "b\r", "keep\r", "c\r")
    assert as_it_was(MIXED, every) == every
    assert as_it_was(("a", "b"), ("a\r", "b")) == ("a\r", "b")
    assert as_it_was(MIXED, ("a", "b", "new\r", "keep", "c")) == (*MIXED[:2], "new\r", *MIXED[2:])


def test_one_inside_a_line_is_a_character_like_any() -> None:
    assert as_it_was(("a\rb", "c"), ("a\rb", "d")) == ("a\rb", "d")
    assert as_it_was(("a\r\r", "c"), ("a\r", "d")) == ("a\r\r", "d")


@pytest.mark.parametrize(
    ("old", "new", "made"),
    [
        # Lines that end in nothing but a carriage return are one line, and it has no end.
        (["a\rb\r"], ["a", "b"], ("a", "b")),
        (["a\r", "b", "c\r"], ["a", "b", "d"], ("a\r", "b", "d")),
        (["a\r", "b", "c\r"], ["a", "b", "c\r"], ("a\r", "b", "c\r")),
        (["a", "\r\r", "\r"], ["a", "\r", "\r"], ("a", "\r\r", "\r")),
        (["a\r", "b"], ["a"], ("a",)),
    ],
)
def test_nothing_ends_the_last_line_of_a_text_without_a_final_end(
    old: list[str], new: list[str], made: tuple[str, ...]
) -> None:
    assert as_it_was(old, new, final_eol=False) == made


@given(LINES)
def test_what_was_not_changed_is_not_changed(old: list[str]) -> None:
    assert as_it_was(old, shown(old)) == tuple(old)
    assert as_it_was(old, old) == tuple(old)


@given(LINES, LINES)
def test_nothing_but_ends_is_touched(old: list[str], new: list[str]) -> None:
    assert shown(as_it_was(old, new)) == shown(new)
