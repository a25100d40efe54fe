from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.fakes.anthropic import FakeAnthropic
from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import KeyFile, Keys
from zeke_bridge.core.providers.anthropic.provider import AnthropicProvider
from zeke_bridge.core.providers.limits import Limits

KEY = "sk-ant-very-secret"


@pytest.fixture
def fake() -> Iterator[FakeAnthropic]:
    with FakeAnthropic(KEY) as running:
        yield running


@pytest.fixture
async def provider(fake: FakeAnthropic, tmp_path: Path) -> AsyncIterator[AnthropicProvider]:
    config = ProviderConfig("anthropic", fake.base_url + "/v1", "ANTHROPIC_API_KEY")
    keys = Keys(KeyFile(tmp_path / "auth.json"), {"anthropic": KEY}, {})
    made = AnthropicProvider(config, keys, Limits(connect=30, first_byte=30, silence=30))
    yield made
    await made.aclose()
