"""The built-in data against the price list that is shipped beside it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from genai_prices.data import providers
from genai_prices.types import ConditionalPrice, ModelInfo, ModelPrice, TieredPrices

from zeke_bridge.config.catalog import Catalog, KnownProvider, Tiers, catalog, lacks

# What genai-prices calls the provider; a server on this machine has no prices.
PRICED = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google": "google",
    "github": "github-copilot",
    "groq": "groq",
    "xai": "x-ai",
    "glm": "zhipuai",
    "openrouter": "openrouter",
}
KNOWN = catalog()
LISTS = {provider.id: provider for provider in providers}
NAMED = [
    (one.name, model)
    for one in KNOWN.providers
    if one.name in PRICED
    for tier in Tiers.__slots__
    for model in one.tiers.of(tier)
]


@pytest.mark.parametrize("one", KNOWN.providers, ids=lambda one: one.name)
def test_who_wants_a_key_says_where_one_gets_it(one: KnownProvider) -> None:
    if one.start or not one.base_url:
        return  # it runs on the person's own machine
    assert one.key_page.startswith("https://") or one.dialect == "github"


def priced(provider: str, model: str) -> ModelInfo:
    found = LISTS[PRICED[provider]].find_model(model)
    assert found is not None, f"{provider}:{model} is not in the price list"
    return found


def price(provider: str, model: str) -> float:
    """What a million tokens in and a million out cost, short of any surcharge for length."""
    prices = priced(provider, model).prices
    if isinstance(prices, list):
        last = prices[-1]
        assert isinstance(last, ConditionalPrice)
        prices = last.prices
    assert isinstance(prices, ModelPrice)
    return _base(prices.input_mtok) + _base(prices.output_mtok)


def _base(part: Decimal | TieredPrices | None) -> float:
    return float(part.base if isinstance(part, TieredPrices) else part or 0)


@pytest.mark.parametrize(("provider", "model"), NAMED, ids=":".join)
def test_every_model_is_in_the_price_list_and_in_use(provider: str, model: str) -> None:
    found = priced(provider, model)
    assert not found.deprecated
    # A pattern as wide as "starts with gpt-6" would let any name through.
    assert re.sub(r"[.-]", "", found.id.lower()) == re.sub(r"[.-]", "", model)


@pytest.mark.parametrize("name", PRICED)
def test_what_is_called_fast_costs_no_more_than_what_is_called_smart(name: str) -> None:
    tiers = next(one.tiers for one in KNOWN.providers if one.name == name)
    fast, balanced, smart = (
        price(name, tiers.of(tier)[0]) for tier in ("fast", "balanced", "smart")
    )
    assert fast < balanced <= smart


def test_every_provider_that_is_there_by_itself_has_models_of_each_tier() -> None:
    for one in KNOWN.providers:
        if one.listed:
            assert one.tiers.fast
            assert one.tiers.balanced
            assert one.tiers.smart
            assert one.api_key_env
            assert one.base_url.startswith("https://")
    assert {one.name for one in KNOWN.providers if one.listed} == set(PRICED)


def test_names_lead_to_one_provider_each() -> None:
    said = [name for one in KNOWN.providers for name in (one.name, *one.names)]
    assert len(said) == len(set(said))
    for name, proper in {"copilot": "github", "grok": "xai", "claude": "anthropic"}.items():
        found = KNOWN.provider(name)
        assert isinstance(found, KnownProvider)
        assert found.name == proper
    assert KNOWN.provider("nobody") is None


@pytest.mark.parametrize(
    ("word", "task"),
    [
        ("code_completion", "completion"),
        ("complete", "completion"),
        ("quick_tasks", "quick"),
        ("fast", "quick"),
        ("smart", "reasoning"),
        ("cost-sensitive", "cost_sensitive"),
        ("Cost_Sensitive", "cost_sensitive"),
        ("refactor", "edit"),
        ("explain", "explain"),
        ("auto", None),
        ("gpt-6-luna", None),
    ],
)
def test_words_for_task_classes(word: str, task: str | None) -> None:
    assert KNOWN.task(word) == task


def test_every_task_class_is_whole() -> None:
    seeds = [
        "completion",
        "reasoning",
        "quick",
        "cost_sensitive",
        "edit",
        "explain",
        "analyze",
        "create",
    ]
    endpoints = [
        "complete",
        "analyze",
        "explain",
        "refactor",
        "test",
        "context",
        "suggest",
        "debug",
        "chat",
    ]
    providers_there = {"local", *(one.name for one in KNOWN.providers)}
    for work in KNOWN.works.values():
        assert work.tier in Tiers.__slots__
        assert set(work.order) <= providers_there
        assert len(work.order) == len(set(work.order))
    assert set(seeds) <= set(KNOWN.works)
    assert all(KNOWN.task(word) for word in endpoints)
    assert len(KNOWN.words) == sum(1 + len(words(KNOWN, name)) for name in KNOWN.works)


def words(known: Catalog, task: str) -> list[str]:
    return [word for word, meant in known.words.items() if meant == task and word != task]


def test_what_models_are_known_not_to_take() -> None:
    assert lacks("local", "anything") == {"images", "tools"}
    assert lacks("openai", "gpt-3.5-turbo") == {"images", "json"}
    assert lacks("openai", "gpt-4") == {"images", "json"}
    assert lacks("openai", "gpt-4.1") == set()
    assert lacks("groq", "openai/gpt-oss-20b") == {"images"}
    assert lacks("nobody", "x") == set()
    for row in KNOWN.lacking.values():
        assert set(row) <= {"images", "tools", "json"}
