from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.fakes.gemini import FakeGemini
from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import KeyFile, Keys
from zeke_bridge.core.providers.google.provider import GoogleProvider
from zeke_bridge.core.providers.limits import Limits

KEY = "AIza-very-secret"


@pytest.fixture
def fake() -> Iterator[FakeGemini]:
    with FakeGemini(KEY) as running:
        yield running


@pytest.fixture
async def provider(fake: FakeGemini, tmp_path: Path) -> AsyncIterator[GoogleProvider]:
    config = ProviderConfig("google", fake.base_url + "/v1beta", "GEMINI_API_KEY")
    keys = Keys(KeyFile(tmp_path / "auth.json"), {"google": KEY}, {})
    made = GoogleProvider(config, keys, Limits(connect=30, first_byte=30, silence=30))
    yield made
    await made.aclose()
