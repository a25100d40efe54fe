from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.cache.conftest import Ask, Reply
from zeke_bridge.config.ghostllm import Caching
from zeke_bridge.core.cache import similar
from zeke_bridge.core.cache.answers import AnswerCache, CacheFigures
from zeke_bridge.core.cache.control import control_of
from zeke_bridge.core.cache.similar import cosine
from zeke_bridge.model.errors import UnreachableError

pytestmark = pytest.mark.anyio

KEPT = "How do I undo a commit?"
ASKED = "How can I undo a commit?"


class Embedder:
    """Gives the same vector for everything, and counts."""

    def __init__(self, *vectors: Sequence[float]) -> None:
        self.asked: list[str] = []
        self.vectors = vectors or ((1.0, 0.0),)

    async def __call__(self, text: str) -> Sequence[float]:
        self.asked.append(text)
        return self.vectors[(len(self.asked) - 1) % len(self.vectors)]


def cache(embed: Any, **settings: Any) -> AnswerCache:
    return AnswerCache(Caching(similar=True, ttl=60, **settings), embed)


async def test_another_wording_finds_the_answer(ask: Ask, reply: Reply) -> None:
    embed = Embedder()
    answers = cache(embed)
    answers.keep(ask(KEPT), reply(), 100)
    assert embed.asked == []
    assert answers.find(ask(ASKED), 100) is None
    assert await answers.find_similar(ask(ASKED), 100) == reply()
    assert embed.asked == [ASKED, KEPT]
    figures = answers.figures()
    assert (figures.hits, figures.misses) == (1, 0)


async def test_the_vectors_must_agree_too(ask: Ask, reply: Reply) -> None:
    answers = cache(Embedder((1.0, 0.0), (0.9, 0.4)))
    answers.keep(ask(KEPT), reply(), 100)
    assert await answers.find_similar(ask(ASKED), 100) is None


@pytest.mark.parametrize(
    "other",
    [
        "How do I redo a commit?",
        "How do I undo two commits?",
        "How do I not undo a commit?",
        "How do I undo the commit?",
        "What is the weather?",
    ],
)
async def test_no_embedder_can_make_another_question_the_same(
    ask: Ask, reply: Reply, other: str
) -> None:
    embed = Embedder()
    answers = cache(embed)
    answers.keep(ask(KEPT), reply(), 100)
    assert await answers.find_similar(ask(other), 100) is None
    # It is not even asked: nothing is sent anywhere for a question that cannot match.
    assert embed.asked == []


async def test_all_else_must_be_equal(ask: Ask, reply: Reply) -> None:
    answers = cache(Embedder())
    answers.keep(ask(KEPT), reply(), 100)
    others = [
        ask(ASKED, client="bob"),
        ask(ASKED, project="p2"),
        ask(ASKED, task="explain"),
        ask(ASKED, temperature=1),
        ask(ASKED, messages=[{"role": "system", "content": "x"}, *ask(ASKED).body["messages"]]),
        ask(messages=[{"role": "assistant", "content": ASKED}]),
        ask(messages=[{"role": "user", "content": [{"type": "text", "text": ASKED}]}]),
        ask(messages=[]),
        ask(messages=None),
        ask(ASKED, control=control_of("no-cache")),
        ask(ASKED, control=control_of("no-store")),
    ]
    for other in others:
        assert await answers.find_similar(other, 100) is None
    assert await answers.find_similar(ask(ASKED), 100) is not None


async def test_the_tier_is_off_unless_asked_for(ask: Ask, reply: Reply) -> None:
    embed = Embedder()
    answers = AnswerCache(Caching(), embed)
    answers.keep(ask(KEPT), reply(), 100)
    assert await answers.find_similar(ask(ASKED), 100) is None
    assert await AnswerCache(Caching(similar=True)).find_similar(ask(ASKED), 100) is None
    assert embed.asked == []


async def test_what_is_gone_is_not_found(ask: Ask, reply: Reply) -> None:
    answers = cache(Embedder())
    answers.keep(ask(KEPT), reply(), 100)
    assert await answers.find_similar(ask(ASKED), 200) is None
    answers.keep(ask(KEPT), reply(), 200)
    answers.clear()
    assert await answers.find_similar(ask(ASKED), 100) is None
    assert answers.figures() == CacheFigures()
    assert vars(answers._similar)["_texts"] == {}
    assert vars(answers._similar)["_groups"] == {}


async def test_the_newest_wording_is_compared_first(ask: Ask, reply: Reply) -> None:
    embed = Embedder()
    answers = cache(embed)
    answers.keep(ask(KEPT), reply("one"), 100)
    answers.keep(ask("How to undo a commit"), reply("two"), 100)
    found = await answers.find_similar(ask(ASKED), 100)
    assert found == reply("two")
    assert embed.asked == [ASKED, "How to undo a commit"]


async def test_an_embedder_that_fails_is_a_miss(ask: Ask, reply: Reply) -> None:
    async def embed(text: str) -> Sequence[float]:
        raise UnreachableError("Nobody is there.")

    answers = cache(embed)
    answers.keep(ask(KEPT), reply(), 100)
    assert await answers.find_similar(ask(ASKED), 100) is None


async def test_an_embedder_that_hangs_is_a_miss(
    ask: Ask, reply: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def embed(text: str) -> Sequence[float]:
        await asyncio.Event().wait()
        return ()

    monkeypatch.setattr(similar, "_PATIENCE", 0.0)
    answers = cache(embed)
    answers.keep(ask(KEPT), reply(), 100)
    assert await answers.find_similar(ask(ASKED), 100) is None


async def test_an_answer_that_goes_while_the_embedder_works_is_not_given(
    ask: Ask, reply: Reply
) -> None:
    async def embed(text: str) -> Sequence[float]:
        answers.clear()
        return (1.0,)

    answers = cache(embed)
    answers.keep(ask(KEPT), reply(), 100)
    assert await answers.find_similar(ask(ASKED), 100) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((), ()),
        ((0.0,), (0.0,)),
        ((1.0,), (1.0, 0.0)),
        ((float("nan"),), (1.0,)),
        ((float("inf"),), (1.0,)),
        ((1.0, 0.0), (0.0, 1.0)),
        ((1.0,), (-1.0,)),
    ],
)
async def test_vectors_that_cannot_be_compared_are_not_near(
    one: Sequence[float], other: Sequence[float]
) -> None:
    assert not cosine(one, other) >= similar.CLOSE


NUMBERS = st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-6)


@given(st.lists(NUMBERS, min_size=1, max_size=5))
async def test_a_vector_is_near_itself(vector: list[float]) -> None:
    assert cosine(vector, [2 * number for number in vector]) == pytest.approx(1)
