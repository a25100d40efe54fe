from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.ghostllm.written import TOML
from zeke_bridge.config.ghostllm import GhostConfig, Rates, limited, load
from zeke_bridge.config.ghostllm.changes import fingerprint
from zeke_bridge.config.paths import (
    ghostllm_config,
    ghostllm_directory,
    ghostllm_keys,
    ghostllm_usage,
)
from zeke_bridge.model.errors import ConfigError


def read(tmp_path: Path, text: str, **environ: str) -> GhostConfig:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ)


def test_without_a_file_local_comes_first_and_the_known_ones_follow(tmp_path: Path) -> None:
    config = load(tmp_path / "none.toml", {})
    assert config.order[:3] == ("local", "openai", "anthropic")
    assert "ollama" not in config.order
    openai = config.providers["openai"]
    assert openai.base_url == "https://api.openai.com/v1"
    assert openai.api_key_env == "OPENAI_API_KEY"


def test_a_file_says_order_models_and_providers(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        """
        [routing]
        priority = ["office", "local"]
        [models]
        office_preferred = "big"
        local_preferred = "small"
        [providers.office]
        base_url = "https://llm.example.org/v1/"
        api_key_env = "OFFICE_KEY"
        models = ["big", "a:b"]
        [providers.ollama]
        """,
    )
    assert config.order[:3] == ("office", "local", "ollama")
    assert config.local_preferred == "small"
    office = config.providers["office"]
    assert office.base_url == "https://llm.example.org/v1"
    assert (office.preferred, office.models) == ("big", ("big", "a:b"))
    assert config.providers["ollama"].base_url == "http://localhost:11434/v1"
    assert config.providers["ollama"].api_key_env == ""


def test_the_environment_can_move_openai_and_the_file_wins(tmp_path: Path) -> None:
    moved = {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
    assert read(tmp_path, "", **moved).providers["openai"].base_url == "http://127.0.0.1:1/v1"
    text = '[providers.openai]\nbase_url = "http://127.0.0.1:2/v1"'
    assert read(tmp_path, text, **moved).providers["openai"].base_url == "http://127.0.0.1:2/v1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[rooting]\n", ["line 1", "rooting", "did you mean routing"]),
        ('\n[routing]\nprioritty = ["local"]', ["line 3", "did you mean priority"]),
        ('[routing]\npriority = "local"', ["line 2", "must be a list, not a string"]),
        ("[routing]\npriority = [1]", ["line 2", "priority[0]", "must be a string, not a number"]),
        ('[routing]\npriority = [\n"local",\n"opnai"]', ["line 4", "did you mean openai"]),
        ('[routing]\npriority = ["custom"]', ["line 2", "[providers.custom]"]),
        ('[models]\nopnai_preferred = "x"', ["line 2", "did you mean openai_preferred"]),
        ("[models]\nopenai_preferred = 3", ["line 2", "must be a string, not a number"]),
        ('[providers.office]\nurl = "x"', ["line 2", "did you mean base_url"]),
        ("[providers.office]\nmodels = []", ["line 1", "base_url"]),
        ('[providers.office]\nbase_url = "ftp://x"', ["line 2", "https://host/v1"]),
        ('[providers.local]\nbase_url = "http://x"', ["cannot be the name"]),
        ('[providers."a b"]\nbase_url = "http://x"', ["cannot be the name"]),
        ("[providers.grok]\n[providers.xai]", ["line 2", "xai, which is there already"]),
        ('[providers.openai]\nendpoints = ["https://a/v1", "b"]', ["line 2", "endpoints[1]"]),
        ('[providers.openai]\napi_key_env = "sk-not a name"', ["line 2", "not a key"]),
        ("[providers.openai]\napi_key = 5", ["line 2", "must be a string"]),
        ('[providers.o]\nbase_url = "http://x/v1"\ndialect = "opnai"', ["line 3", "openai"]),
        ("[providers.openai.rates]\nrequests_per_minute = 0", ["line 2", "more than 0"]),
        ("[providers.openai.rates]\nmax_parallel = 1.5", ["line 2", "whole number"]),
        ("[rates]\ntokens_per_minut = 1", ["line 2", "did you mean tokens_per_minute"]),
        ("[rates]\ntokens_per_minute = true", ["line 2", "a number, not true or false"]),
        ("[costs]\ndaily_limit_usd = -1", ["line 2", "0 or more"]),
        ("[costs]\ndaily_limit_usd = nan", ["line 2", "0 or more"]),
        ('[costs]\ndaily_limit_usd = "10"', ["line 2", "a number, not a string"]),
        ("[costs]\ndaily_limit_usd = 1\nwarn_threshold_usd = 2", ["line 3", "over the limit"]),
        ("[costs]\ndayly_limit_usd = 1", ["line 2", "did you mean daily_limit_usd"]),
        ("[caching]\nenabled = 1", ["line 2", "true or false, not a number"]),
        ("[caching.rules]\ncode_explanatoin = 1", ["line 2", "did you mean code_explanation"]),
        ("[caching]\nsimilar = true", ["line 2", "needs an embedder"]),
        ('[routing]\ncode_completoin = "x"', ["line 2", "did you mean code_completion"]),
        ('[routing]\nreasoning = "opnai:gpt-4"', ["line 2", "opnai", "did you mean openai"]),
        ('[routing]\nreasoning = "gpt-6.1-sool"', ["line 2", "did you mean gpt-6.1-sol"]),
        ('[routing]\nreasoning = "openai:"', ["line 2", "names no model"]),
        ('[routing]\nquick = "local"\nquick_tasks = "local"', ["line 3", "about quick"]),
        ('[aliases]\nauto = "openai:a"', ["line 2", "another name"]),
        ('[aliases]\na = "b"\nb = "a"', ["line 2", "back to itself"]),
        ('[aliases]\na = "local"\n[groups.a]\n"openai:x" = 1', ["line 3", "alias already"]),
        ('[groups.g]\n"openai:a" = -1', ["line 2", "0 or more"]),
        ('[groups.g]\n"openai:a" = 0', ["line 1", "more than 0"]),
        ('[groups.g]\n"nobody:a" = 1', ["line 2", "nobody"]),
        ("[groups]\ng = 3", ["line 2", "must be a table"]),
        ('[models."openai:a"]\ntemperature = 3', ["line 2", "at most 2"]),
        ('[models."openai:a"]\ntemprature = 1', ["line 2", "did you mean temperature"]),
        ('[models."grok:a"]\n[models."xai:a"]', ["line 2", "xai:a, which is there already"]),
        ("[models.openai]\ntemperature = 1", ["line 1", "not one model: write openai:model."]),
        ('[models."nosuch"]\ntemperature = 1', ["line 1", "which is no provider:model"]),
        (
            '[providers.openai]\nmodels = ["a"]\n[providers.groq]\nmodels = ["a"]\n[models.a]\nseed = 1',
            ["line 5", "several models: write openai:a or groq:a."],
        ),
        (
            '[providers.office]\nbase_url = "http://x/v1"\nmodels = ["openai/a"]\n'
            '[models."openai/a"]\nseed = 1',
            ["line 4", "several models: write openai:a or office:openai/a."],
        ),
        ('[models]\nopenai_preferred = "claude:x"', ["line 2", "is a model of anthropic"]),
        ("[providers.OpenAI]\nmodels = []", ["line 1", "did you mean openai?"]),
        ('[groups.g]\n"h" = 1\n[groups.h]\n"g" = 1', ["line 1", "holds itself"]),
        (
            '[groups.g]\n"openai:a" = 1\n"openai:b" = 1\n[caching]\nembedder = "g"',
            ["line 5", "name one of them"],
        ),
        ('[logs]\nlevel = "loud"', ["line 2", "is not known"]),
        ('[logs]\ndirectory = "here"', ["line 2", "whole path"]),
        ("[server]\nport = 70000", ["line 2", "at most 65535"]),
        ('[server]\nhost = "a b"', ["line 2", "address"]),
        ('[server]\norigins = ["example.org"]', ["line 2", "origins[0]"]),
        ('[server]\nmaster_key = ""', ["line 2", "is empty"]),
        ('[server]\nmaster_key = "${NOBODY}"', ["line 2", "variable NOBODY", "not set"]),
        ('[models]\nopenai_preferred = "${NOBODY"', ["line 2", "$${"]),
        (
            '[providers.o]\nbase_url = "http://x/v1"\nmodels = ["abc"]\n[routing]\nquick = "o:abd"',
            ["line 5", "did you mean abc"],
        ),
        (
            '[providers.o]\nbase_url = "http://x/v1"\nmodels = ["abc"]\n'
            '[models]\no_preferred = "abd"',
            ["line 5", "did you mean abc"],
        ),
        ("providers = 3", ["must be a table"]),
        ("[routing\n\n", ["is not TOML", "line 1"]),
    ],
)
def test_a_mistake_names_file_line_and_nearest_key(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    for word in ("config.toml", *words):
        assert word in caught.value.message


def test_a_model_that_one_provider_has_needs_no_provider(tmp_path: Path) -> None:
    text = '[providers.openai]\nmodels = ["gpt-4o"]\n[models."gpt-4o"]\nmax_tokens = 7'
    assert read(tmp_path, text).models["openai:gpt-4o"].defaults == {"max_tokens": 7}
    slashed = read(tmp_path, '[models."openai/gpt-4o"]\nseed = 1').models
    assert list(slashed) == ["openai:gpt-4o"]


def test_a_preferred_model_may_be_named_with_its_provider(tmp_path: Path) -> None:
    text = '[models]\nxai_preferred = "grok:a"\nollama_preferred = "mistral:7b"'
    providers = read(tmp_path, text).providers
    assert providers["xai"].preferred == "a"
    assert providers["ollama"].preferred == "mistral:7b"


def test_aliases_and_groups_may_stand_for_models(tmp_path: Path) -> None:
    text = """
        [aliases]
        emb = "openai:e"
        some = "inner"
        [groups.outer]
        some = 0.5
        "openai:a" = 0.5
        [groups.inner]
        "openai:b" = 1
        emb = 1
        [caching]
        similar = true
        embedder = "emb"
        """
    config = read(tmp_path, text)
    assert config.caching.embedder == "openai:e"
    assert config.routes.groups["outer"] == (("inner", 0.5), ("openai:a", 0.5))
    assert config.routes.leaves("outer") == ["openai:a", "openai:b", "openai:e"]
    assert config.routes.leaves("some") == ["openai:b", "openai:e"]
    assert config.routes.leaves("openai:z") == ["openai:z"]


def test_a_secret_is_in_no_sentence(tmp_path: Path) -> None:
    secret = "sk-very-secret"
    for text in (
        f'[providers.openai]\napi_key_env = "{secret}"',
        f'[server]\nmaster_key = "{secret} "\nport = "{secret}"',
        f'[providers.openai]\napi_key = ["{secret}"]',
        f'[server]\nmaster_key = "{secret}',
    ):
        with pytest.raises(ConfigError) as caught:
            read(tmp_path, text)
        assert secret not in caught.value.message
    config = read(
        tmp_path, f'[server]\nmaster_key = "{secret}"\n[providers.openai]\napi_key = "{secret}"'
    )
    assert config.serving.master_key == config.providers["openai"].api_key == secret
    assert secret not in repr(config)


def test_three_files_are_one_configuration(tmp_path: Path) -> None:
    for name, text in TOML.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = load(tmp_path / "config.toml", {})
    assert config == load(tmp_path / "config.toml", {})
    assert [path.name for path in config.sources] == list(TOML)
    assert config.order[:5] == ("ollama", "openai", "anthropic", "github", "local")
    assert config.providers["openai"].preferred == "gpt-4"
    assert config.providers["openai"].backups == ("https://oai.hconeai.com/v1",)
    assert config.providers["xai"].preferred == "grok-4"
    assert config.models["xai:grok-4"].defaults == {"temperature": 0.2}
    assert config.models["xai:grok-4"].input_cost == 0.000003
    routes = config.routes
    assert routes.priority
    assert routes.rules["completion"] == ("ollama:deepseek-coder",)
    assert routes.rules["reasoning"] == (
        "anthropic:claude-3-sonnet",
        "openai:gpt-4",
        "anthropic:claude-opus-5",
    )
    assert routes.rules["quick"] == ("openai:gpt-3.5-turbo",)
    assert routes.fallback == ("ollama:llama3", "mix", "local")
    assert routes.aliases == dict.fromkeys(("thinker", "best"), "anthropic:claude-opus-5")
    assert routes.groups["mix"] == (("anthropic:claude-opus-5", 1.0), ("openai:gpt-4", 0.5))
    assert (config.costs.daily_limit, config.costs.warn) == (10.0, 8.0)
    assert config.caching.max_bytes == 100 * 1024 * 1024
    assert config.caching.rules == {"explain": 7200.0, "quick": 1800.0, "chat": 1800.0}


def test_a_mistake_beside_names_the_file_beside(tmp_path: Path) -> None:
    (tmp_path / "routing.toml").write_text("[routing]\nfalback = []")
    with pytest.raises(ConfigError, match=r"routing\.toml, line 2: .* did you mean fallback"):
        load(tmp_path / "config.toml", {})
    (tmp_path / "routing.toml").write_text("[costs]\ndaily_limit_usd = 1")
    (tmp_path / "config.toml").write_text("[costs]\ndaily_limit_usd = 2")
    with pytest.raises(ConfigError, match=r"routing\.toml, line 2: .*config\.toml, line 2"):
        load(tmp_path / "config.toml", {})


def test_variables_count_wherever_a_value_stands(tmp_path: Path) -> None:
    text = """
        [providers.office]
        base_url = "http://${HOST}:${PORT:-8000}/v1"
        api_key = "${OFFICE_KEY}"
        [costs]
        daily_limit_usd = "${LIMIT}"
        [caching]
        enabled = "${CACHING:-false}"
        """
    config = read(tmp_path, text, HOST="h", LIMIT="2.5", OFFICE_KEY="k")
    office = config.providers["office"]
    assert office.base_url == "http://h:8000/v1"
    # The key is looked up when it is needed, so that it is in no configuration.
    assert (office.api_key, office.api_key_env) == ("", "OFFICE_KEY")
    assert config.costs.daily_limit == 2.5
    assert not config.caching.enabled
    with pytest.raises(ConfigError, match=r"line 3: .* needs the variable HOST"):
        read(tmp_path, text, LIMIT="2")
    with pytest.raises(ConfigError, match=r"line 6: .* must be a number"):
        read(tmp_path, text, HOST="h", LIMIT="much")


def test_a_key_in_a_file_that_others_read_is_worth_a_note(tmp_path: Path) -> None:
    text = '[providers.openai]\napi_key = "sk-1"'
    assert "chmod 600" in read(tmp_path, text).notes[0]
    (tmp_path / "config.toml").chmod(0o600)
    assert read(tmp_path, text).notes == ()


def test_rates_and_the_server_and_logs(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        """
        [rates]
        requests_per_minute = 60
        max_parallel = 4
        [providers.openai.rates]
        tokens_per_minute = 1e5
        [logs]
        level = "WARN"
        requests = true
        redact = false
        directory = "/var/log/ghostllm"
        [server]
        host = "0.0.0.0"
        port = 0
        master_key = "0123456789abcdef"
        origins = ["https://Chat.example.org"]
        """,
    )
    assert config.rates == Rates(60.0, None, 4)
    assert config.providers["openai"].rates == Rates(None, 1e5, None)
    assert (config.logs.level, config.logs.requests, config.logs.redact) == ("warning", True, False)
    assert config.logs.directory == Path("/var/log/ghostllm")
    assert (config.serving.host, config.serving.port) == ("0.0.0.0", 0)
    assert config.serving.origins == ("https://chat.example.org",)


def test_a_provider_that_is_named_is_there(tmp_path: Path) -> None:
    assert "vllm" in read(tmp_path, '[routing]\nquick = "vllm:qwen"').providers
    moved = read(tmp_path, '[models]\nollama_preferred = "a:b"', OLLAMA_BASE_URL="http://h:1")
    assert moved.providers["ollama"].base_url == "http://h:1/v1"
    assert moved.providers["ollama"].preferred == "a:b"


def test_a_configuration_can_be_limited_to_some(tmp_path: Path) -> None:
    config = load(tmp_path / "none.toml", {})
    few = limited(config, ["ollama", "claude", "openai"], {})
    assert few.order == ("openai", "anthropic", "ollama")
    assert set(few.providers) == set(few.order)
    assert limited(config, ["local"], {}).order == ("local",)
    for name, word in (("opnai", "did you mean openai"), ("custom", "add a section")):
        with pytest.raises(ConfigError, match=word):
            limited(config, [name], {})


def test_a_change_is_seen_without_reading(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    before = fingerprint([path])
    path.write_text("a")
    there = fingerprint([path])
    assert before == (None,) != there == fingerprint([path])
    path.write_text("ab")
    assert fingerprint([path]) != there


def test_where_the_files_are(tmp_path: Path) -> None:
    environ = {"GHOSTLLM_CONFIG_DIR": str(tmp_path)}
    assert ghostllm_config(environ) == tmp_path / "config.toml"
    assert ghostllm_keys(environ) == tmp_path / "auth.json"
    assert ghostllm_directory({}).name == "ghostllm"
    assert ghostllm_usage({"GHOSTLLM_STATE_DIR": "/s"}) == Path("/s/usage.db")
    assert ghostllm_usage({"ZEKE_STATE_DIR": "/z"}) == Path("/z/ghostllm/usage.db")
    assert ghostllm_usage({}).parent.name == "ghostllm"
