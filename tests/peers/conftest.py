"""Other people's servers, as they really are; each in a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.surroundings import nobodys
from zeke_bridge.app.cores import Cores
from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.broker.ports import ModelClient
from zeke_bridge.config.settings import Settings

Clients = Callable[..., AbstractAsyncContextManager[ModelClient]]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "peer: asks somebody else's server, as it really is")


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    with nobodys(tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
def client(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Clients:
    """What the broker asks when ``ghostllm.base_url`` is set: ``client(url, key)``."""

    @asynccontextmanager
    async def made(base_url: str, key: str = "", **more: Any) -> AsyncIterator[ModelClient]:
        if key:
            monkeypatch.setenv("PEER_KEY", key)
            more["api_key_env"] = "PEER_KEY"
        cores = Cores(runtime)
        try:
            yield cores.client(Settings(base_url=base_url, **more))
        finally:
            await cores.aclose()

    return made
