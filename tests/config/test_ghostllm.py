from __future__ import annotations

from pathlib import Path

import pytest

from zeke_bridge.config.ghostllm import GhostConfig, load
from zeke_bridge.config.paths import ghostllm_config, ghostllm_directory, ghostllm_keys
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
        ('[routing]\npriority = "local"', ["line 2", "list of strings"]),
        ('[routing]\npriority = ["nobody"]', ["line 2", "nobody", "openai"]),
        ('[routing]\npriority = ["ollama"]', ["[providers.ollama]"]),
        ('[models]\nopnai_preferred = "x"', ["line 2", "did you mean openai_preferred"]),
        ("[models]\nopenai_preferred = 3", ["line 2", "a string, not int"]),
        ('[providers.office]\nurl = "x"', ["line 2", "did you mean base_url"]),
        ("[providers.office]\nmodels = []", ["line 1", "base_url"]),
        ('[providers.office]\nbase_url = "ftp://x"', ["line 2", "https://host/v1"]),
        ('[providers.local]\nbase_url = "http://x"', ["cannot be the name"]),
        ('[providers."a b"]\nbase_url = "http://x"', ["cannot be the name"]),
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


def test_where_the_files_are(tmp_path: Path) -> None:
    environ = {"GHOSTLLM_CONFIG_DIR": str(tmp_path)}
    assert ghostllm_config(environ) == tmp_path / "config.toml"
    assert ghostllm_keys(environ) == tmp_path / "auth.json"
    assert ghostllm_directory({}).name == "ghostllm"
