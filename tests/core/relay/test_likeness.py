"""The tier that compares meanings, with the vectors of a provider of its own core."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import Caching, GhostConfig

pytestmark = pytest.mark.anyio

CHAT = "/v1/chat/completions"


def ask(model: str, text: str, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


async def test_another_wording_is_answered_where_meanings_are_compared(
    serve: Any, settled: GhostConfig, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zeke_bridge.core.cache.similar._PATIENCE", 20.0)
    similar = Caching(similar=True, embedder="far:text-embedding-fake")
    async with serve(dataclasses.replace(settled, caching=similar)) as http:
        await http.post(CHAT, json=ask("far:echo", "How do I restart the server?"))
        again = await http.post(CHAT, json=ask("far:echo", "How can I restart the server?"))
        other = await http.post(CHAT, json=ask("far:echo", "How do I stop the server?"))
        stays = ask("far:echo", "How can I restart the server?", zeke={"local_only": True})
        assert (await http.post(CHAT, json=stays)).status_code == 503
    assert again.json()["cached"] is True
    assert other.json()["cached"] is False
