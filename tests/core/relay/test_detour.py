"""Who is asked while a model or a provider rests, and what of it is kept."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig, ProviderConfig, Routes
from zeke_bridge.core.routing import breaker

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
        health = (await http.get("/health")).json()
        assert "resting" in health["resting"]["ill:html"]
        assert health["providers"]["ill"] == "healthy"
        assert (await ask("far:echo", "Hello"))["cached"] is False
        assert (await ask("far:echo", "Hello"))["cached"] is True


async def test_a_well_model_is_asked_while_another_of_its_provider_rests(
    serve: Any, settled: GhostConfig, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_FIRST_REST", "_LONGEST_REST"):
        monkeypatch.setattr(breaker, name, 1e6)
    near = ProviderConfig("near", fake.base_url, "NEAR_KEY")
    config = dataclasses.replace(
        settled,
        order=("far", "near"),
        providers={**settled.providers, "near": near},
        routes=Routes(fallback=("near:whole",)),
    )

    async with serve(config, keys={"far": KEY, "near": KEY}) as http:

        async def ask(model: str, text: str) -> Any:
            body = {"model": model, "messages": [{"role": "user", "content": text}]}
            return (await http.post("/v1/chat/completions", json=body)).json()

        for number in range(5):
            assert (await ask("far:boom500", f"Question {number}"))["provider"] == "near"
        resting = await ask("far:boom500", "And now?")
        well = await ask("far:echo", "And now?")
    assert "resting" in resting["route"]["tried"][0]["outcome"]
    assert (resting["provider"], well["provider"]) == ("near", "far")
    assert well["route"]["tried"] == [{"candidate": "far:echo", "outcome": "chosen"}]
