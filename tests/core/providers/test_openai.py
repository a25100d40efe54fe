from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import KeyFile, Keys
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.openai import OpenAIProvider
from zeke_bridge.model.errors import AuthError, UnreachableError

pytestmark = pytest.mark.anyio

KEY = "sk-very-secret"
BODY = {"model": "echo", "messages": [{"role": "user", "content": "Hello"}]}


def provider(config: ProviderConfig, tmp_path: Path, **extra: str) -> OpenAIProvider:
    return OpenAIProvider(config, Keys(KeyFile(tmp_path / "auth.json"), extra, {}), Limits())


async def test_models_are_asked_for_once(fake: FakeProvider, tmp_path: Path) -> None:
    far = provider(ProviderConfig("far", fake.base_url), tmp_path)
    assert far.offer().models is None
    assert "echo" in await far.models()
    fake.models = []
    assert "echo" in await far.models()
    assert "echo" in (far.offer().models or ())
    await far.aclose()


async def test_configured_models_are_all_there_are(fake: FakeProvider, tmp_path: Path) -> None:
    far = provider(ProviderConfig("far", fake.base_url, models=("a",)), tmp_path)
    assert far.offer().models == ("a",)
    assert far.offer().complete
    assert await far.models() == ("a",)


async def test_a_key_counts_as_soon_as_it_is_set(fake: FakeProvider, tmp_path: Path) -> None:
    far = provider(ProviderConfig("far", fake.base_url, "FAR_KEY"), tmp_path)
    assert far.state() == "no key"
    assert ":ZekeAuth" in far.offer().remedy
    KeyFile(tmp_path / "auth.json").set("far", KEY)
    assert far.state() == "healthy"
    assert far.offer().obstacle == ""
    await far.answer(BODY)
    assert fake.headers[0]["Authorization"] == f"Bearer {KEY}"
    await far.aclose()


async def test_no_key_is_sent_where_none_is_needed(tmp_path: Path) -> None:
    with FakeProvider() as keyless:
        far = provider(ProviderConfig("far", keyless.base_url), tmp_path)
        await far.answer(BODY)
        assert "Authorization" not in keyless.headers[0]
        await far.aclose()


async def test_a_key_file_open_to_others_is_an_obstacle(fake: FakeProvider, tmp_path: Path) -> None:
    KeyFile(tmp_path / "auth.json").set("far", KEY)
    (tmp_path / "auth.json").chmod(0o644)
    far = provider(ProviderConfig("far", fake.base_url, "FAR_KEY"), tmp_path)
    assert far.state() == "key not readable"
    assert "chmod 600" in far.offer().remedy


async def test_a_refused_key_is_in_the_way_until_there_is_another(tmp_path: Path) -> None:
    with FakeProvider(key=KEY) as fake:
        far = provider(ProviderConfig("far", fake.base_url, "FAR_KEY"), tmp_path)
        KeyFile(tmp_path / "auth.json").set("far", "sk-wrong")
        with pytest.raises(AuthError):
            await far.answer(BODY)
        assert far.state() == "key refused"
        KeyFile(tmp_path / "auth.json").set("far", KEY)
        assert far.state() == "healthy"
        await far.aclose()


async def test_trouble_is_remembered_until_it_is_over(fake: FakeProvider, tmp_path: Path) -> None:
    far = provider(ProviderConfig("far", fake.base_url, "FAR_KEY"), tmp_path, far=KEY)
    with pytest.raises(UnreachableError):
        await far.answer({**BODY, "model": "reset-early"})
    assert far.state() == "unreachable"
    await far.answer(BODY)
    assert far.state() == "healthy"
    await far.aclose()
