from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.cache.gist import gist
from zeke_bridge.core.cache.trial import Pair, pairs

APART = [pair for pair in pairs() if not pair.same]
SAME = [pair for pair in pairs() if pair.same]
TEXTS = sorted({text for pair in pairs() for text in (pair.one, pair.other)})


def test_the_built_in_set_is_large_enough() -> None:
    assert len(APART) >= 150
    assert len(SAME) >= 50
    reasons = {pair.why for pair in APART}
    assert reasons >= {"opposite", "negation", "number", "direction", "name", "quoted", "case"}
    assert all(pair.one != pair.other for pair in pairs())


@pytest.mark.parametrize("pair", APART, ids=lambda pair: f"{pair.one} | {pair.other}")
def test_what_must_not_share_an_answer_has_no_common_gist(pair: Pair) -> None:
    one, other = gist(pair.one), gist(pair.other)
    assert one is None or other is None or one != other


@pytest.mark.parametrize("pair", SAME, ids=lambda pair: f"{pair.one} | {pair.other}")
def test_what_asks_the_same_has_one_gist(pair: Pair) -> None:
    assert gist(pair.one) is not None
    assert gist(pair.one) == gist(pair.other)


def test_of_all_questions_only_those_said_to_be_the_same_share_a_gist() -> None:
    chosen: dict[str, str] = {}

    def first(text: str) -> str:
        while chosen.setdefault(text, text) != text:
            text = chosen[text]
        return text

    for pair in SAME:
        chosen[first(pair.one)] = first(pair.other)
    by_gist: dict[str, set[str]] = defaultdict(set)
    for text in TEXTS:
        if (meant := gist(text)) is not None:
            by_gist[meant].add(first(text))
    assert [texts for texts in by_gist.values() if len(texts) > 1] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "x" * 501,
        "one\ntwo",
        "a\tb",
        "an open ` tick",
        'an open " quote',
        "say 'so it is'",
    ],
)
def test_what_is_not_one_short_plain_line_has_no_gist(text: str) -> None:
    assert gist(text) is None


CONTENT = st.sampled_from(
    [
        "enable",
        "disable",
        "logging",
        "json",
        "yaml",
        "not",
        "never",
        "no",
        "without",
        "with",
        "before",
        "after",
        "the",
        "a",
        "an",
        "all",
        "one",
        "1",
        "2",
        "1.5",
        "-1",
        "list",
        "Go",
        "go",
        "C",
        "C++",
        "`x`",
        "`y`",
        '"a  b"',
        '"a b"',
        "foo_bar",
        "fooBar",
        "to",
        "from",
        "in",
        "python",
        "Python",
        "cannot",
        "only",
        "is",
        "us",
        "US",
        "heap,",
        "5!",
        "5",
        "nil?",
        "nil",
    ]
)
OPENINGS = st.sampled_from(
    [
        "How do I",
        "How can I",
        "How to",
        "how to",
        "What is",
        "what is",
        "Explain",
        "Please explain",
        "Can you explain",
        "Why is",
        "Tell me how to",
        "Show",
        "Do",
        "You can",
    ]
)
DEEDS = st.sampled_from(["sort", "delete", "convert", "differ", "look", "the", "a"])
WORDS = st.lists(CONTENT, min_size=1, max_size=6)


def sentence(opening: str, deed: str, words: list[str]) -> str:
    return " ".join([opening, deed, *words])


@given(OPENINGS, OPENINGS, DEEDS, WORDS, st.data())
def test_no_words_in_another_order_have_the_same_gist(
    one: str, other: str, deed: str, words: list[str], data: st.DataObject
) -> None:
    turned = data.draw(st.permutations(words))
    meant = gist(sentence(one, deed, words))
    if meant is not None and meant == gist(sentence(other, deed, turned)):
        # What stands at the end may be the name of a language.
        assert [word.lower() for word in turned] == [word.lower() for word in words]
        assert turned[:-1] == words[:-1]


@given(OPENINGS, OPENINGS, DEEDS, WORDS, CONTENT, st.data())
def test_no_word_can_be_added_or_taken_out(
    one: str, other: str, deed: str, words: list[str], more: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(words)))
    longer = [*words[:place], more, *words[place:]]
    meant = gist(sentence(one, deed, words))
    assert meant is None or meant != gist(sentence(other, deed, longer))


@given(OPENINGS, OPENINGS, DEEDS, WORDS, CONTENT, st.data())
def test_no_word_can_be_exchanged(
    one: str, other: str, deed: str, words: list[str], more: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(words) - 1))
    changed = [*words[:place], more, *words[place + 1 :]]
    meant = gist(sentence(one, deed, words))
    if meant is not None and meant == gist(sentence(other, deed, changed)):
        if {words[place], more} == {"nil", "nil?"}:
            # A question mark behind "the nil" can be nothing but the end of a question.
            assert place == len(words) - 1
            assert [deed, *words][-2] in {"a", "an", "the"}
        elif words[place] != more:
            assert {words[place], more} == {"python", "Python"}
            assert place == len(words) - 1
            assert words[-2] == "in"


@given(st.text(max_size=600))
def test_any_text_has_a_gist_or_none(text: str) -> None:
    meant = gist(text)
    assert meant is None or meant
