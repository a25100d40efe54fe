"""Disguises of one name are seen to be one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.warden.spelling import disguises, fold, is_invisible


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


PLAIN = st.text("abckfis19_-é", min_size=1, max_size=12)
# Looked for only where a test wants it: that takes a second.
NOTHING = st.deferred(
    lambda: st.sampled_from(
        "".join(
            char
            for char in map(chr, range(0x110000))
            if unicodedata.category(char) == "Cf" or is_invisible(char)
        )
    )
)


@given(PLAIN, st.lists(st.tuples(st.integers(0, 12), NOTHING), max_size=4))
def test_what_shows_as_nothing_is_nothing(name: str, inserted: list[tuple[int, str]]) -> None:
    spelled = name
    for at, char in inserted:
        spelled = spelled[:at] + char + spelled[at:]
    assert fold(spelled) == fold(name)


@given(
    PLAIN, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]), st.sampled_from(["", ".", " . ", ":x"])
)
def test_case_normal_form_and_endings_do_not_count(name: str, form: str, end: str) -> None:
    for spelled in (name.upper(), name.title(), name.swapcase()):
        assert fold(unicodedata.normalize(form, spelled) + end) == fold(name)


@given(st.lists(st.text(st.characters(codec=None)), max_size=3))
def test_nothing_raises_and_every_spelling_is_looked_at_as_it_stands(texts: list[str]) -> None:
    found = disguises(texts)
    for text in texts:
        assert tuple(part for part in text.split("/") if part not in ("", ".")) in found


def test_a_plain_path_has_one_form() -> None:
    assert disguises(("src/a.py", "./src//a.py")) == (("src", "a.py"),)
