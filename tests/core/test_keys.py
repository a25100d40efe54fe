from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import KeyFile, Keys
from zeke_bridge.model.errors import ConfigError, InputError

OPENAI = ProviderConfig("openai", "https://x/v1", "OPENAI_API_KEY")


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "ghostllm" / "auth.json")


def test_a_key_is_kept_privately_and_forgotten(file: KeyFile) -> None:
    assert file.get("openai") is None
    file.set("openai", "sk-1")
    file.set("groq", "gk-1")
    file.set("openai", "sk-2")
    assert file.get("openai") == "sk-2"
    assert file.names() == ["groq", "openai"]
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.path.parent.iterdir()] == ["auth.json"]
    assert file.remove("openai")
    assert not file.remove("openai")
    assert file.names() == ["groq"]


def test_where_a_key_comes_from(file: KeyFile) -> None:
    file.set("openai", "from-file")
    assert Keys(file, {}, {}).find(OPENAI) == "from-file"
    assert Keys(file, {"openai": "extra"}, {}).find(OPENAI) == "extra"
    environ = {"OPENAI_API_KEY": " environment\n"}
    assert Keys(file, {"openai": "extra"}, environ).find(OPENAI) == "environment"
    assert Keys(file, {}, {}).find(ProviderConfig("groq", "https://x/v1")) == ""


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_open_to_others_is_refused(file: KeyFile, mode: int) -> None:
    file.set("openai", "sk-secret")
    file.path.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        file.get("openai")
    assert "sk-secret" not in str(caught.value)


def test_a_link_is_not_followed(file: KeyFile, tmp_path: Path) -> None:
    file.set("openai", "sk-1")
    link = tmp_path / "link.json"
    link.symlink_to(file.path)
    with pytest.raises(ConfigError, match="cannot be read"):
        KeyFile(link).get("openai")


@pytest.mark.parametrize("text", ["", "[]", '{"openai": 3}', '{"openai": "sk-secret"', "[" * 99999])
def test_a_damaged_file_is_said_without_quoting_it(file: KeyFile, text: str) -> None:
    file.set("openai", "sk-1")
    file.path.write_text(text)
    with pytest.raises(ConfigError, match="damaged") as caught:
        file.names()
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "a b", "a\nb", "ä", "x" * 5000])
def test_what_cannot_be_a_key_is_refused(file: KeyFile, key: str) -> None:
    with pytest.raises(InputError):
        file.set("openai", key)
    assert not file.path.exists()


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError):
        KeyFile(tmp_path / "file" / "auth.json").set("openai", "sk-1")


def test_the_file_is_plain_json(file: KeyFile) -> None:
    file.set("openai", "sk-1")
    assert json.loads(file.path.read_text()) == {"openai": "sk-1"}
