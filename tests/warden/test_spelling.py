"""Disguises of one name are seen to be one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.warden.spelling import disguises, fold


@pytest.mark.parametrize(
    ("spelling", "plain"),
    [
        (".GIT", ".git"),
        (".git. . ", ".git"),
        (".git::$INDEX_ALLOCATION", ".git"),
        (".g\u200bit", ".git"),
        (".g\ufe0fit", ".git"),
        ("．ｇｉｔ", ".git"),
        ("a\\b", "a/b"),
        ("ﬁle.KEY", "file.key"),
        ("\u212aey", "key"),
        ("../x", "../x"),
        (":x", ":x"),
        ("cafe\u0301", "café"),
    ],
)
def test_fold(spelling: str, plain: str) -> None:
    assert fold(spelling) == plain


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    # What begins with a colon is one name; without its dots it may begin with one.
    once = fold(text)
    assert fold(once) == once or ":" in once


def test_a_plain_path_has_one_form() -> None:
    assert disguises(("src/a.py", "./src//a.py")) == (("src", "a.py"),)
