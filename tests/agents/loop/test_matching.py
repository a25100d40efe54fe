from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.agents.loop.matching import edited
from zeke_bridge.model.errors import InputError

TEXT = "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 1\n"


def test_exactly() -> None:
    made = edited(TEXT, [("def f(self):\n        return 1", "def f(self):\n        return 2")])
    assert made == TEXT.replace("return 1", "return 2", 1)
    # One after the other.
    assert edited("a b", [("a", "b c"), ("b c", "x")]) == "x b"


def test_where_blanks_do_not_count_the_new_lines_are_indented_as_the_old() -> None:
    made = edited(TEXT, [("def f(self):\n    return 1", "def f(self):\n    x = 2\n\n    return x")])
    assert made == TEXT.replace(
        "    def f(self):\n        return 1", "    def f(self):\n        x = 2\n\n        return x"
    )


def test_line_ends_stay() -> None:
    assert edited("a  b\r\nc\r\n", [("a b\nc", "x\ny")]) == "x\r\ny\r\n"


def test_lines_are_taken_away() -> None:
    assert edited("a\n  b\nc\n", [("\tb\n", "")]) == "a\nc\n"


def test_a_blank_file_is_filled() -> None:
    assert edited("\n", [("", "x = 1\n")]) == "x = 1\n"


@pytest.mark.parametrize(
    ("text", "edits", "words"),
    [
        (TEXT, [("return 1", "return 2")], "stands 2 times in the file, in lines 3, 6"),
        (TEXT, [("return  1", "return 2")], "fits 2 places, in lines 3, 6"),
        (TEXT, [("def f(me):\n    return 1", "x")], "Lines 1 to 5 are:\nclass A:"),
        (TEXT, [("zzz qqq", "x")], "copy the lines exactly."),
        (TEXT, [("  \n", "x")], "old_text is blank"),
        (TEXT, [("a", "a")], "nothing would change"),
        (TEXT, [("class A:", "class B:"), ("class A:", "x")], "edit 2"),
        ("x\n" * 9, [("x", "y")], "lines 1, 2, 3, 4, 5 …"),
    ],
)
def test_what_does_not_land_is_said(text: str, edits: list[tuple[str, str]], words: str) -> None:
    with pytest.raises(InputError) as caught:
        edited(text, edits)
    assert words in caught.value.message


LINES = st.lists(st.sampled_from(["a", "  b", "\tc d", "", "}", "a  b"]), max_size=8).map("\n".join)


@given(LINES, LINES, LINES)
def test_it_lands_or_says_why(text: str, old: str, new: str) -> None:
    try:
        made = edited(text, [(old, new)])
    except InputError as error:
        assert error.message.endswith((".", "\n", "}")) or "are:" in error.message
    else:
        assert made == text.replace(old, new, 1) or text.count(old) != 1


@given(LINES, LINES)
def test_what_is_unique_is_replaced_and_nothing_else(before: str, after: str) -> None:
    assert edited(f"{before}\nOLD\n{after}", [("OLD", "NEW")]) == f"{before}\nNEW\n{after}"
