"""What a person is told: why this model, why not the others, and what to do when there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.routing.scene import (
    CLAUDE,
    LOCAL,
    NO_KEY,
    NO_LOCAL,
    OFFICE,
    OPENAI,
    ids,
    planned,
    settled,
)
from zeke_bridge.config.ghostllm.schema import Routes
from zeke_bridge.core.routing.need import Need, need_of
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.core.routing.plan import Wanted
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import (
    ContextError,
    CoreError,
    CostLimitError,
    NoModelError,
    RateLimitError,
    UnableError,
)
from zeke_bridge.model.exchange import Tried

LIMIT = "The daily limit of $10.00 is reached ($10.02 spent): until tomorrow nothing is asked."
LONG = Wanted(need=Need(room=9000))


def test_auto_says_which_rule_and_why_each_was_passed_over() -> None:
    found = settled(Wanted(task="edit"), NO_LOCAL, NO_KEY, CLAUDE, OFFICE)
    assert found.task == "edit"
    assert found.passed == (Tried("openai", "no key"), Tried("local", "not installed"))
    first, second = found.candidates
    assert first.id == "anthropic:sonnet"
    assert found.reason == (
        "anthropic is number 2 in the built-in order for edit; sonnet suits everyday work. "
        "Passed over: openai (no key)."
    )
    assert second.reason == (
        "office comes after the built-in order for edit; qwen:7b is the first in the list that "
        "chats."
    )


def test_each_kind_of_rule_is_named() -> None:
    rules = Routes(rules={"explain": ("opus",)}, fallback=("gpt-big",), priority=True)
    found = settled(Wanted(task="explain"), LOCAL, OPENAI, CLAUDE, routes=rules)
    assert [candidate.reason for candidate in found.candidates] == [
        "Your rule for explain names it.",
        "Your fallback list names it.",
        "local is number 1 in your order of providers; coder-0.5b is the first in the list that "
        "chats.",
        "openai is number 2 in your order of providers; gpt-mini is good for anything.",
        "anthropic is number 3 in your order of providers; sonnet suits everyday work.",
    ]
    assert settled(Wanted("smart"), OPENAI).reason == (
        "openai is number 2 in the built-in order for reasoning; gpt-big suits hard questions."
    )
    assert settled(Wanted("opus"), CLAUDE).reason == "Only anthropic has a model of this name."
    assert settled(Wanted("claude:opus"), CLAUDE).reason == "It was asked for by name."


def test_cost_sensitive_names_the_price() -> None:
    known = {"openai:gpt-mini": Traits(input_price=0.1, output_price=0.5)}
    found = settled(Wanted("cost-sensitive"), CLAUDE, OPENAI, LOCAL, known=known)
    assert [candidate.reason for candidate in found.candidates] == [
        "For cost-sensitive work the cheapest comes first: it runs on this machine, which costs "
        "nothing.",
        "For cost-sensitive work the cheapest comes first: $0.6 for a million tokens in and out.",
        "For cost-sensitive work the cheapest comes first: its price is not known.",
    ]


def test_what_is_too_small_is_passed_over_with_the_numbers() -> None:
    known = {"openai:gpt-mini": Traits(context=4096)}
    offer = Offer("openai", models=("gpt-mini",), usual=("gpt-mini",))
    found = settled(LONG, offer, LOCAL, known=known)
    assert found.candidates[0].id == "local:coder-0.5b"
    why = "reads 4096 tokens, and this needs about 9000"
    assert found.passed == (Tried("openai:gpt-mini", why),)
    assert found.reason.endswith(f"Passed over: openai:gpt-mini ({why}).")


def test_another_model_of_the_same_provider_may_fit() -> None:
    small = {"openai:gpt-big": Traits(context=4096)}
    offer = Offer("openai", models=("gpt-big", "gpt-mini"), usual=("gpt-big", "gpt-mini"))
    found = settled(LONG, offer, known=small)
    assert found.candidates[0].id == "openai:gpt-mini"
    assert [row.candidate for row in found.passed] == ["openai:gpt-big"]


@pytest.mark.parametrize(
    ("need", "words"),
    [
        (Need(images=True), "does not see images"),
        (Need(tools=True), "does not call tools"),
        (Need(json=True), "does not keep to a JSON schema"),
    ],
)
def test_what_lacks_an_ability_is_passed_over(need: Need, words: str) -> None:
    known = {"anthropic:sonnet": Traits(tools=False, json=False, images=False)}
    offer = Offer("anthropic", models=("sonnet",))
    found = settled(Wanted(need=need), offer, OPENAI, known=known)
    assert found.candidates[0].id == "openai:gpt-mini"
    assert Tried("anthropic:sonnet", words) in found.passed
    with pytest.raises(UnableError, match=f"anthropic:sonnet {words}"):
        planned(Wanted(need=need), offer, known=known)
    with pytest.raises(UnableError, match=f"anthropic:sonnet {words}.*ZekeSetModel"):
        planned(Wanted("sonnet", need=need), offer, known=known)


def test_the_model_on_this_machine_is_known_not_to_see() -> None:
    found = settled(Wanted(task="completion", need=Need(images=True)), LOCAL, OPENAI)
    assert found.candidates[0].id == "openai:gpt-mini"
    assert Tried("local:coder-0.5b", "does not see images") in found.passed


def test_at_a_cost_limit_only_what_is_free_is_asked() -> None:
    known = {"office:qwen:7b": Traits(input_price=0.0, output_price=0.0)}
    wanted = Wanted(blocked=LIMIT)
    found = settled(wanted, OPENAI, CLAUDE, OFFICE, LOCAL, known=known)
    assert [candidate.id for candidate in found.candidates] == [
        "office:qwen:7b",
        "local:coder-0.5b",
    ]
    why = "costs money, and a cost limit is reached"
    assert Tried("openai:gpt-mini", why) in found.passed
    for name in ("auto", "openai:gpt-big"):
        with pytest.raises(CostLimitError) as caught:
            planned(Wanted(name, blocked=LIMIT), OPENAI, NO_LOCAL)
        assert caught.value.message.startswith(LIMIT)
        assert "`zeke model install`" in caught.value.message


def test_what_may_be_over_in_a_moment_is_worth_another_try() -> None:
    soon = "What is being answered now may reach the daily limit of $1.00: try again in a moment."
    wanted = Wanted(blocked=soon, soon=True)
    found = settled(wanted, OPENAI, LOCAL)
    assert found.candidates[0].id == "local:coder-0.5b"
    assert Tried("openai:gpt-mini", "costs money, and what runs may reach a cost limit") in (
        found.passed
    )
    for name in ("auto", "openai:gpt-big"):
        with pytest.raises(RateLimitError) as caught:
            planned(Wanted(name, blocked=soon, soon=True), OPENAI, NO_LOCAL)
        assert caught.value.message.startswith(soon[:-1])
        assert (caught.value.retryable, caught.value.retry_after) == (True, 1.0)


def test_a_model_that_rests_is_passed_over_and_not_its_provider() -> None:
    offer = replace(OPENAI, resting={"gpt-mini": "resting for 9 s after a failure"})
    found = settled(Wanted(), offer)
    assert found.passed[0] == Tried("openai:gpt-mini", "resting for 9 s after a failure")
    assert found.candidates[0].id == "openai:gpt-big"
    assert settled(Wanted("openai:gpt-big"), offer).candidates[0].id == "openai:gpt-big"
    with pytest.raises(NoModelError, match=r"^openai:gpt-mini is resting for 9 s.*try again"):
        planned(Wanted("openai:gpt-mini"), offer)
    other = Routes(fallback=("anthropic:opus",))
    assert ids(Wanted("openai:gpt-mini"), offer, CLAUDE, routes=other) == ["anthropic:opus"]


def test_a_bound_of_the_answer_makes_no_question_too_long() -> None:
    known = {"openai:gpt-mini": Traits(context=128_000), "local:coder-0.5b": Traits(context=8192)}
    asked = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 128_000}
    need = need_of(asked)
    assert ids(Wanted(need=need), OPENAI, LOCAL, known=known)[0] == "openai:gpt-mini"
    assert ids(Wanted("local:coder-0.5b", need=need), LOCAL, known=known)


def test_too_long_for_all_says_how_much_too_long() -> None:
    known = {"local:coder-0.5b": Traits(context=4096), "openai:gpt-mini": Traits(context=8192)}
    with pytest.raises(ContextError) as caught:
        planned(LONG, LOCAL, Offer("openai", models=("gpt-mini",)), known=known)
    assert "local:coder-0.5b reads 4096 tokens, and this needs about 9000" in caught.value.message
    assert "openai:gpt-mini reads 8192 tokens" in caught.value.message


def test_a_guess_at_the_length_is_not_held_against_what_was_named() -> None:
    known = {"local:coder-0.5b": Traits(context=8192)}
    assert settled(Wanted("coder-0.5b", need=Need(room=9000)), LOCAL, known=known).candidates
    with pytest.raises(ContextError, match="reads 8192 tokens, and this needs about 17000"):
        planned(Wanted("coder-0.5b", need=Need(room=17000)), LOCAL, known=known)


def test_nothing_at_all_names_both_commands_in_one_sentence() -> None:
    with pytest.raises(NoModelError) as caught:
        planned(Wanted(), NO_LOCAL, NO_KEY)
    assert "`zeke model install`" in caught.value.message
    assert "`:ZekeAuth`" in caught.value.message
    assert "\n" not in caught.value.message
    with pytest.raises(NoModelError):
        planned(Wanted("gpt"))


def test_nothing_at_all_names_what_is_configured_and_does_not_answer() -> None:
    dead = Offer("office", obstacle="unreachable")
    with pytest.raises(NoModelError, match=r"office: unreachable"):
        planned(Wanted(), NO_LOCAL, dead)
    with pytest.raises(NoModelError, match=r"office cannot be asked \(unreachable\)\."):
        planned(Wanted("office:x"), dead)


def test_when_all_rest_a_person_is_told_to_wait() -> None:
    ill = Offer("openai", models=("gpt-big",), health="resting for 12 s")
    with pytest.raises(NoModelError, match=r"openai resting for 12 s.*try again"):
        planned(Wanted(blocked=LIMIT), ill, CLAUDE)


def test_every_error_is_one_that_an_edge_can_map() -> None:
    odd = Offer("x", models=(), complete=True)
    for wanted in (Wanted(), Wanted("x"), Wanted("x:y"), Wanted("")):
        with pytest.raises(CoreError):
            planned(wanted, odd)
