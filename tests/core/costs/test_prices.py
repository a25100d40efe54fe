"""Prices: the list's, the user's own, and those of what is free."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import genai_prices
import pytest
from genai_prices import data_snapshot
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.config.catalog import catalog
from zeke_bridge.config.ghostllm.schema import ModelConfig, ProviderConfig
from zeke_bridge.core.costs.prices import Prices
from zeke_bridge.core.costs.rate import Rate
from zeke_bridge.model.exchange import Cost, Usage

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
THEIRS = {"openai": "openai", "anthropic": "anthropic", "google": "google", "xai": "x-ai"}


def listed() -> Iterator[tuple[str, str]]:
    """The models of the catalog that these four makers sell."""
    for provider in catalog().providers:
        if provider.name in THEIRS:
            tiers = provider.tiers
            rows = (tiers.fast, tiers.balanced, tiers.smart, tiers.code, tiers.embed)
            yield from {(provider.name, model): None for row in rows for model in row}


MODELS = sorted(listed())
TIERED = [("anthropic", "claude-sonnet-4-5"), ("google", "gemini-2.5-pro"), ("openai", "gpt-5.5")]


def prices(**models: ModelConfig) -> Prices:
    return Prices(models, clock=NOW.timestamp)


def theirs(provider: str, model: str, usage: Usage) -> Cost:
    """What genai-prices makes of it."""
    found = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=usage.prompt_tokens,
            cache_read_tokens=usage.cached_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            output_tokens=usage.completion_tokens,
        ),
        model,
        provider_id=THEIRS[provider],
        genai_request_timestamp=NOW,
    )
    return Cost(float(found.input_price), float(found.output_price), float(found.total_price))


def near(cost: Cost) -> object:
    return pytest.approx((cost.input_cost, cost.output_cost, cost.total_cost), abs=1e-12)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    prompt = draw(st.integers(0, 600_000))
    cached = draw(st.integers(0, prompt))
    written = draw(st.integers(0, prompt - cached))
    said = draw(st.integers(0, 100_000))
    thought = draw(st.integers(0, said))
    return Usage(prompt, said, prompt + said, cached, written, thought)


@given(st.sampled_from(MODELS + TIERED), usages())
def test_costs_are_those_of_genai_prices(model: tuple[str, str], usage: Usage) -> None:
    cost = prices().cost(*model, usage)
    assert (cost.input_cost, cost.output_cost, cost.total_cost) == near(theirs(*model, usage))


@pytest.mark.parametrize(("provider", "model"), TIERED)
def test_a_long_prompt_costs_by_its_tier(provider: str, model: str) -> None:
    short, long = Usage(100_000, 1000, 101_000), Usage(400_000, 1000, 401_000)
    rate = prices().rate(provider, model)
    assert rate is not None
    assert prices().cost(provider, model, short).output_cost == pytest.approx(rate.output / 1000)
    assert prices().cost(provider, model, long).output_cost > rate.output / 1000
    assert prices().cost(provider, model, long).total_cost == pytest.approx(
        theirs(provider, model, long).total_cost
    )


def test_cached_tokens_are_cheaper_and_written_ones_dearer() -> None:
    fresh = prices().cost("anthropic", "claude-haiku-4-5", Usage(10_000, 0, 10_000))
    cached = prices().cost("anthropic", "claude-haiku-4-5", Usage(10_000, 0, 10_000, 10_000))
    written = prices().cost("anthropic", "claude-haiku-4-5", Usage(10_000, 0, 10_000, 0, 10_000))
    assert cached.total_cost == pytest.approx(0.1 * fresh.total_cost)
    assert written.total_cost == pytest.approx(1.25 * fresh.total_cost)


@pytest.mark.parametrize(
    ("provider", "name", "plain"),
    [
        ("openai", "gpt-4o-2024-08-06", "gpt-4o"),
        ("openai", "gpt-5-mini-20991231", "gpt-5-mini"),
        ("openai", "gpt-5-mini-2099-12-31", "gpt-5-mini"),
        ("openai", "gpt-5-mini:latest", "gpt-5-mini"),
        ("openai", "GPT-5-Mini", "gpt-5-mini"),
        ("anthropic", "claude-haiku-4-5-20991231", "claude-haiku-4-5"),
        ("anthropic", "claude-haiku-4-5@20991231", "claude-haiku-4-5"),
        ("anthropic", "claude-haiku-4-5-latest", "claude-haiku-4-5"),
        ("google", "models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("openrouter", "anthropic/claude-sonnet-4.5:nitro", "anthropic/claude-sonnet-4.5"),
    ],
)
def test_a_date_a_tag_and_a_prefix_change_no_price(provider: str, name: str, plain: str) -> None:
    assert prices().rate(provider, name) == prices().rate(provider, plain) is not None


@pytest.mark.parametrize(
    "model", ["openai:gpt-99-nothing", "openrouter:openrouter/auto", "openrouter:who/knows:free"]
)
def test_what_an_unknown_model_costs_nobody_knows(model: str) -> None:
    provider, _, name = model.partition(":")
    assert prices().rate(provider, name) is None
    assert prices().cost(provider, name, Usage(1000, 1000, 2000)) == Cost(known=False)
    assert prices().cost(provider, name, Usage()) == Cost()
    assert prices().traits(provider, name).input_price is None


@pytest.mark.parametrize("provider", ["local", "ollama", "vllm", "github"])
def test_what_is_at_home_or_subscribed_to_is_free(provider: str) -> None:
    assert prices().rate(provider, "gpt-4o") == Rate()
    assert prices().cost(provider, "gpt-4o", Usage(10**6, 10**6)) == Cost()
    assert prices().traits(provider, "gpt-4o").free


def test_the_users_own_prices_win() -> None:
    own = ModelConfig("openai:gpt-4o", input_cost=1e-6, output_cost=2e-6, context=1234)
    told = Prices({"openai:gpt-4o": own}, clock=NOW.timestamp)
    assert told.rate("openai", "gpt-4o") == Rate(1.0, 2.0, 1.0)
    usage = Usage(1_000_000, 1_000_000, 2_000_000, 500_000)
    assert told.cost("openai", "gpt-4o", usage) == Cost(1.0, 2.0, 3.0)
    assert told.traits("openai", "gpt-4o").context == 1234


def test_what_the_user_leaves_out_is_the_lists() -> None:
    usual = prices().rate("openai", "gpt-4o")
    own = ModelConfig("openai:gpt-4o", output_cost=2e-6)
    rate = Prices({"openai:gpt-4o": own}, clock=NOW.timestamp).rate("openai", "gpt-4o")
    assert usual is not None
    assert rate == Rate(usual.input, 2.0, usual.cached_input)
    own = ModelConfig("openai:gpt-4o", cached_cost=1e-7)
    rate = Prices({"openai:gpt-4o": own}, clock=NOW.timestamp).rate("openai", "gpt-4o")
    assert rate == Rate(usual.input, usual.output, pytest.approx(0.1))


def test_the_users_prices_count_where_nothing_is_known_or_all_is_free() -> None:
    own = ModelConfig("vllm:mine", input_cost=1e-6, output_cost=1e-6)
    assert Prices({"vllm:mine": own}).rate("vllm", "mine") == Rate(1.0, 1.0, 1.0)


def test_half_a_price_is_known_as_far_as_it_goes() -> None:
    own = ModelConfig("openai:house-model", input_cost=1e-6)
    told = Prices({"openai:house-model": own})
    assert told.cost("openai", "house-model", Usage(1_000_000)) == Cost(1.0, 0.0, 1.0)
    asked = told.cost("openai", "house-model", Usage(1_000_000, 5))
    assert asked == Cost(1.0, 0.0, 1.0, known=False)
    assert told.rate("openai", "house-model") == Rate(1.0, None, 1.0)
    traits = told.traits("openai", "house-model")
    assert (traits.input_price, traits.output_price) == (1.0, None)
    own = ModelConfig("openai:house-model", output_cost=1e-6)
    told = Prices({"openai:house-model": own})
    asked = told.cost("openai", "house-model", Usage(5, 1_000_000))
    assert asked == Cost(0.0, 1.0, 1.0, known=False)
    # Where all is free, the rest is.
    own = ModelConfig("vllm:mine", input_cost=1e-6)
    told = Prices({"vllm:mine": own})
    assert told.cost("vllm", "mine", Usage(1_000_000, 5)) == Cost(1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("base_url", "model", "known"),
    [
        ("https://api.deepseek.com/v1", "deepseek-chat", True),
        ("https://api.mistral.ai/v1", "mistral-large-latest", True),
        ("https://proxy.example/v1", "gpt-4o", True),
        ("https://proxy.example/v1", "anthropic/claude-haiku-4-5", True),
        ("https://proxy.example/v1", "house-model", False),
        ("http://localhost:8000/v1", "gpt-4o", True),
        ("http://localhost:8000/v1", "gpt-oss-20b", False),
        ("http://127.0.0.1:8000/v1", "deepseek-chat", False),
    ],
)
def test_elsewhere_the_address_or_the_name_tells(base_url: str, model: str, known: bool) -> None:
    there = Prices({}, {"other": ProviderConfig("other", base_url)}, NOW.timestamp)
    assert (there.rate("other", model) is not None) is known


def test_a_proxy_on_this_machine_passes_on_what_costs() -> None:
    config = ProviderConfig("litellm", "http://localhost:4000/v1")
    rate = Prices({}, {"litellm": config}, NOW.timestamp).rate("litellm", "deepseek/deepseek-chat")
    assert rate is not None


def test_each_house_that_sells_glm_has_its_own_prices() -> None:
    china = Prices({}, {"glm": ProviderConfig("glm", "https://open.bigmodel.cn/api/paas/v4")})
    abroad = Prices({}, {"glm": ProviderConfig("glm", "https://api.z.ai/api/paas/v4")})
    snapshot = data_snapshot.get_snapshot()
    for prices_there, house in ((china, "zhipuai"), (abroad, "zai")):
        rate = prices_there.rate("glm", "glm-4.7")
        _, info = snapshot.find_provider_model("glm-4.7", None, house, None)
        price = info.get_prices(datetime.now(UTC)).input_mtok
        assert rate is not None
        assert rate.input == float(getattr(price, "base", price))


def test_a_price_of_the_hour_is_looked_up_again() -> None:
    moment = datetime(2025, 3, 1, 12, tzinfo=UTC).timestamp()
    config = ProviderConfig("deep", "https://api.deepseek.com/v1")
    told = Prices({}, {"deep": config}, lambda: moment)
    cheap = told.rate("deep", "deepseek-chat")
    moment += 8 * 3600
    dear = told.rate("deep", "deepseek-chat")
    assert cheap is not None
    assert dear is not None
    assert cheap.input != dear.input


def test_sizes_are_known() -> None:
    assert prices().traits("openai", "gpt-5-mini").context == 400_000
    assert prices().traits("google", "gemini-2.5-pro").context is None


def test_many_made_up_names_are_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zeke_bridge.core.costs.prices._MOST", 10)
    told = prices()
    for number in range(50):
        told.rate("local", f"model-{number}")
    assert len(told._known) <= 10


def test_the_list_is_loaded_on_first_use_and_never_from_the_network() -> None:
    code = (
        "import sys, socket\n"
        "from zeke_bridge.core.costs.prices import Prices\n"
        "assert 'genai_prices' not in sys.modules\n"
        "def refused(*_): raise AssertionError('network')\n"
        "socket.socket.connect = refused\n"
        "assert Prices().rate('local', 'x') is not None\n"
        "assert 'genai_prices' not in sys.modules\n"
        "assert Prices().rate('openai', 'gpt-4o').input > 0\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
