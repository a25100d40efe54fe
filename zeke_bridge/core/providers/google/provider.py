"""The provider Google, over the Gemini API.

https://ai.google.dev/api/generate-content, .../api/models and .../api/embeddings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.base import Body
from zeke_bridge.core.providers.google import fault
from zeke_bridge.core.providers.google.answer import answer
from zeke_bridge.core.providers.google.embeddings import batches, joined
from zeke_bridge.core.providers.google.request import request
from zeke_bridge.core.providers.google.stream import Reader
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.native.provider import NativeProvider, StreamReader
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import BadAnswerError, UnknownModelError

_PAGES = 20
# A model's name becomes part of an address.
_NAME = re.compile(r"(?:(?:models|tunedModels)/)?[A-Za-z0-9][A-Za-z0-9._-]*")
_USES = {"generateContent", "embedContent", "batchEmbedContents"}


class GoogleProvider(NativeProvider):
    """Implements ``Provider`` for one entry of the configuration."""

    def __init__(self, config: ProviderConfig, keys: Keys, limits: Limits) -> None:
        super().__init__(config, keys, limits, fault.refused)

    async def embed(self, body: Mapping[str, Any]) -> Body:
        """The vectors of the body's ``input``."""
        model = str(body.get("model") or "")
        resource = self._resource(model)
        with self._standing.watched():
            key = self._standing.key()
            path = f"/{resource}:batchEmbedContents"
            calls = batches(body, resource)
            return joined(
                [await self._post(path, call, key) for call in calls], body, model, self.name
            )

    def _headers(self, key: str) -> dict[str, str]:
        return {"x-goog-api-key": key} if key else {}

    def _request(self, body: Mapping[str, Any], *, stream: bool) -> tuple[str, Body]:
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return f"/{self._resource(str(body.get('model') or ''))}:{method}", request(body)

    def _answer(self, native: Any, model: str, created: int) -> Body:
        return answer(native, self.name, model, created)

    def _reader(self, model: str, created: int) -> StreamReader:
        return Reader(self.name, model, created)

    async def _listed(self, key: str) -> dict[str, Traits]:
        found: dict[str, Traits] = {}
        token = ""
        for _ in range(_PAGES):
            page = await self._get(f"/models?pageSize=1000{token}", key)
            rows = page.get("models") if isinstance(page, dict) else None
            if not isinstance(rows, list):
                raise BadAnswerError(f"{self.name} sent no list of models: check its base_url.")
            found |= {_name(row): _traits(row) for row in rows if _useful(row)}
            following = page.get("nextPageToken")
            if not isinstance(following, str) or not following:
                break
            token = f"&pageToken={quote(following, safe='')}"
        return found

    def _resource(self, model: str) -> str:
        """``models/NAME``; raises ``UnknownModelError`` for what can be no name."""
        if not _NAME.fullmatch(model):
            raise UnknownModelError(f"{self.name} does not have this model.")
        return model if "/" in model else f"models/{model}"


def _useful(row: Any) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("name"), str):
        return False
    uses = row.get("supportedGenerationMethods")
    return not isinstance(uses, list) or not _USES.isdisjoint(map(str, uses))


def _name(row: Mapping[str, Any]) -> str:
    return str(row["name"]).removeprefix("models/")


def _traits(row: Mapping[str, Any]) -> Traits:
    context = row.get("inputTokenLimit")
    return Traits(context=context if isinstance(context, int) and context > 0 else None)
