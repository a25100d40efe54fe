"""Mistakes that would send a text, or a key, where nobody wants it."""

from __future__ import annotations

from pathlib import Path

import pytest

from zeke_bridge.config.ghostllm import load
from zeke_bridge.model.errors import ConfigError

FAR = '[providers.far]\nbase_url = "http://127.0.0.1:9/v1"\n'


def complaint(directory: Path, text: str) -> str:
    path = directory / "config.toml"
    path.write_text(FAR + text)
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    return caught.value.message


@pytest.mark.parametrize("name", ["local", "local:tiny", "LOCAL", "local/x", "openai:gpt", "auto"])
@pytest.mark.parametrize("section", ["aliases", "groups"])
def test_a_name_that_says_where_a_text_goes_cannot_be_taken(
    tmp_path: Path, section: str, name: str
) -> None:
    value = f'"{name}" = "far:echo"' if section == "aliases" else f'"{name}" = {{ "far:echo" = 1 }}'
    said = complaint(tmp_path, f"[{section}]\n{value}\n")
    assert "line 4" in said
    assert "means something already" in said


def test_a_name_like_a_path_is_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FAR + '[aliases]\n"team/best" = "far:echo"\n')
    assert load(path, {}).routes.aliases == {"team/best": "far:echo"}


def test_a_key_with_a_line_end_is_none(tmp_path: Path) -> None:
    said = complaint(tmp_path, '[providers.x]\nbase_url = "http://a/v1"\napi_key = "a\\r\\nX: 1"\n')
    assert "line 5" in said
    assert "cannot be a key" in said
    assert "X: 1" not in said


def test_a_provider_misspelt_is_named(tmp_path: Path) -> None:
    assert "did you mean anthropic?" in complaint(tmp_path, "[providers.antropic]\n")
