"""A core on a port, behind its door, with a key for one client."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.core.conftest import KEY, QUICK
from tests.fakes.anthropic import FakeAnthropic
from tests.fakes.clock import no_longer_than
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig, ProviderConfig
from zeke_bridge.config.ghostllm.schema import Serving
from zeke_bridge.core.access.guard import guard
from zeke_bridge.core.access.keys import ClientKeys
from zeke_bridge.core.assemble import build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.serving import serve_port

CLAUDE_KEY = "sk-ant-very-secret"
USAGE = {
    "prompt_tokens": 9,
    "completion_tokens": 4,
    "total_tokens": 13,
    "prompt_tokens_details": {"cached_tokens": 5},
    "completion_tokens_details": {"reasoning_tokens": 2},
}


@dataclass(frozen=True)
class Place:
    """Where a core answers, and the key that it wants."""

    url: str
    key: str


Opened = Callable[..., contextlib.AbstractAsyncContextManager[Place]]


@pytest.fixture
def claude() -> Iterator[FakeAnthropic]:
    with FakeAnthropic(CLAUDE_KEY) as running:
        yield running


@pytest.fixture
def both(settled: GhostConfig, claude: FakeAnthropic) -> GhostConfig:
    """Providers ``far``, which speaks like OpenAI, and ``anthropic``."""
    there = ProviderConfig("anthropic", f"{claude.base_url}/v1", "CLAUDE_KEY", dialect="anthropic")
    providers = {**settled.providers, "anthropic": there}
    return dataclasses.replace(settled, order=("far", "anthropic"), providers=providers)


@pytest.fixture
def opened(settled: GhostConfig, tmp_path: Path) -> Opened:
    """Serves a core on a port; gives its ``Place``."""

    @contextlib.asynccontextmanager
    async def serving(
        config: GhostConfig = settled, local: Any = None, limits: Limits = QUICK
    ) -> AsyncIterator[Place]:
        keys = {"far": KEY, "anthropic": CLAUDE_KEY}
        core = build_core(config, KeyFile(tmp_path / "auth.json"), local, keys, limits)
        clients = ClientKeys(tmp_path / "clients.json")
        _client, secret = clients.create("sdk", time.time())
        app = guard(core.app, clients, Serving(), loopback=True)
        served = await serve_port(app, "127.0.0.1", 0)
        try:
            yield Place(served.address, secret)
        finally:
            await served.aclose()
            await core.aclose()

    return serving


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    row = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**head, "choices": [row]}


def use(arguments: str, **first: Any) -> dict[str, Any]:
    name = {"name": first.pop("name")} if first else {}
    row = {"index": 0, **first, "function": {"arguments": arguments, **name}}
    return chunk({"tool_calls": [row]})


LAST = {**chunk({}), "choices": [], "usage": USAGE}


async def freed(fake: FakeProvider) -> None:
    """Wait until the provider is free: a second at most, by the core's own clock."""
    with no_longer_than(1.0):
        await fake.until(fake.left)
