"""``ghostllm auth``."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.cli.ghostllm.conftest import KEY, Shell
from zeke_bridge.cli.ghostllm import app
from zeke_bridge.core.providers.copilot.login import DeviceCode, Login


def test_keys_are_set_listed_and_removed_and_never_shown(shell: Shell) -> None:
    placed = shell.run("auth", "set", "far", typed=f"{KEY}\n")
    assert placed.returncode == 0, placed.stderr
    assert "auth.json" in placed.stdout
    listed = shell.run("auth", "list")
    assert f"far: {shell.directory / 'auth.json'}" in listed.stdout
    assert "openai: no key" in listed.stdout
    assert listed.stderr == ""
    assert "far:echo" in shell.run("models").stdout.splitlines()
    removed = shell.run("auth", "remove", "far")
    assert removed.returncode == 0
    again = shell.run("auth", "remove", "far")
    assert again.returncode == 1
    for done in (placed, listed, removed, again):
        assert KEY not in done.stdout + done.stderr


def test_a_key_may_come_from_elsewhere(shell: Shell) -> None:
    shell.environment["FAR_KEY"] = KEY
    assert "far: $FAR_KEY" in shell.run("auth", "list").stdout
    shell.file.write_text(shell.text + f'[providers.xai]\napi_key = "{KEY}"\n')
    listed = shell.run("auth", "list").stdout
    assert f"xai: {shell.file}" in listed
    assert KEY not in listed


def test_a_provider_has_other_names(shell: Shell) -> None:
    assert "The key of xai is in" in shell.run("auth", "set", "grok", typed="xai-1\n").stdout
    assert shell.run("auth", "remove", "grok").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["auth", "set", "opnai", "k"], "did you mean openai"),
        (["auth", "set", "far", "two words"], "space"),
        (["auth", "login", "openai"], "ghostllm auth set openai"),
        (["models", "--config", "nowhere.toml"], "nowhere.toml is not there"),
    ],
)
def test_a_mistake_is_a_sentence(shell: Shell, arguments: list[str], word: str) -> None:
    done = shell.run(*arguments)
    assert done.returncode == 1
    assert word in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("ghostllm: ")


def test_github_is_logged_in_to_by_a_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def begin(self: Login) -> DeviceCode:
        return DeviceCode("ABCD-1234", "https://github.com/login/device", 900.0, 5.0, "d")

    async def finish(self: Login, code: DeviceCode) -> str:
        assert code.user_code == "ABCD-1234"
        return "ghu_token"

    monkeypatch.setattr(Login, "begin", begin)
    monkeypatch.setattr(Login, "finish", finish)
    monkeypatch.setenv("GHOSTLLM_CONFIG_DIR", str(tmp_path))
    done = CliRunner().invoke(app, ["auth", "login", "github"])
    assert done.exit_code == 0, done.output
    assert "Open https://github.com/login/device and type ABCD-1234" in done.output
    assert "ghu_token" not in done.output
    assert "ghu_token" in (tmp_path / "auth.json").read_text()
