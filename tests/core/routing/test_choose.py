from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.routing.choose import Ask, Choice, Wanted, choose
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.model.errors import AuthError, CoreError, NoModelError, UnknownModelError
from zeke_bridge.model.exchange import Tried

LOCAL = Offer("local", local=True, models=("coder-0.5b",), complete=True)
NO_LOCAL = Offer(
    "local",
    local=True,
    obstacle="not installed",
    remedy="run `zeke model install`",
    models=(),
    complete=True,
)
OPENAI = Offer("openai", models=("text-embedding-3", "gpt-big", "gpt-mini"), usual=("gpt-mini",))
NO_KEY = Offer("openai", obstacle="no key", remedy="set it with `:ZekeAuth`")
OFFICE = Offer("office", models=("qwen:7b", "gpt-big"), complete=True)
UNASKED = Offer("groq")


def chosen(model: str, *offers: Offer, local_only: bool = False) -> tuple[str, str]:
    choice = choose(Wanted(model, "chat", local_only), offers)
    assert isinstance(choice, Choice)
    return choice.provider, choice.model


def test_auto_takes_the_first_that_is_ready_and_says_why() -> None:
    choice = choose(Wanted(task="explain"), (NO_LOCAL, NO_KEY, OFFICE))
    assert isinstance(choice, Choice)
    assert (choice.provider, choice.model) == ("office", "qwen:7b")
    assert choice.route.task == "explain"
    assert choice.route.tried == (
        Tried("local", "not installed"),
        Tried("openai", "no key"),
        Tried("office:qwen:7b", "chosen"),
    )
    assert choice.route.reason == (
        "office is the first that is ready; passed over: local (not installed), openai (no key)."
    )


def test_auto_keeps_to_the_order_given() -> None:
    assert chosen("auto", LOCAL, OPENAI) == ("local", "coder-0.5b")
    assert chosen("auto", OPENAI, LOCAL) == ("openai", "gpt-mini")


def test_auto_prefers_what_the_user_prefers_then_what_is_usual_and_never_an_embedding() -> None:
    models = ("text-embedding-3", "a", "b")
    assert chosen("auto", Offer("x", models=models)) == ("x", "a")
    assert chosen("auto", Offer("x", models=models, usual=("b",))) == ("x", "b")
    assert chosen("auto", Offer("x", models=models, preferred="c")) == ("x", "c")
    assert chosen("auto", Offer("x", models=models, preferred="c", complete=True)) == ("x", "a")
    assert chosen("auto", Offer("x", preferred="c")) == ("x", "c")
    assert chosen("auto", Offer("x", models=("text-embedding-3",)), OFFICE)[0] == "office"


def test_auto_asks_for_a_list_only_when_it_needs_it() -> None:
    assert choose(Wanted(), (UNASKED, LOCAL)) == Ask(("groq",))
    assert chosen("auto", LOCAL, UNASKED) == ("local", "coder-0.5b")


def test_a_local_only_project_never_leaves_the_machine() -> None:
    assert chosen("auto", OPENAI, UNASKED, LOCAL, local_only=True) == ("local", "coder-0.5b")
    for model in ("auto", "gpt-big", "openai:gpt-big"):
        with pytest.raises(NoModelError, match="on this machine"):
            choose(Wanted(model, local_only=True), (OPENAI, NO_LOCAL))
    with pytest.raises(NoModelError, match="ZekeSetModel"):
        choose(Wanted("openai:gpt-big", local_only=True), (OPENAI, LOCAL))


def test_nothing_at_all_names_both_commands_in_one_sentence() -> None:
    with pytest.raises(NoModelError) as caught:
        choose(Wanted(), (NO_LOCAL, NO_KEY))
    assert "`zeke model install`" in caught.value.message
    assert "`:ZekeAuth`" in caught.value.message
    assert "\n" not in caught.value.message
    with pytest.raises(NoModelError):
        choose(Wanted("gpt"), ())


def test_nothing_at_all_names_what_is_configured_and_does_not_answer() -> None:
    dead = Offer("office", obstacle="unreachable")
    with pytest.raises(NoModelError, match=r"office: unreachable"):
        choose(Wanted(), (NO_LOCAL, dead))


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("openai:gpt-big", ("openai", "gpt-big")),
        ("openai:anything-new", ("openai", "anything-new")),
        ("office:qwen:7b", ("office", "qwen:7b")),
        ("qwen:7b", ("office", "qwen:7b")),
        ("gpt-mini", ("openai", "gpt-mini")),
        ("coder-0.5b", ("local", "coder-0.5b")),
    ],
)
def test_names(name: str, where: tuple[str, str]) -> None:
    assert chosen(name, LOCAL, OPENAI, OFFICE) == where


def test_a_bare_name_asks_whoever_has_not_been_asked() -> None:
    assert choose(Wanted("gpt-mini"), (LOCAL, OPENAI, UNASKED)) == Ask(("groq",))


def test_a_bare_name_of_two_providers_is_not_guessed() -> None:
    with pytest.raises(UnknownModelError, match="openai:gpt-big or office:gpt-big"):
        choose(Wanted("gpt-big"), (OPENAI, OFFICE))


@pytest.mark.parametrize("name", ["coder-0.5", "local:coder-5b", "locl:coder-0.5b"])
def test_an_unknown_model_names_the_nearest(name: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        choose(Wanted(name), (LOCAL, OPENAI))
    assert "local:coder-0.5b" in caught.value.message
    assert ":ZekeSetModel" in caught.value.message


def test_a_provider_named_without_key_or_model_says_what_helps() -> None:
    with pytest.raises(AuthError, match=":ZekeAuth"):
        choose(Wanted("openai:gpt"), (NO_KEY,))
    with pytest.raises(NoModelError, match="zeke model install"):
        choose(Wanted("local:coder"), (NO_LOCAL,))
    with pytest.raises(NoModelError, match=r"add \[providers.ollama\]"):
        choose(Wanted("ollama:x"), (LOCAL,), {"ollama": "add [providers.ollama] to the file"})


NAMES = st.sampled_from(["auto", "a", "b", "x:a", "y:b", "z:c", "x:", ":a", ""])
OFFERS = st.lists(
    st.builds(
        Offer,
        provider=st.sampled_from(["x", "y", "z"]),
        local=st.booleans(),
        obstacle=st.sampled_from(["", "no key", "unreachable"]),
        models=st.none() | st.lists(st.sampled_from(["a", "b", "embed"])).map(tuple),
        complete=st.booleans(),
        preferred=st.sampled_from(["", "a"]),
    ),
    unique_by=lambda offer: offer.provider,
)


@given(NAMES, OFFERS, st.booleans())
def test_whatever_is_chosen_may_be_asked(name: str, offers: list[Offer], local_only: bool) -> None:
    by_name = {offer.provider: offer for offer in offers}
    try:
        step = choose(Wanted(name, "chat", local_only), offers)
    except CoreError:
        return
    if isinstance(step, Ask):
        assert all(by_name[provider].models is None for provider in step.providers)
        asked = [by_name[provider] for provider in step.providers]
    else:
        asked = [by_name[step.provider]]
        assert step.model
        assert step.route.tried[-1] == Tried(f"{step.provider}:{step.model}", "chosen")
    assert asked
    assert not any(offer.hindrance(local_only) for offer in asked)
