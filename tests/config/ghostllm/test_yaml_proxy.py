"""The configuration of the proxy mode."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.ghostllm.written import PROXY
from zeke_bridge.config.ghostllm import GhostConfig, Rates, load
from zeke_bridge.model.errors import ConfigError


def read(tmp_path: Path, text: str, **environ: str) -> GhostConfig:
    path = tmp_path / "proxy.yml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ)


def test_it_is_read_as_it_is_written(tmp_path: Path) -> None:
    config = read(tmp_path, PROXY)
    assert config == read(tmp_path, PROXY)
    assert config.order == ("anthropic", "openai", "glm", "groq", "xai", "local")
    # Without its variable a provider is there and has no key.
    assert config.providers["xai"].api_key_env == "GROK_API_KEY"
    assert config.providers["anthropic"].preferred == "claude-sonnet-4"
    assert config.routes.aliases == {"default": "anthropic:claude-sonnet-4"}
    assert config.routes.priority
    assert (config.serving.host, config.serving.port) == ("127.0.0.1", 8080)
    assert config.logs.level == "info"
    assert config.rates == Rates(100.0, 100000.0)
    assert (config.costs.hourly_limit, config.costs.daily_limit) == (10.0, 100.0)
    assert config.sources == (tmp_path / "proxy.yml",)


def test_what_is_the_default_comes_first(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        """
llmproxy:
  listen_addr: "[::1]:0"
  master_key: ${MASTER:-0123456789abcdef}
  providers:
    one: {base_url: "http://h/v1", models: [a, {name: b}]}
    two:
      base_url: http://h/v1
      dialect: anthropic
      models: [{name: c, alias: default}, {name: d, alias: deep}]
      rate_limits: {max_parallel: 2}
""",
    )
    assert config.order == ("two", "one", "local")
    assert config.providers["one"].models == ("a", "b")
    assert config.providers["two"].dialect == "anthropic"
    assert config.providers["two"].rates.max_parallel == 2
    assert config.routes.aliases == {"default": "two:c", "deep": "two:d"}
    assert (config.serving.host, config.serving.port) == ("::1", 0)
    assert config.serving.master_key == "0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("llmproxy:\n  listen_adr: x", ["line 2", "did you mean listen_addr"]),
        ("llmproxy: 3", ["line 1", "must be a table"]),
        ("llmproxy:\nother: 1", ["line 2", "other is not known."]),
        ("llmproxy:\n  listen_addr: host", ["line 2", "127.0.0.1:8080"]),
        ("llmproxy:\n  listen_addr: ':99999'", ["line 2", "127.0.0.1:8080"]),
        ("llmproxy:\n  log_level: loud", ["line 2", "is not known"]),
        ("llmproxy:\n  providers:\n    nobody: {}", ["line 3", "needs a base_url"]),
        ("llmproxy:\n  providers:\n    grok:\n    xai:", ["line 4", "xai, which is there"]),
        ("llmproxy:\n  providers:\n    xai:\n      api_kay: x", ["line 4", "api_key"]),
        ("llmproxy:\n  providers:\n    xai:\n      models: [5]", ["line 4", "models[0]"]),
        ("llmproxy:\n  providers:\n    xai:\n      models:\n      - alias: x", ["needs a name"]),
        ("llmproxy:\n  providers:\n    xai:\n      models:\n      - {name: a, nam: b}", ["line 5"]),
        (
            "llmproxy:\n  providers:\n    xai: {models: [{name: a, alias: x}]}\n"
            "    openai:\n      models: [{name: a, alias: x}]",
            ["line 5", "taken already"],
        ),
        (
            "llmproxy:\n  providers:\n    xai:\n      models:\n        - {name: a, alias: auto}",
            ["line 5", "another name"],
        ),
        ("llmproxy:\n  rate_limits:\n    requests_per_minute: -1", ["line 3", "more than 0"]),
        ("llmproxy:\n  cost_budget:\n    dayly_limit: 1", ["line 3", "daily_limit"]),
        ("llmproxi:\n  listen_addr: x", ["line 1", "did you mean llmproxy"]),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    for word in ("proxy.yml", *words):
        assert word in caught.value.message


def test_yaml_can_have_the_sections_of_the_toml_file(tmp_path: Path) -> None:
    config = read(tmp_path, "routing: {quick: local}\nlogs: {level: info}\ncosts:\n")
    assert config.routes.rules == {"quick": ("local",)}
    assert config.logs.level == "info"
    assert read(tmp_path, "").order[:2] == ("local", "openai")
