"""Ollama: OpenAI's dialect at ``/v1``, and its own API beside it for what that does not say.

``/api/tags`` lists models, ``/api/show`` says what each can do
(https://docs.ollama.com/api/tags, https://docs.ollama.com/api-reference/show-model-details).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.base import Chunk
from zeke_bridge.core.providers.http import Http, Peer, nonsense
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.openai import OpenAIProvider
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import CoreError, InputError

_WINDOW = re.compile(r"^num_ctx\s+(\d+)", re.MULTILINE)
_AT_ONCE = 8


class OllamaProvider(OpenAIProvider):
    """``OpenAIProvider`` that knows what its models can do, and fills in the middle."""

    def __init__(self, config: ProviderConfig, keys: Keys, limits: Limits) -> None:
        super().__init__(config, keys, limits)
        root = config.base_url.removesuffix("/").removesuffix("/v1")
        self._native = Http(Peer(config.name, root), limits)
        self._filling: frozenset[str] = frozenset()

    def fills(self, model: str) -> bool:
        """Whether ``model`` says that it inserts; known once the models were listed."""
        return model in self._filling

    async def fill(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """What stands between ``prompt`` and ``suffix``."""
        if not self.fills(str(body.get("model"))):
            raise InputError(f"This model of {self.name} cannot fill in the middle.")
        with self._standing.watched():
            events = self._connection.complete(self._habits.shaped(body), self._key())
            async with contextlib.aclosing(events):
                async for chunks in events:
                    yield chunks

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        await self._native.aclose()
        await super().aclose()

    async def _list(self) -> tuple[str, ...]:
        with self._standing.watched():
            key = self._key()
            listed = await self._native.listing("/api/tags", _bearer(key), secret=key)
            rows = listed.get("models") if isinstance(listed, dict) else None
            if not isinstance(rows, list):
                raise nonsense(self.name, "no list of models")
            names = [str(row["name"]) for row in rows if isinstance(row, dict) and row.get("name")]
            shown = await self._show_all(names, key)
            self._filling = frozenset(name for name in names if "insert" in _skills(shown[name]))
            return self._standing.learn({name: _traits(shown[name]) for name in names})

    async def _show_all(self, names: list[str], key: str) -> dict[str, Mapping[str, Any]]:
        """What the server says of each; nothing for one that it does not describe."""
        free = asyncio.Semaphore(_AT_ONCE)

        async def show(name: str) -> Mapping[str, Any]:
            with contextlib.suppress(CoreError):
                async with free:
                    body = {"model": name}
                    said = await self._native.listing("/api/show", _bearer(key), body, secret=key)
                return said if isinstance(said, dict) else {}
            return {}

        return dict(zip(names, await asyncio.gather(*map(show, names)), strict=True))


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _skills(shown: Mapping[str, Any]) -> list[Any]:
    skills = shown.get("capabilities")
    return skills if isinstance(skills, list) else []


def _traits(shown: Mapping[str, Any]) -> Traits:
    """``num_ctx`` is what the model is run with; without it the length it was made for."""
    skills, details = _skills(shown), shown.get("model_info")
    window = _WINDOW.search(str(shown.get("parameters") or ""))
    made_for = next(
        (
            value
            for name, value in (details.items() if isinstance(details, dict) else ())
            if str(name).endswith(".context_length") and isinstance(value, int)
        ),
        None,
    )
    return Traits(
        context=int(window[1]) if window else made_for,
        tools="tools" in skills if skills else None,
        images="vision" in skills if skills else None,
        input_price=0.0,
        output_price=0.0,
    )
