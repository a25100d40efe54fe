from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.cache.prose import is_about_space, normal


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Why is it slow?", "Why is it slow?"),
        ("It is slow.  Why?", "It is slow. Why?"),
        ("It is slow.   Why? ", "It is slow. Why? "),
        ("One thing.\n\n\n\nAnother.", "One thing.\n\nAnother."),
        ("Почему так.  Сейчас же!", "Почему так. Сейчас же!"),
        ('Say "one.  Two" now.  Then go', 'Say "one.  Two" now. Then go'),
        ("Fix it.  Now\n```py\nx  = 1  \n```\n\n", "Fix it. Now\n```py\nx  = 1  \n```\n\n"),
        ("```\na.  b\n```\nWhy so?  Tell me", "```\na.  b\n```\nWhy so? Tell me"),
    ],
)
def test_stray_white_space_of_prose_goes(text: str, form: str) -> None:
    assert normal(text) == form


@pytest.mark.parametrize(
    "text",
    [
        "What is the SHA-256 of: hello.  World",
        "Is foo  bar a valid name?",
        "Why  is it slow?",
        "Why is it slow? ",
        "Why is it slow?\n",
        "Slow.\r\nWhy?",
        "    indented code  here",
        "if x:\n    return  y",
        "\n    def f():\n        pass\n",
        "x =  1",
        "a  b",
        "1  2",
        "red  7",
        "name\tage  now",
        "one  two\nred  blue",
        "foo_bar  baz",
        "Which is right, foo  bar or foo bar?",
        "Which is right, foo  bar or foo   bar?",
        "so  it " * 30 + "goes",
        "say 'a  b'",
        "say “a  b”",
        'an open " quote  here',
        "an open ` tick  here",
        "* a list  of things",
        "# a  heading",
        "- - -   ... ---",
        "lone \r return",
        "wide\u00a0\u00a0space and\u3000ideographs ",
        "inline ``` fence  here\ncode  here\n```",
        "> ```\n> code  here\n> ```",
        "```\ncode  here",
        "```markdown\ntext  here\n```py\ncode\n```\nmore  text\n```",
        "````\n```\ncode  here\n```\n",
        "```x``` is  inline\nfirst  line\n```\ncode\n```",
        "~~~\ncode  here\n~~~\nand  prose",
    ],
)
def test_what_may_be_more_than_prose_stays(text: str) -> None:
    assert normal(text) is text


@pytest.mark.parametrize(
    "text",
    [
        "How many spaces are here:  now",
        "Fix the indentation",
        "Split it into rows",
        "COUNT the characters",
        "Is this trailing?",
        "a fixed width record",
        "What is this hashed to",
    ],
)
def test_a_question_about_white_space_is_known(text: str) -> None:
    assert is_about_space(text)


def test_what_code_says_of_white_space_does_not_count() -> None:
    assert not is_about_space("Explain it\n```\nline.strip().split()\n```\n")
    assert not is_about_space("Why is the browser slow to grow?")
    # An unclosed fence may be anything.
    assert is_about_space("Explain it\n```\nline strip")


WORDS = st.sampled_from(
    [
        "enable",
        "disable",
        "not",
        "json",
        "yaml",
        "Fix",
        "fix",
        "1",
        "2",
        "1.5",
        "-3",
        "a",
        "b",
        "it's",
        "x=1",
        "foo_bar",
        '"a  b"',
        "`c  d`",
        "`",
        '"',
        "```",
        "~~~",
        ".",
        ",",
        "?",
        "é",
    ]
)
SPACES = st.sampled_from([" ", "  ", "   ", "\n", "\r\n", " \n", "\n\n\n", "\n    ", "\n\t", "\t"])
TEXTS = st.lists(st.tuples(WORDS, SPACES), max_size=12).map(
    lambda pieces: "".join(word + space for word, space in pieces)
)
ANY = TEXTS | st.text() | st.text("ab 1\n`\"'\t\r.", max_size=60)


def margins(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip()]
    return [line[: len(line) - len(line.lstrip())] for line in lines]


@given(ANY)
def test_it_is_a_normal_form(text: str) -> None:
    form = normal(text)
    assert normal(form) is form


@given(ANY)
def test_words_order_case_numbers_and_indentation_stay(text: str) -> None:
    form = normal(text)
    assert form.split() == text.split()
    assert margins(form) == margins(text)
    assert len(form) <= len(text)


@given(st.text(), TEXTS, TEXTS)
def test_nothing_within_a_fence_changes(code: str, before: str, after: str) -> None:
    body = code.replace("`", "").replace("~", "")
    block = f"```py\n{body}\n```"
    text = f"{before.replace('`', '')}\n{block}\n{after.replace('`', '')}"
    assert block in normal(text)


@given(st.text("ab  c\t", max_size=20), st.sampled_from(['"', "`"]))
def test_nothing_within_quotes_changes(inner: str, mark: str) -> None:
    quoted = f"{mark}{inner}{mark}"
    assert quoted in normal(f"Please  explain {quoted} to  me \n")


@pytest.mark.parametrize(
    "text",
    ["Encode this in base64. hello.  World", "Reverse this. hello.  World", "MD5 of a.  b", "URL?"],
)
def test_what_asks_about_the_very_letters_is_known(text: str) -> None:
    assert is_about_space(text)
