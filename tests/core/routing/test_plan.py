"""Names that are asked for, and the order of ``auto``; its explanations are in test_explained."""

from __future__ import annotations

import pytest

from tests.core.routing.scene import (
    CLAUDE,
    LOCAL,
    NO_KEY,
    NO_LOCAL,
    OFFICE,
    OLLAMA,
    OPENAI,
    UNASKED,
    ids,
    planned,
    settled,
)
from zeke_bridge.config.catalog import Tiers
from zeke_bridge.config.ghostllm.schema import Routes
from zeke_bridge.core.routing.need import Need
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.core.routing.plan import Ask, Wanted
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import AuthError, NoModelError, UnknownModelError
from zeke_bridge.model.exchange import Tried


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("openai:gpt-big", "openai:gpt-big"),
        ("openai:anything-new", "openai:anything-new"),
        ("office:qwen:7b", "office:qwen:7b"),
        ("qwen:7b", "office:qwen:7b"),
        ("gpt-mini", "openai:gpt-mini"),
        ("coder-0.5b", "local:coder-0.5b"),
        ("openai/gpt-big", "openai:gpt-big"),
        ("office/qwen:7b", "office:qwen:7b"),
        ("claude:sonnet", "anthropic:sonnet"),
        ("anthropic/opus", "anthropic:opus"),
        ("claude:auto", "anthropic:sonnet"),
        ("anthropic:claude", "anthropic:sonnet"),
        ("local", "local:coder-0.5b"),
        ("openai/anything-new", "openai:anything-new"),
    ],
)
def test_names(name: str, model: str) -> None:
    assert ids(Wanted(name), LOCAL, OPENAI, OFFICE, CLAUDE) == [model]


def test_a_slash_belongs_to_the_model_when_the_whole_is_one() -> None:
    groq = Offer("groq", models=("openai/gpt-oss-20b",))
    assert ids(Wanted("openai/gpt-oss-20b"), OPENAI, groq) == ["groq:openai/gpt-oss-20b"]
    assert planned(Wanted("openai/gpt-oss-20b"), OPENAI, UNASKED) == Ask(("groq",))
    assert planned(Wanted("groq/x"), OPENAI, UNASKED) == Ask(("groq",))
    assert ids(Wanted("openai/gpt-oss-20b"), NO_KEY, groq) == ["groq:openai/gpt-oss-20b"]
    with pytest.raises(AuthError):
        planned(Wanted("openai/gpt-mini"), NO_KEY, groq)


def test_a_name_without_a_tag_or_date_is_found() -> None:
    dated = Offer("openai", models=("gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "gpt-4o-mini"))
    assert ids(Wanted("ollama:llama3"), OLLAMA) == ["ollama:llama3:8b"]
    assert ids(Wanted("deepseek-coder"), OLLAMA, dated) == ["ollama:deepseek-coder:6.7b"]
    assert ids(Wanted("gpt-4o"), dated) == ["openai:gpt-4o-2024-11-20"]


def test_a_bare_name_asks_whoever_has_not_been_asked() -> None:
    assert planned(Wanted("gpt-mini"), LOCAL, OPENAI, UNASKED) == Ask(("groq",))


def test_a_bare_name_of_two_providers_is_not_guessed() -> None:
    with pytest.raises(UnknownModelError, match="openai:gpt-big or office:gpt-big"):
        planned(Wanted("gpt-big"), OPENAI, OFFICE)


@pytest.mark.parametrize("name", ["coder-0.5", "local:coder-5b", "locl:coder-0.5b"])
def test_an_unknown_model_names_the_nearest(name: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        planned(Wanted(name), LOCAL, OPENAI)
    assert "local:coder-0.5b" in caught.value.message
    assert ":ZekeSetModel" in caught.value.message


def test_a_very_long_name_is_cut() -> None:
    with pytest.raises(UnknownModelError) as caught:
        planned(Wanted("x" * 1_000_000), LOCAL)
    assert len(caught.value.message) < 300


def test_a_provider_named_without_key_or_model_says_what_helps() -> None:
    with pytest.raises(AuthError, match=":ZekeAuth"):
        planned(Wanted("openai:gpt"), NO_KEY)
    with pytest.raises(AuthError, match=":ZekeAuth"):
        planned(Wanted("gpt-mini"), NO_KEY, LOCAL)
    with pytest.raises(NoModelError, match="zeke model install"):
        planned(Wanted("local:coder"), NO_LOCAL)
    absent = {"ollama": "add [providers.ollama] to the file"}
    for name in ("ollama:x", "ollama/x", "ollama"):
        with pytest.raises(NoModelError, match=r"add \[providers.ollama\]"):
            planned(Wanted(name), LOCAL, absent=absent)


def test_a_missing_key_is_no_failure_to_fall_back_from() -> None:
    with pytest.raises(AuthError):
        planned(Wanted("openai:gpt"), NO_KEY, LOCAL, routes=Routes(fallback=("local",)))


def test_a_local_only_project_never_leaves_the_machine() -> None:
    wanted = Wanted(local_only=True)
    assert ids(wanted, OPENAI, UNASKED, LOCAL) == ["local:coder-0.5b"]
    for model in ("auto", "gpt-big", "openai:gpt-big"):
        with pytest.raises(NoModelError, match="on this machine"):
            planned(Wanted(model, local_only=True), OPENAI, NO_LOCAL)
    with pytest.raises(NoModelError, match="ZekeSetModel"):
        planned(Wanted("openai:gpt-big", local_only=True), OPENAI, LOCAL)


def test_auto_prefers_what_the_user_prefers_then_what_is_usual_and_never_an_embedding() -> None:
    models = ("text-embedding-3", "a", "b")
    assert ids(Wanted(), Offer("x", models=models)) == ["x:a"]
    assert ids(Wanted(), Offer("x", models=models, usual=("b",))) == ["x:b"]
    assert ids(Wanted(), Offer("x", models=models, tiers=Tiers(balanced=("z", "b")))) == ["x:b"]
    assert ids(Wanted(), Offer("x", models=models, preferred="c")) == ["x:c"]
    assert ids(Wanted(), Offer("x", models=models, preferred="c", complete=True)) == ["x:a"]
    assert ids(Wanted(), Offer("x", preferred="c")) == ["x:c"]
    assert ids(Wanted(), Offer("x", models=("text-embedding-3",)), OFFICE) == ["office:qwen:7b"]


def test_auto_asks_for_a_list_only_when_it_comes_first() -> None:
    guess = Offer("groq", tiers=Tiers(balanced=("oss",)))
    assert planned(Wanted(), UNASKED, LOCAL) == Ask(("groq",))
    assert planned(Wanted(), guess, LOCAL) == Ask(("groq",))
    found = settled(Wanted(), OPENAI, UNASKED, LOCAL)
    assert [candidate.provider for candidate in found.candidates] == ["openai", "local"]
    assert Tried("groq", "its models have not been asked for yet") in found.passed
    assert ids(Wanted(), OPENAI, guess)[1] == "groq:oss"


def test_auto_keeps_to_the_built_in_order_and_puts_the_small_model_last() -> None:
    assert ids(Wanted(task="explain"), LOCAL, OFFICE, OPENAI, CLAUDE) == [
        "anthropic:sonnet",
        "openai:gpt-mini",
        "office:qwen:7b",
        "local:coder-0.5b",
    ]
    assert ids(Wanted(task="edit"), LOCAL, CLAUDE, OPENAI)[0] == "openai:gpt-mini"
    assert ids(Wanted(task="analyze"), OPENAI, CLAUDE)[0] == "anthropic:opus"
    assert ids(Wanted(task="code_completion"), OPENAI, LOCAL)[0] == "local:coder-0.5b"
    assert ids(Wanted(task="poetry"), OPENAI, CLAUDE)[0] == "anthropic:sonnet"


def test_auto_keeps_to_the_order_that_the_user_wrote() -> None:
    routes = Routes(priority=True)
    assert ids(Wanted(), LOCAL, OPENAI, routes=routes)[0] == "local:coder-0.5b"
    assert ids(Wanted(), OPENAI, LOCAL, routes=routes)[0] == "openai:gpt-mini"


@pytest.mark.parametrize(
    ("name", "first", "task"),
    [
        ("fast", "openai:gpt-mini", "quick"),
        ("smart", "anthropic:opus", "reasoning"),
        ("cost-sensitive", "local:coder-0.5b", "cost_sensitive"),
        ("quick_tasks", "openai:gpt-mini", "quick"),
        ("code_completion", "local:coder-0.5b", "completion"),
        ("AUTO", "anthropic:sonnet", "chat"),
    ],
)
def test_words_for_auto(name: str, first: str, task: str) -> None:
    found = settled(Wanted(name), OPENAI, CLAUDE, LOCAL)
    assert (found.candidates[0].id, found.task) == (first, task)


def test_cost_sensitive_goes_by_price() -> None:
    cheap, dear, dark = (
        Offer(name, models=("m",), complete=True) for name in ("zeta", "openai", "anthropic")
    )
    known = {
        "zeta:m": Traits(input_price=0.1, output_price=0.2),
        "openai:m": Traits(input_price=2.0, output_price=9.0),
    }
    wanted = Wanted(task="cost-sensitive")
    assert ids(wanted, dark, dear, cheap, OLLAMA, LOCAL, known=known) == [
        "ollama:deepseek-coder:6.7b",
        "local:coder-0.5b",
        "zeta:m",
        "openai:m",
        "anthropic:m",
    ]
    assert planned(wanted, UNASKED) == Ask(("groq",))
    assert ids(wanted, UNASKED, dear, known=known) == ["openai:m"]


def test_an_alias_is_followed_and_a_ring_of_them_ends() -> None:
    aliases = {"mine": "best", "best": "openai:gpt-big", "gpt-mini": "gpt-mini", "a": "b", "b": "a"}
    routes = Routes(aliases=aliases)
    found = settled(Wanted("mine"), OPENAI, LOCAL, routes=routes)
    assert [candidate.id for candidate in found.candidates] == ["openai:gpt-big"]
    assert found.reason == "mine stands for it."
    assert ids(Wanted("gpt-mini"), OPENAI, routes=routes) == ["openai:gpt-mini"]
    assert ids(Wanted("x"), OPENAI, CLAUDE, routes=Routes(aliases={"x": "smart"}))[0] == (
        "anthropic:opus"
    )
    with pytest.raises(UnknownModelError):
        planned(Wanted("a"), OPENAI, routes=routes)


GROUP = Routes(groups={"team": (("openai:gpt-big", 0.4), ("sonnet", 0.4), ("gpt-mini", 0.2))})


@pytest.mark.parametrize(
    ("lot", "order"),
    [
        (0.0, ["openai:gpt-big", "anthropic:sonnet", "openai:gpt-mini"]),
        (0.39, ["openai:gpt-big", "anthropic:sonnet", "openai:gpt-mini"]),
        (0.41, ["anthropic:sonnet", "openai:gpt-big", "openai:gpt-mini"]),
        (0.99, ["openai:gpt-mini", "openai:gpt-big", "anthropic:sonnet"]),
    ],
)
def test_a_group_follows_its_lot_and_the_others_are_its_fallback(
    lot: float, order: list[str]
) -> None:
    assert ids(Wanted("team", lot=lot), OPENAI, CLAUDE, LOCAL, routes=GROUP) == order


def test_a_group_draws_only_from_what_can_be_asked_and_says_the_share() -> None:
    found = settled(Wanted("team", lot=0.9), NO_KEY, CLAUDE, routes=GROUP)
    assert [candidate.id for candidate in found.candidates] == ["anthropic:sonnet"]
    assert found.reason == (
        "The group team gives it a share of 40%. "
        "Passed over: openai:gpt-big, openai:gpt-mini (no key)."
    )
    with pytest.raises(AuthError, match="openai cannot be asked"):
        planned(Wanted("team"), NO_KEY, LOCAL, routes=GROUP)


def test_a_group_may_hold_groups_and_weights_of_nought() -> None:
    groups = {
        "all": (("team", 1.0), ("local", 1.0), ("spare", 0.0)),
        "team": (("gpt-big", 1.0), ("all", 1.0)),
        "spare": (("gpt-mini", 1.0),),
        "idle": (("gpt-big", 0.0), ("gpt-mini", 0.0)),
    }
    routes = Routes(groups=groups)
    assert ids(Wanted("all", lot=0.1), OPENAI, LOCAL, routes=routes) == [
        "local:coder-0.5b",
        "openai:gpt-big",
        "openai:gpt-mini",
    ]
    assert ids(Wanted("idle"), OPENAI, routes=routes)[0] == "openai:gpt-big"


def test_a_model_in_two_groups_of_a_group_has_both_shares() -> None:
    groups = {
        "all": (("one", 1.0), ("two", 1.0)),
        "one": (("gpt-mini", 1.0), ("gpt-big", 1.0)),
        "two": (("sonnet", 1.0), ("gpt-mini", 1.0)),
    }
    found = settled(Wanted("all", lot=0.1), OPENAI, CLAUDE, routes=Routes(groups=groups))
    assert found.candidates[0].id == "openai:gpt-mini"
    assert found.reason == "The group all gives it a share of 50%."


def test_the_routing_of_the_documents_works_as_written() -> None:
    routes = Routes(
        rules={
            "code_completion": ("ollama:deepseek-coder",),
            "reasoning": ("anthropic:claude-3-sonnet",),
            "quick_tasks": ("openai:gpt-3.5-turbo",),
        },
        fallback=("ollama:llama3", "openai:gpt-3.5-turbo", "anthropic:claude-3-haiku"),
    )
    everyone = (LOCAL, OPENAI, CLAUDE, OLLAMA)
    chain = ["ollama:llama3:8b", "openai:gpt-3.5-turbo", "anthropic:claude-3-haiku"]
    completion = ids(Wanted(task="completion"), *everyone, routes=routes)
    assert completion[:4] == ["ollama:deepseek-coder:6.7b", *chain]
    assert completion[4] == "local:coder-0.5b"
    reasoning = ids(Wanted(task="reasoning"), *everyone, routes=routes)
    assert reasoning[:4] == ["anthropic:claude-3-sonnet", *chain]
    assert ids(Wanted("fast"), *everyone, routes=routes)[0] == "openai:gpt-3.5-turbo"
    # A fallback is for what fails: what has no rule goes to who is good at it first.
    explain = ids(Wanted(task="explain"), *everyone, routes=routes)
    assert explain[:4] == ["anthropic:sonnet", *chain]


def test_a_name_of_a_provider_that_stands_for_its_own_choice() -> None:
    copilot = Offer("github", models=("a", "b"), tiers=Tiers(fast=("b",)))
    routes = Routes(rules={"completion": ("github:copilot",)})
    assert ids(Wanted(task="completion"), copilot, LOCAL, routes=routes)[0] == "github:b"
    assert ids(Wanted("copilot:a"), copilot) == ["github:a"]


def test_what_is_named_falls_back_when_its_provider_is_ill() -> None:
    ill = Offer("openai", models=("gpt-big",), health="resting for 12 s")
    routes = Routes(fallback=("gpt-none", "local"))
    found = settled(Wanted("openai:gpt-big"), ill, LOCAL, routes=routes)
    assert [candidate.id for candidate in found.candidates] == ["local:coder-0.5b"]
    assert found.reason == (
        "Your fallback list names it; coder-0.5b is the first in the list that chats. "
        "Passed over: openai:gpt-big (resting for 12 s); gpt-none (no such model)."
    )
    with pytest.raises(NoModelError, match="openai is resting for 12 s"):
        planned(Wanted("openai:gpt-big"), ill, LOCAL)


def test_a_provider_that_rests_is_not_asked_for_its_list() -> None:
    ill = Offer("groq", health="resting for 12 s")
    assert ids(Wanted(), ill, LOCAL) == ["local:coder-0.5b"]
    assert ids(Wanted("coder-0.5b"), ill, LOCAL) == ["local:coder-0.5b"]
    with pytest.raises(NoModelError, match=r"groq \(resting for 12 s\)"):
        planned(Wanted("oss"), ill, LOCAL)


def test_embeddings_come_from_one_model_that_makes_them() -> None:
    wanted = Wanted(need=Need(kind="embed"))
    routes = Routes(fallback=("openai:gpt-big",))
    nomic = Offer("ollama", local=True, models=("llama3:8b", "nomic-embed-text:latest"))
    assert ids(wanted, LOCAL, CLAUDE, OPENAI, nomic, routes=routes) == ["openai:text-embedding-3"]
    assert ids(wanted, LOCAL, nomic) == ["ollama:nomic-embed-text:latest"]
    with pytest.raises(NoModelError, match="anthropic has no embeddings"):
        planned(wanted, LOCAL, CLAUDE)
