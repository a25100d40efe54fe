"""The one server behind ``ghostllm.base_url``: LiteLLM, llama.cpp, or another of OpenAI's dialect.

Its sentences name that setting, because the person did not configure a provider. llama.cpp is
asked to fill in the middle in its own way. Does not know how it was found out what the server is.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.config.servers import TITLES
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers import progress
from zeke_bridge.core.providers.base import Chunk, Provider
from zeke_bridge.core.providers.http import Peer
from zeke_bridge.core.providers.infill import CannotFillError, Infill, may_fill
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.openai import OpenAIProvider
from zeke_bridge.core.providers.standing import Standing
from zeke_bridge.model.errors import AuthError, CoreError
from zeke_bridge.wire import fault

_CRASHED = b"Internal Server Error"


def server(config: ProviderConfig, keys: Keys, limits: Limits) -> Provider:
    """The server of ``config``, whose name says what it is."""
    kind = LlamaCppProvider if config.name == "llama.cpp" else ServerProvider
    return kind(config, keys, limits)


class ServerProvider(OpenAIProvider):
    """``OpenAIProvider`` with sentences that name the address and ``ghostllm.api_key_env``."""

    def __init__(self, config: ProviderConfig, keys: Keys, limits: Limits) -> None:
        self._variable = config.api_key_env
        title = TITLES.get(config.name, config.name)
        self._peer = Peer(f"{title} at {config.base_url}", config.base_url, refused=self._refusal)
        standing = Standing(config, keys, self._advice)
        super().__init__(config, keys, limits, self._peer, standing)

    @property
    def _advice(self) -> str:
        if self._variable:
            return (
                f"put the right one into ${self._variable}, then run `zeke broker stop` and start "
                "Neovim again"
            )
        return "name the variable that holds it in ghostllm.api_key_env"

    def _refusal(self, status: int, body: bytes, who: str, headers: Mapping[str, str]) -> CoreError:
        # What a LiteLLM without a database says to somebody who sends no key.
        if not self._variable and status == 500 and body.strip() == _CRASHED:
            return AuthError(f"{who} failed, which may be for want of a key: {self._advice}.")
        return fault.from_provider(status, body, who, headers, self._advice)


class LlamaCppProvider(ServerProvider):
    """``ServerProvider`` for llama.cpp, which fills in the middle and says how far it has read."""

    def __init__(self, config: ProviderConfig, keys: Keys, limits: Limits) -> None:
        super().__init__(config, keys, limits)
        root = config.base_url.removesuffix("/v1")
        self._infill = Infill(Peer(self._peer.who, root), limits)
        self._unable: set[str] = set()

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """The events of a streamed answer."""
        async with contextlib.aclosing(super().stream(progress.wanted(body))) as events:
            async for came in events:
                if chunks := progress.without(came):
                    yield chunks

    def fills(self, model: str) -> bool:
        """Whether its name says so, and it has not shown that it cannot."""
        return may_fill(model) and model not in self._unable

    async def fill(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """What stands between ``prompt`` and ``suffix``."""
        with self._standing.watched():
            try:
                pieces = self._infill.stream(body, self._key())
                async with contextlib.aclosing(pieces):
                    async for chunks in pieces:
                        yield chunks
            except CannotFillError:
                self._unable.add(str(body.get("model", "")))
                raise

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        await self._infill.aclose()
        await super().aclose()
