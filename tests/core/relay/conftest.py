"""A core of files on disk, which a test changes while it runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.core.conftest import KEY, QUICK, FakeServer, reached
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import load
from zeke_bridge.core.assemble import Core, build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.providers.openai import OpenAIProvider

CHAT = "/v1/chat/completions"
PATIENCE = 30


class Files:
    """A configuration on disk: ``far``, and behind it what a test adds."""

    def __init__(self, directory: Path, far: FakeProvider) -> None:
        self.directory = directory / "ghostllm"
        self.directory.mkdir()
        self.path = self.directory / "config.toml"
        self.far = provider("far", far)
        self.write()

    def write(self, more: str = "", *, far: str | None = None) -> None:
        """``far`` and ``more``; nothing of what was written before."""
        self.path.write_text((self.far if far is None else far) + more)


def provider(name: str, fake: FakeProvider, more: str = "") -> str:
    models = '["echo", "held", "html", "whole"]'
    at = f'base_url = "{fake.base_url}"\napi_key_env = "{name.upper()}_KEY"\n'
    return f"[providers.{name}]\n{at}models = {models}\n{more}\n"


def aliased(model: str) -> str:
    return f'[aliases]\nmine = "{model}"\n'


class Closed:
    """The providers that were closed, and an event for each."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.now = asyncio.Event()

    async def next(self) -> str:
        async with asyncio.timeout(PATIENCE):
            while not self.names:
                self.now.clear()
                await self.now.wait()
        return self.names.pop(0)


@pytest.fixture
def files(tmp_path: Path, fake: FakeProvider) -> Files:
    return Files(tmp_path, fake)


@pytest.fixture
def near() -> Iterator[FakeProvider]:
    with FakeProvider(key=KEY) as running:
        yield running


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Closed:
    seen, really = Closed(), OpenAIProvider.aclose

    async def aclose(self: OpenAIProvider) -> None:
        await really(self)
        seen.names.append(self.name)
        seen.now.set()

    monkeypatch.setattr(OpenAIProvider, "aclose", aclose)
    return seen


Running = Callable[..., contextlib.AbstractAsyncContextManager[tuple[Core, httpx.AsyncClient]]]


@pytest.fixture
def running(files: Files, tmp_path: Path) -> Running:
    """A core of ``files``, and a client of it."""

    @contextlib.asynccontextmanager
    async def serving(
        local: FakeServer | None = None,
    ) -> AsyncIterator[tuple[Core, httpx.AsyncClient]]:
        def read() -> Any:
            return load(files.path, {})

        keys = {"far": KEY, "near": KEY}
        core = build_core(read(), KeyFile(tmp_path / "auth.json"), local, keys, QUICK, load=read)
        async with reached(core, tmp_path) as http:
            yield core, http

    return serving


async def ask(http: httpx.AsyncClient, model: str, text: str = "Hello", **more: Any) -> Any:
    body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    return await http.post(CHAT, json=body)


async def told(http: httpx.AsyncClient) -> str:
    """What ``/health`` says of the configuration."""
    return (await http.get("/health")).json().get("configuration", "")
