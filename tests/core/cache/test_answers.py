from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.cache.conftest import Ask, Reply
from zeke_bridge.config.ghostllm import Caching
from zeke_bridge.core.cache.answers import AnswerCache, CacheFigures
from zeke_bridge.core.cache.control import Control, control_of
from zeke_bridge.core.cache.kept import Kept
from zeke_bridge.core.cache.question import Question
from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import Cost


@pytest.fixture
def answers() -> AnswerCache:
    return AnswerCache(Caching(ttl=60, rules={"explain": 5, "analyze": 0}))


def test_an_answer_is_given_again(answers: AnswerCache, ask: Ask, reply: Reply) -> None:
    assert answers.find(ask(), 100) is None
    answers.keep(ask(), reply(), 100)
    assert answers.find(ask(), 101) == reply()
    assert answers.find(ask("Why is the sky  blue?"), 101) is None
    assert answers.find(ask("Why is the sky green?"), 101) is None
    figures = answers.figures()
    assert (figures.hits, figures.misses, figures.entries) == (1, 3, 1)


def test_nobody_gets_what_another_one_asked_for(
    answers: AnswerCache, ask: Ask, reply: Reply
) -> None:
    answers.keep(ask(client="ann", project="p1"), reply(), 100)
    assert answers.find(ask(client="bob", project="p1"), 100) is None
    assert answers.find(ask(client="ann", project="p2"), 100) is None
    assert answers.find(ask(client="ann", project=""), 100) is None
    assert answers.find(ask(client="ann", project="p1"), 100) is not None


def test_nobody_can_change_what_is_kept(answers: AnswerCache, ask: Ask, reply: Reply) -> None:
    given_in = reply()
    answers.keep(ask(), given_in, 100)
    given_in.answer["choices"].clear()
    found = answers.find(ask(), 100)
    assert found is not None
    found.answer["choices"][0]["message"]["content"] = "poison"
    assert answers.find(ask(), 100) == reply()


def test_an_answer_lives_as_long_as_its_task_class_says(
    answers: AnswerCache, ask: Ask, reply: Reply
) -> None:
    for task, last in (("chat", 159.0), ("explain", 104.0)):
        answers.keep(ask(task=task), reply(), 100)
        assert answers.find(ask(task=task), last) is not None
        assert answers.find(ask(task=task), last + 1) is None
    assert answers.figures().entries == 0
    assert answers.figures().bytes == 0


def test_a_clock_that_was_set_back_makes_nothing_live_longer(
    answers: AnswerCache, ask: Ask, reply: Reply
) -> None:
    answers.keep(ask(), reply(at=1000), 1000)
    assert answers.find(ask(), 999.9) is not None
    assert answers.find(ask(), 100) is None


def test_a_class_without_lifetime_is_neither_kept_nor_counted(
    answers: AnswerCache, ask: Ask, reply: Reply
) -> None:
    answers.keep(ask(task="analyze"), reply(), 100)
    assert answers.find(ask(task="analyze"), 100) is None
    assert answers.figures() == CacheFigures()


def test_no_store_is_neither_looked_up_nor_kept(
    answers: AnswerCache, ask: Ask, reply: Reply
) -> None:
    quiet = ask(control=control_of("no-store"))
    answers.keep(quiet, reply(), 100)
    assert answers.figures() == CacheFigures()
    answers.keep(ask(), reply(), 100)
    assert answers.find(quiet, 100) is None
    assert answers.figures().misses == 0


def test_no_cache_is_not_looked_up_but_kept(answers: AnswerCache, ask: Ask, reply: Reply) -> None:
    answers.keep(ask(), reply("old"), 100)
    anew = ask(control=control_of("no-cache"))
    assert answers.find(anew, 101) is None
    answers.keep(anew, reply("new"), 101)
    assert answers.find(ask(), 101) == reply("new")
    assert answers.figures().entries == 1


def test_max_age_wants_a_younger_answer_and_keeps_the_old_one(
    answers: AnswerCache, ask: Ask, reply: Reply
) -> None:
    answers.keep(ask(), reply(at=100), 100)
    assert answers.find(ask(control=Control(max_age=5)), 105) is not None
    assert answers.find(ask(control=Control(max_age=5)), 106) is None
    assert answers.find(ask(), 106) is not None


@pytest.mark.parametrize("finish", ["length", "content_filter", "tool_calls", ""])
def test_what_did_not_end_by_itself_is_not_kept(
    answers: AnswerCache, ask: Ask, reply: Reply, finish: str
) -> None:
    answers.keep(ask(), reply(finish=finish), 100)
    assert answers.figures().entries == 0


def test_several_answers_are_not_kept(answers: AnswerCache, ask: Ask, reply: Reply) -> None:
    two = reply()
    two.answer["choices"] *= 2
    answers.keep(ask(), two, 100)
    answers.keep(ask(n=2), reply(), 100)
    assert answers.figures().entries == 0
    answers.keep(ask(n=1), reply(), 100)
    assert answers.figures().entries == 1


def test_a_cache_that_is_off_does_nothing(ask: Ask, reply: Reply) -> None:
    answers = AnswerCache(Caching(enabled=False))
    answers.keep(ask(), reply(), 100)
    assert answers.find(ask(), 100) is None
    assert answers.figures() == CacheFigures()


def test_clear_forgets_all_and_says_how_many(answers: AnswerCache, ask: Ask, reply: Reply) -> None:
    answers.keep(ask("a b"), reply(), 100)
    answers.keep(ask("c d"), reply(), 100)
    assert answers.find(ask("a b"), 100) is not None
    assert answers.clear() == 2
    assert answers.clear() == 0
    assert answers.figures() == CacheFigures(hits=1)
    assert answers.find(ask("a b"), 100) is None


def test_the_least_used_make_room(ask: Ask, reply: Reply) -> None:
    unlimited = AnswerCache(Caching())
    unlimited.keep(ask("0"), reply("x" * 1000), 100)
    one = unlimited.figures().bytes
    answers = AnswerCache(Caching(max_bytes=3 * one + 9))
    for number in range(3):
        answers.keep(ask(str(number)), reply("x" * 1000), 100)
    assert answers.find(ask("0"), 100) is not None
    answers.keep(ask("3"), reply("x" * 1000), 100)
    assert [answers.find(ask(str(n)), 100) is not None for n in range(4)] == [
        True,
        False,
        True,
        True,
    ]
    answers.keep(ask("4"), reply("x" * 100_000), 100)
    assert answers.figures().bytes <= 3 * one + 9


def test_what_is_stale_makes_room_by_itself(ask: Ask, reply: Reply) -> None:
    answers = AnswerCache(Caching(ttl=60))
    for number in range(50):
        answers.keep(ask(str(number)), reply(at=number * 10), number * 10)
    assert answers.figures().entries == 6


def test_the_bytes_are_near_the_truth(ask: Ask, reply: Reply) -> None:
    for length in (10, 5000):
        answers = AnswerCache(Caching())
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for number in range(1000):
            answers.keep(ask(f"Question {number}"), reply("x" * length), 100)
        taken = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert answers.figures().entries == 1000
        assert 0.75 < answers.figures().bytes / taken < 1.25


def test_nothing_of_a_prompt_is_held(ask: Ask, reply: Reply) -> None:
    answers = AnswerCache(Caching())
    answers.keep(ask("a secret of mine"), reply(), 100)
    assert "secret" not in repr(vars(answers))


def test_a_question_that_is_no_json_is_said_to_be_so(answers: AnswerCache, ask: Ask) -> None:
    with pytest.raises(InputError):
        answers.find(ask("\ud800"), 100)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["keep", "find", "clear"]),
        st.sampled_from(["ann", "bob"]),
        st.sampled_from(["p1", "p2"]),
        st.sampled_from(["a b", "a  b", "ab cd", "ab  cd", "not ab"]),
        st.integers(0, 40),
    ),
    max_size=40,
)


@given(STEPS)
def test_a_hit_is_always_the_own_young_answer(steps: list[tuple[str, str, str, str, int]]) -> None:
    answers = AnswerCache(Caching(ttl=20, max_bytes=4000))
    now = 0.0
    for step, client, project, text, later in steps:
        now += later
        body = {"messages": [{"role": "user", "content": text}]}
        question = Question(client, project, "auto", "chat", local_only=False, body=body)
        owner = f"{client}/{project}/{' '.join(text.split())}/{text == 'a  b'}"
        if step == "clear":
            answers.clear()
        elif step == "keep":
            message = {"role": "assistant", "content": owner}
            whole = {"choices": [{"message": message, "finish_reason": "stop"}]}
            answers.keep(question, Kept(whole, "x", "y", Cost(), now), now)
        elif (found := answers.find(question, now)) is not None:
            assert found.answer["choices"][0]["message"]["content"] == owner
            assert now - found.at < 20
        figures = answers.figures()
        assert 0 <= figures.bytes <= 4000
        assert (figures.bytes == 0) == (figures.entries == 0)


def test_a_question_remembers_its_keys(ask: Ask) -> None:
    question = ask()
    assert question.exact is question.exact
    assert replace(question, control=Control(keep=False)).exact == question.exact
