from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from tests.fakes.asgi import App
from zeke_bridge.config.ghostllm.schema import Serving
from zeke_bridge.core.access.guard import guard
from zeke_bridge.core.access.keys import ClientKeys

OWN = Serving()
Door = Callable[..., ASGIApp]


@pytest.fixture
def keys(tmp_path: Path) -> ClientKeys:
    return ClientKeys(tmp_path / "clients.json")


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def door(app: App, keys: ClientKeys) -> Door:
    def made(serving: Serving = OWN, loopback: bool = True, **more: Any) -> ASGIApp:
        return guard(app, keys, serving, loopback=loopback, clock=lambda: 1000.0, **more)

    return made
