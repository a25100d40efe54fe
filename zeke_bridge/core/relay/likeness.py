"""The cache of a core, with the vectors of its own models where meanings are compared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from zeke_bridge.config.ghostllm import Caching
from zeke_bridge.core.cache.answers import AnswerCache
from zeke_bridge.core.order import Order
from zeke_bridge.core.providers.base import Body
from zeke_bridge.core.records import log
from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.model.exchange import Audience

Ask = Callable[[Order], Awaitable[Body]]
"""Gives the whole answer. Raises a ``ZekeError``."""


def cache_for(caching: Caching, ask: Ask) -> AnswerCache:
    """A cache as ``caching`` says; the vectors it may need come by ``ask``."""

    async def embed(text: str) -> Sequence[float]:
        order = Order(
            Audience(caching.embedder or "auto"),
            "embedding",
            {"input": text},
            kind="embed",
            keep=False,
            whole=True,
        )
        own = log.request_id.get()
        try:
            answer = await ask(order)
        finally:
            # What is logged from here on is about the question again.
            log.request_id.set(own)
        vector = answer["data"][0].get("embedding") if answer.get("data") else None
        if not isinstance(vector, list):
            raise BadAnswerError("The model for comparing meanings sent no vector.")
        return vector

    return AnswerCache(caching, embed if caching.similar else None)
