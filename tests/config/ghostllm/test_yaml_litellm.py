"""LiteLLM's configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.ghostllm.written import MODELS, STACK
from zeke_bridge.config.ghostllm import GhostConfig, Rates, load
from zeke_bridge.model.errors import ConfigError

CLAUDE = "anthropic:claude-3-5-sonnet-20241022"


def read(tmp_path: Path, text: str, **environ: str) -> GhostConfig:
    path = tmp_path / "litellm.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ)


def test_it_is_read_as_it_is_written(tmp_path: Path) -> None:
    config = read(tmp_path, MODELS + STACK, LITELLM_MASTER_KEY="sk-a-long-master-key")
    assert config == read(tmp_path, MODELS + STACK, LITELLM_MASTER_KEY="sk-a-long-master-key")
    assert config.order == ("openai", "anthropic", "local")
    assert config.providers["openai"].api_key_env == "OPENAI_API_KEY"
    assert config.providers["openai"].models == ("gpt-4o", "gpt-4o-mini")
    assert config.routes.aliases == {"gpt-4o": "openai:gpt-4o", "claude-3.5-sonnet": CLAUDE}
    members = (("openai:gpt-4o", 0.4), (CLAUDE, 0.4), ("openai:gpt-4o-mini", 0.2))
    assert config.routes.groups == {"production-chat": members}
    gpt, claude = config.models["openai:gpt-4o"], config.models[CLAUDE]
    assert (gpt.input_cost, gpt.output_cost) == (0.0000025, 0.00001)
    # 128 000 is the size of a context window: no model writes so much, and none is asked to.
    assert gpt.defaults == {"temperature": 0.7}
    assert claude.defaults == {"temperature": 0.7, "max_tokens": 4096}
    assert any("line 7" in note and "max_tokens" in note for note in config.notes)
    assert (config.costs.monthly_limit, config.costs.warn) == (1000.0, 800.0)
    assert config.rates == Rates(10000.0, 2000000.0, 100)
    assert (config.logs.level, config.logs.requests) == ("debug", True)
    assert config.serving.master_key == "sk-a-long-master-key"


def test_its_router_and_its_settings(tmp_path: Path) -> None:
    text = """
model_list:
  - {model_name: chat, litellm_params: {model: openai/a, api_base: "http://one/v1", weight: 3}}
  - {model_name: chat, litellm_params: {model: openai/a, api_base: "http://two/v1", rpm: 6}}
  - model_name: deep
    litellm_params: {model: gemini/g, api_key: "${KEY}", cache_read_input_token_cost: 1e-7}
    model_info: {max_input_tokens: 1000, output_cost_per_token: 2e-6, mode: chat}
  - {model_name: "groq/*", litellm_params: {model: "groq/*"}}
  - {model_name: here, litellm_params: {model: ollama_chat/q:7, api_base: "http://h:11434"}}
  - {model_name: bare, litellm_params: {model: claude-x, custom_llm_provider: anthropic}}
router_settings:
  routing_strategy: least-busy
  model_group_alias: {gpt-4: chat, hidden-one: {model: deep, hidden: true}}
litellm_settings:
  fallbacks: [{deep: [chat, here]}, {"*": [here]}]
  default_fallbacks: [bare]
  cache: false
  cache_params: {type: redis, ttl: 60}
  max_budget: 5
  budget_duration: 1d
general_settings:
  master_key: os.environ/MASTER
  max_parallel_requests: 7
environment_variables:
  MASTER: sk-from-the-file-itself
"""
    config = read(tmp_path, text)
    one, two = config.providers["openai"], config.providers["openai-2"]
    assert (one.base_url, two.base_url) == ("http://one/v1", "http://two/v1")
    assert config.providers["google"].api_key_env == "KEY"
    assert config.providers["groq"].models == ()
    assert config.providers["ollama"].base_url == "http://h:11434/v1"
    pair = (("openai:a", 3.0), ("openai-2:a", 1.0))
    groups = config.routes.groups
    assert groups["chat"] == groups["gpt-4"] == pair
    last = ("openai:a", 0.0), ("openai-2:a", 0.0), ("ollama:q:7", 0.0)
    assert groups["deep"] == (("google:g", 1.0), *last)
    aliases = {"here": "ollama:q:7", "bare": "anthropic:claude-x", "hidden-one": "google:g"}
    assert config.routes.aliases == aliases
    assert config.routes.fallback == ("anthropic:claude-x", "ollama:q:7")
    deep = config.models["google:g"]
    assert (deep.cached_cost, deep.output_cost, deep.context) == (1e-7, 2e-6, 1000)
    assert config.models["openai-2:a"].rates == Rates(6.0)
    assert (config.caching.enabled, config.caching.ttl) == (False, 60.0)
    assert config.costs.daily_limit == 5.0
    assert config.rates.max_parallel == 7
    assert config.serving.master_key == "sk-from-the-file-itself"
    assert {note.rpartition(": ")[2] for note in config.notes} == {
        "router_settings.routing_strategy has no effect here.",
        "litellm_settings.cache_params.type has no effect here.",
    }


def test_the_environment_says_how_much_is_logged(tmp_path: Path) -> None:
    assert read(tmp_path, MODELS, LITELLM_LOG_LEVEL="DEBUG").logs.level == "debug"
    assert read(tmp_path, MODELS, LITELLM_LOG_LEVEL="loud").logs.level == "warning"


LIST = "model_list:\n  - model_name: a\n    litellm_params:\n      model: openai/a\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model_lists: []\nmodel_list: []", ["line 1", "did you mean model_list"]),
        ("model_list: {}", ["line 1", "must be a list, not a table"]),
        ("model_list:\n  - 5", ["line 2", "model_list[0] must be a table"]),
        ("model_list:\n  - model_name: a", ["line 2", "needs a model_name"]),
        (LIST + "      temprature: 1", ["line 5", "did you mean temperature"]),
        (LIST + "      temperature: hot", ["line 5", "a number, not a string"]),
        (LIST + "      input_cost_per_token: -1", ["line 5", "0 or more"]),
        (LIST + "      api_base: nowhere", ["line 5", "https://host/v1"]),
        (LIST + "      weight: true", ["line 5", "a number"]),
        (LIST.replace("openai/a", "opnai/a"), ["line 4", "did you mean openai/"]),
        (LIST.replace("openai/a", "mystery"), ["line 4", "no provider"]),
        (LIST.replace("openai/a", "custom/a"), ["line 4", "needs an api_base"]),
        (LIST.replace("model_name: a", "model_name: auto"), ["model_list", "auto"]),
        (LIST + "model_groups:\n- group_name: g\n  models:\n  - model_name: b", ["line 8", "'b'"]),
        (LIST + "model_groups:\n- group_name: g\n  models: []", ["line 7", "more than 0"]),
        (LIST + "budgets:\n  max_budget: 1\n  budget_duration: 7d", ["line 7", "1h, 1d or 30d"]),
        (LIST + "budgets:\n  max_budget: 1\n  budget_duration: long", ["line 7", "30d"]),
        (LIST + "budgets:\n  max_budget: 1\n  soft_budget_limit: 2", ["line 7", "over max_budget"]),
        (LIST + "rate_limit:\n  rpm: 0", ["line 6", "more than 0"]),
        (LIST + "general_settings:\n  master_kee: x", ["line 6", "did you mean master_key"]),
        (LIST + "general_settings:\n  master_key: os.environ/NO", ["line 6", "variable NO"]),
        (LIST + "general_settings:\n  custom_auth: mine.check", ["line 6", "would be open"]),
        (LIST + "router_settings:\n  model_group_alias: {x: y}", ["line 6", "'y'"]),
        (LIST + "router_settings:\n  fallbacks: [{a: [b]}]", ["line 6", "'b'"]),
        (LIST + "litellm_settings:\n  cache: often", ["line 6", "true or false"]),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    for word in ("litellm.yaml", *words):
        assert word in caught.value.message
