"""Settings from a table, over those of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.config.settings import Settings, config_file, parse, read_file
from zeke_bridge.model.errors import ConfigError


def test_nothing_given_gives_the_defaults() -> None:
    assert parse({}) == Settings()
    # What an empty Lua table looks like on the wire.
    assert parse({"api_keys": [], "ghostllm": {"auto_approve_patterns": []}}) == Settings()


def test_the_table_wins_over_the_file_key_by_key() -> None:
    file = {
        "default_model": "fast",
        "ghostllm": {"auto_approve_read": False, "base_url": "http://a"},
    }
    settings = parse({"ghostllm": {"base_url": "http://b"}}, beneath=file)
    assert settings.default_model == "fast"
    assert settings.base_url == "http://b"
    assert not settings.rules.auto_approve_read


def test_the_window_is_in_milliseconds() -> None:
    assert parse({"batch": {"window_ms": 40}}).batch_window == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"default_modle": "x"}, "did you mean default_model"),
        ({"ghostllm": {"auto_approve_reed": True}}, "did you mean ghostllm.auto_approve_read"),
        ({"ghostllm": {"enable_consent": 1}}, "must be bool"),
        ({"ghostllm": {"auto_approve_write": "yes"}}, "must be bool"),
        ({"ghostllm": {"auto_approve_patterns": [1]}}, "list of strings"),
        ({"ghostllm": {"auto_approve_patterns": {"a": "b"}}}, "list of strings"),
        ({"batch": {"window_ms": 0}}, "more than 0"),
        ({"batch": {"window_ms": True}}, "must be"),
        ({"default_model": 3}, "must be str"),
    ],
)
def test_a_mistake_is_named(table: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        parse(table)
    with pytest.raises(ConfigError, match=says):
        parse({}, beneath=table)


def test_the_file_is_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEKE_CONFIG_DIR", str(tmp_path))
    assert read_file(config_file()) == {}
    config_file().write_text('default_model = "smart"\n')
    assert parse({}, beneath=read_file(config_file())).default_model == "smart"
    config_file().write_text("default_model = \n")
    with pytest.raises(ConfigError, match="not TOML"):
        read_file(config_file())
    config_file().write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_file(config_file())


def test_a_file_nested_too_deeply_is_an_error_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("a = " + "[" * 100_000)
    with pytest.raises(ConfigError, match="is not TOML"):
        read_file(path)
