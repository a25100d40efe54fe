"""What is kept while a provider rests: the answers that it would not have given."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig, ProviderConfig

pytestmark = pytest.mark.anyio

KEY = "sk-very-secret"


async def test_an_answer_of_a_healthy_one_is_kept_while_another_rests(
    serve: Any, settled: GhostConfig, fake: FakeProvider
) -> None:
    ill = ProviderConfig("ill", fake.base_url, "ILL_KEY")
    config = dataclasses.replace(
        settled, order=("far", "ill"), providers={**settled.providers, "ill": ill}
    )
    async with serve(config, keys={"far": KEY, "ill": KEY}) as http:

        async def ask(model: str, text: str) -> Any:
            body = {"model": model, "messages": [{"role": "user", "content": text}]}
            return (await http.post("/v1/chat/completions", json=body)).json()

        for number in range(5):
            await ask("ill:html", f"Question {number}")
        assert "resting" in (await http.get("/health")).json()["providers"]["ill"]
        assert (await ask("far:echo", "Hello"))["cached"] is False
        assert (await ask("far:echo", "Hello"))["cached"] is True
