"""What is shown of text from outside."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.warden.escape import escape, shorten, shorten_lines

TRICKY = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from("\\u{}5c→…\t\n\r\x1b\u202e\u200b\u00a0\u2028\ue000\u0301a "),
    )
)


def unescape(shown: str) -> str:
    shown = shown.replace("→   ", "\t")
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), shown)


@given(TRICKY)
def test_nothing_hidden_is_left(text: str) -> None:
    for char in escape(text):
        assert char == " " or unicodedata.category(char) not in {
            "Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp",
        }  # fmt: skip


@given(TRICKY)
def test_it_can_be_undone_so_it_is_injective(text: str) -> None:
    assert unescape(escape(text)) == text


@given(TRICKY, st.integers(2, 20))
def test_shortened_text_never_grows(text: str, limit: int) -> None:
    shown = shorten(text, limit)
    assert shown == escape(text) or "more)…" in shown
    assert shown.isprintable()


# Looked for only where a test wants it: that takes a second.
HIDDEN = st.deferred(
    lambda: st.sampled_from([char for char in map(chr, range(0x110000)) if not char.isprintable()])
)


@given(st.text(HIDDEN))
def test_every_character_that_does_not_print_has_its_code(text: str) -> None:
    shown = escape(text)
    assert shown.isprintable()
    assert shown.count("\\u{") + shown.count("→   ") + text.count(" ") >= len(text)


@given(TRICKY, TRICKY)
def test_two_texts_never_look_the_same(one: str, other: str) -> None:
    assert (escape(one) == escape(other)) == (one == other)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain.py", "plain.py"),
        ("a\nb", "a\\u{a}b"),
        ("\x1b[2J", "\\u{1b}[2J"),
        ("gpj.\u202eexe", "gpj.\\u{202e}exe"),
        ("a\u00a0b", "a\\u{a0}b"),
        ("\\n stays", "\\n stays"),
        ("\\u{a}", "\\u{5c}u{a}"),
        ("\tx", "→   x"),
        ("→", "\\u{2192}"),
        ("é", "é"),
        ("日本", "日本"),
        ("\u0301x", "\\u{301}x"),
        ("a\u0301\u0302\u0303", "a\u0301\u0302\\u{303}"),
        ("\u2800", "\\u{2800}"),
        ("\ud800", "\\u{d800}"),
    ],
)
def test_escape(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_both_ends_and_a_count() -> None:
    assert shorten("a" * 10 + "z" * 10, 6) == "aaa…(14 more)…zzz"
    assert shorten("…", 5) == "\\u{2026}"


def test_lines_are_escaped_one_by_one() -> None:
    lines = [f"+{number}" for number in range(10)]
    assert shorten_lines(lines, 5, 80) == ("+0", "+1", "…(6 more lines)…", "+8", "+9")
    assert shorten_lines(["+a\n-b"], 5, 80) == ("+a\\u{a}-b",)
