"""Keys that are tried at a provider before they are kept, and a login by a code; real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.copilot import LOGIN, Copilot
from tests.fakes.family import OpenAI
from tests.fakes.member import KEY
from zeke_bridge.app.accounts import OwnAccounts, Sites
from zeke_bridge.model.account import LoginCode
from zeke_bridge.model.errors import AuthError, InputError, TimedOutError

pytestmark = pytest.mark.anyio


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the core's configuration; no keyring."""
    directory = tmp_path / "ghostllm"
    directory.mkdir()
    monkeypatch.setenv("GHOSTLLM_CONFIG_DIR", str(directory))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return directory


@pytest.fixture
async def github() -> AsyncIterator[Copilot]:
    async with Copilot() as running:
        running.interval = 0.01
        yield running


def keys(home: Path) -> dict[str, str]:
    path = home / "auth.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


@pytest.mark.parametrize(("key", "outcome"), [(KEY, "works"), ("sk-wrong", "refused")])
async def test_a_key_is_tried_where_the_configuration_says(
    home: Path, key: str, outcome: str
) -> None:
    async with OpenAI() as server:
        text = f'[providers.openai]\nbase_url = "{server.base_url}"\n'
        (home / "config.toml").write_text(text)
        trial = await OwnAccounts().test("openai", key)
        assert server.requests == []
    assert trial.outcome == outcome
    assert bool(trial.models) == (outcome == "works")
    assert key not in repr(trial)
    assert keys(home) == {}


async def test_a_provider_that_is_away_says_nothing_of_a_key(home: Path) -> None:
    (home / "config.toml").write_text('[providers.openai]\nbase_url = "http://127.0.0.1:9/v1"\n')
    trial = await OwnAccounts().test("openai", KEY)
    assert trial.outcome == "unknown"
    assert "127.0.0.1:9" in trial.message or "openai" in trial.message


@pytest.mark.parametrize(
    ("provider", "key", "words"),
    [
        ("opanai", KEY, "openai"),
        ("custom", KEY, "no provider"),
        ("ollama", KEY, "needs no key"),
        ("openai", "two words", "holds a space"),
        ("openai", "", "cannot be a key"),
    ],
)
async def test_what_cannot_be_tried_is_a_sentence(
    home: Path, provider: str, key: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        await OwnAccounts().test(provider, key)


async def test_a_key_is_kept_under_the_proper_name(home: Path) -> None:
    assert await OwnAccounts().keep("claude", KEY) == str(home / "auth.json")
    assert keys(home) == {"anthropic": KEY}


async def test_a_login_is_kept_once_it_has_opened_copilot(home: Path, github: Copilot) -> None:
    shown: list[LoginCode] = []
    github.polls.append({"error": "authorization_pending"})
    accounts = OwnAccounts(Sites(github.root, github.root))
    assert await accounts.log_in("copilot", shown.append) == str(home / "auth.json")
    assert shown == [LoginCode("ABCD-1234", "https://github.com/login/device", 900)]
    assert len(github.polled) == 2
    assert github.exchanges == 1
    assert keys(home) == {"github": LOGIN}


async def test_an_account_without_copilot_keeps_nothing(home: Path, github: Copilot) -> None:
    from tests.fakes.member import refusal

    github.no_copilot = refusal(403, "no")
    accounts = OwnAccounts(Sites(github.root, github.root))
    with pytest.raises(AuthError, match="has no Copilot"):
        await accounts.log_in("github", lambda code: None)
    assert keys(home) == {}


async def test_a_code_that_nobody_types_is_not_asked_about_any_longer(
    home: Path, github: Copilot
) -> None:
    github.lasts_code = 0.05
    github.polls += [{"error": "authorization_pending"}] * 100
    with pytest.raises(TimedOutError, match="`:ZekeAuth github`"):
        await OwnAccounts(Sites(github.root, github.root)).log_in("github", lambda code: None)
    assert len(github.polled) <= 5


async def test_a_cancelled_login_asks_nobody_any_more(home: Path, github: Copilot) -> None:
    github.interval = 30.0
    shown = asyncio.Event()
    accounts = OwnAccounts(Sites(github.root, github.root))
    task = asyncio.create_task(accounts.log_in("github", lambda code: shown.set()))
    async with asyncio.timeout(10):
        await shown.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert github.polled == []
    assert keys(home) == {}


async def test_only_github_has_logins(home: Path) -> None:
    with pytest.raises(InputError, match="openai has keys"):
        await OwnAccounts().log_in("openai", lambda code: None)
