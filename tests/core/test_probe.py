from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.clock import ahead
from tests.fakes.family import OpenAI
from tests.fakes.member import KEY
from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import KeyFile, Keys
from zeke_bridge.core.probe import probe_all, try_key
from zeke_bridge.core.providers.base import Provider
from zeke_bridge.core.providers.build import build
from zeke_bridge.core.providers.limits import Limits

pytestmark = pytest.mark.anyio


class Stuck:
    """A provider that never answers a probe."""

    def __init__(self, provider: Provider) -> None:
        self.name = "stuck"
        self.offer = provider.offer

    async def probe(self) -> None:
        await asyncio.Event().wait()


def probing() -> list[asyncio.Task[Any]]:
    """The probes that have not ended."""
    return [one for one in asyncio.all_tasks() if one.get_coro().__name__ == "_probe"]


async def test_every_provider_gets_its_row_in_order(tmp_path: Path) -> None:
    async with OpenAI() as server:

        def made(name: str, url: str = server.base_url, key: str = KEY) -> Provider:
            keys = Keys(KeyFile(tmp_path / "auth.json"), {name: key}, {})
            return build(ProviderConfig(name, url, "A_KEY"), keys, Limits())

        here, shut = made("here"), made("shut", key="sk-wrong")
        gone, keyless = made("gone", "http://127.0.0.1:9/v1"), made("keyless", key="")
        asked = asyncio.create_task(probe_all([here, shut, gone, keyless, Stuck(here)], limit=60))
        await asyncio.sleep(0)
        while len(left := probing()) > 1:
            await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        with ahead(60):
            rows = await asked
        for provider in (here, shut, gone, keyless):
            await provider.aclose()
    assert [(row.name, row.state, row.healthy) for row in rows] == [
        ("here", "healthy", True),
        ("shut", "auth failed", False),
        ("gone", "unreachable", False),
        ("keyless", "no key", False),
        ("stuck", "timed out", False),
    ]
    assert [row.models for row in rows] == [("small",), (), (), (), ()]
    assert rows[0].remedy == ""
    assert "set it with `:ZekeAuth`" in rows[1].remedy
    assert "check its base_url" in rows[2].remedy
    assert "$A_KEY" in rows[3].remedy
    assert rows[3].seconds is None
    assert all(row.seconds is not None for row in rows if row.name != "keyless")
    assert KEY not in repr(rows)


async def test_a_key_is_tried_without_being_kept() -> None:
    async with OpenAI() as server:
        config = ProviderConfig("here", server.base_url, "A_KEY", models=("said-to-be-there",))
        good, bad = await try_key(config, KEY), await try_key(config, "sk-wrong")
        assert server.requests == []
    assert (good.outcome, good.models, good.message) == ("works", 1, "")
    assert bad.outcome == "refused"
    assert "here refused the key" in bad.message
    assert "sk-wrong" not in repr(bad)


async def test_who_does_not_answer_says_nothing_of_a_key() -> None:
    async with asyncio.timeout(10), OpenAI() as server:
        gone = ProviderConfig("gone", "http://127.0.0.1:9/v1", "A_KEY")
        assert (await try_key(gone, KEY)).outcome == "unknown"
        here = ProviderConfig("here", server.base_url, "A_KEY")
        late = await try_key(here, KEY, limit=0.0)
    assert (late.outcome, late.message) == ("unknown", "here did not answer within 0 s.")
