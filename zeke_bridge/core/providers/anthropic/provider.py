"""The provider Anthropic, and whoever speaks like it, over its Messages API.

https://platform.claude.com/docs/en/api/messages and ``/models``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.anthropic import fault
from zeke_bridge.core.providers.anthropic.answer import answer
from zeke_bridge.core.providers.anthropic.request import request
from zeke_bridge.core.providers.anthropic.stream import Reader
from zeke_bridge.core.providers.base import Body
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.native.provider import NativeProvider, StreamReader
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import BadAnswerError

_VERSION = "2023-06-01"
_HOST = "api.anthropic.com"
_PAGES = 20


class AnthropicProvider(NativeProvider):
    """Implements ``Provider`` for one entry of the configuration."""

    def __init__(self, config: ProviderConfig, keys: Keys, limits: Limits) -> None:
        super().__init__(config, keys, limits, fault.refused)
        self._own = urlsplit(config.base_url).hostname == _HOST

    def _headers(self, key: str) -> dict[str, str]:
        told = {"anthropic-version": _VERSION}
        if not key:
            return told
        told["Authorization"] = f"Bearer {key}"
        # Others who speak like it may know only the header that it used to want.
        return told if self._own else {**told, "x-api-key": key}

    def _request(self, body: Mapping[str, Any], *, stream: bool) -> tuple[str, Body]:
        return "/messages", request(body, stream=stream)

    def _answer(self, native: Any, model: str, created: int) -> Body:
        return answer(native, self.name, created)

    def _reader(self, model: str, created: int) -> StreamReader:
        return Reader(self.name, model, created)

    async def _listed(self, key: str) -> dict[str, Traits]:
        found: dict[str, Traits] = {}
        after = ""
        for _ in range(_PAGES):
            page = await self._get(f"/models?limit=1000{after}", key)
            rows = page.get("data") if isinstance(page, dict) else None
            if not isinstance(rows, list):
                raise BadAnswerError(f"{self.name} sent no list of models: check its base_url.")
            found |= {row["id"]: _traits(row) for row in rows if _named(row)}
            if not page.get("has_more") or not isinstance(page.get("last_id"), str):
                break
            after = f"&after_id={quote(page['last_id'], safe='')}"
        return found


def _named(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("id"), str) and bool(row["id"])


def _traits(row: Mapping[str, Any]) -> Traits:
    """What the list says of one model; all of them take tools."""
    context, abilities = row.get("max_input_tokens"), row.get("capabilities")
    able: Mapping[str, Any] = abilities if isinstance(abilities, Mapping) else {}
    return Traits(
        context=context if isinstance(context, int) and context > 0 else None,
        tools=True,
        images=_supported(able.get("image_input")),
    )


def _supported(ability: Any) -> bool | None:
    said = ability.get("supported") if isinstance(ability, Mapping) else None
    return said if isinstance(said, bool) else None
