"""What a person may have meant, and nothing where nobody can tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.likeness import likest

PROVIDERS = ("openai", "anthropic", "google", "github", "ollama", "groq", "xai", "glm", "local")
WORDS = st.text("abcdef_.", max_size=12)


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("opnai", ["openai"]),
        ("antropic", ["anthropic"]),
        ("olama", ["ollama"]),
        ("git", ["github"]),
        ("OpenAI", ["openai"]),
        ("GIT", ["github"]),
        ("nosuch", []),
        ("zzz", []),
        ("", []),
        ("al", []),
    ],
)
def test_what_is_far_is_not_named(word: str, near: list[str]) -> None:
    assert likest(word, PROVIDERS) == near


def test_a_part_is_near_after_what_is_alike() -> None:
    assert likest("url", ["base_url", "url2"], most=2) == ["url2", "base_url"]
    assert likest("url", ["the_base_url", "base_url"]) == ["base_url"]


def test_large_and_small_letters_are_the_same() -> None:
    assert likest("GPT-4o", ["gpt-4o-mini", "gpt-4o"]) == ["gpt-4o"]
    assert likest("url", ["URL", "Url"], most=3) == ["URL", "Url"]


def test_it_may_have_to_be_liker() -> None:
    assert likest("office", ["offline"], least=0.75) == ["offline"]
    assert likest("office", ["oldfish"], least=0.75) == []


@given(WORDS, st.lists(WORDS, max_size=6))
def test_only_what_is_known_and_each_once(word: str, names: list[str]) -> None:
    found = likest(word, names, most=3)
    assert len(found) <= 3
    assert len(set(found)) == len(found)
    assert set(found) <= set(names)
    if word in names and word:
        assert found[0] == word
