"""Questions that ask the same in other words: the tier that compares meanings.

No threshold tells ``enable`` from ``disable`` by their vectors, and a reversed question is nearer
than an honest rewording. So two questions must first have one gist (``cache.gist``), and all else
about them must be equal; the vectors only have to agree. The embedder is asked when there is such a
pair, and at no other time. Use it inside one event loop. Does not know which model embeds.
"""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from zeke_bridge.core.cache.gist import gist
from zeke_bridge.core.cache.question import Question
from zeke_bridge.model.errors import CoreError

Vector = Sequence[float]
Embed = Callable[[str], Awaitable[Vector]]
"""Gives the vector of a text; may raise a ``CoreError``."""

CLOSE = 0.97
"""The cosine from which on two texts may mean the same."""
# Seconds: an answer must not come later because of the cache.
_PATIENCE = 2.0
# What a remembered question costs beside its texts.
_OVERHEAD = 300


class Similar:
    """The short questions whose answers are kept, by gist."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._texts: dict[str, dict[str, str]] = {}
        self._groups: dict[str, str] = {}

    def note(self, question: Question) -> int:
        """Remember that the answer to ``question`` is kept; the bytes that this takes."""
        said = _said(question)
        if said is None:
            return 0
        group, text = said
        key = question.normalised
        self._groups[key] = group
        self._texts.setdefault(group, {})[key] = text
        return sys.getsizeof(text) + sys.getsizeof(group) + _OVERHEAD

    def forget(self, key: str) -> None:
        """The answer under ``key`` is not kept any more."""
        group = self._groups.pop(key, None)
        if group is None:
            return
        del self._texts[group][key]
        if not self._texts[group]:
            del self._texts[group]

    async def match(self, question: Question) -> str | None:
        """The key of a kept answer to a question that means the same; None when none is certain."""
        said = _said(question)
        if said is None or said[0] not in self._texts:
            return None
        group, text = said
        candidates = dict(self._texts[group])
        try:
            async with asyncio.timeout(_PATIENCE):
                vector = await self._embed(text)
                for key, other in reversed(candidates.items()):
                    if cosine(vector, await self._embed(other)) >= CLOSE:
                        return key
        except (CoreError, TimeoutError):
            return None
        return None


def cosine(one: Vector, other: Vector) -> float:
    """The cosine between two vectors; 0 when they cannot be compared."""
    if len(one) != len(other):
        return 0.0
    product = math.fsum(a * b for a, b in zip(one, other, strict=True))
    size = math.hypot(*one) * math.hypot(*other)
    return product / size if size > 0 and math.isfinite(size) else 0.0


def _said(question: Question) -> tuple[str, str] | None:
    """The group of a question, which is all of it but the wording, and its wording."""
    messages = question.body.get("messages")
    last: Mapping[str, Any] = {}
    if isinstance(messages, list) and messages and isinstance(messages[-1], dict):
        last = messages[-1]
    text = last.get("content")
    if last.get("role") != "user" or not isinstance(text, str):
        return None
    meant = gist(text)
    if meant is None or not isinstance(messages, list):
        return None
    turns = [*messages[:-1], {**last, "content": meant}]
    return question.key_of({**question.body, "messages": turns}), text
