"""The answers that were kept, in memory, under digests of their questions.

An answer is given again to the same client in the same project for the same question, while it is
young enough. The oldest unused ones make room. Use it inside one event loop. Does not know who
answers, nor how much a call would have cost beyond what it was told.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from dataclasses import dataclass

import orjson

from zeke_bridge.config.ghostllm import Caching
from zeke_bridge.core.cache.kept import Kept, keepable
from zeke_bridge.core.cache.lifetime import Lifetimes
from zeke_bridge.core.cache.question import Question
from zeke_bridge.core.cache.similar import Embed, Similar
from zeke_bridge.model.exchange import Cost

# What an entry costs beside its key and its answer: the entry, its numbers, its place in the table.
_OVERHEAD = 280


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """How often an answer was looked for and found, and what is held now, in bytes of memory."""

    hits: int = 0
    misses: int = 0
    entries: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    """A ``Kept`` whose answer is JSON, so that nobody can change it; ``size`` in bytes."""

    answer: bytes
    provider: str
    model: str
    cost: Cost
    at: float
    ttl: float
    size: int
    client: str

    def fresh(self, now: float) -> bool:
        # A clock that was set back must not make an answer live longer.
        return abs(now - self.at) < self.ttl

    def kept(self) -> Kept:
        return Kept(orjson.loads(self.answer), self.provider, self.model, self.cost, self.at)


class AnswerCache:
    """``embed`` is needed for the tier that compares meanings, which ``caching`` may turn on."""

    def __init__(self, caching: Caching, embed: Embed | None = None) -> None:
        self._caching = caching
        self._lifetimes = Lifetimes(caching)
        self._similar = Similar(embed) if caching.similar and embed is not None else None
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._bytes = 0
        self._hits = 0
        self._misses = 0

    def find(self, question: Question, now: float) -> Kept | None:
        """The answer kept for ``question`` but for white space in prose; ``now`` in epoch seconds.

        The caller may change what it gets. Raises ``InputError`` as ``Question.exact`` does.
        """
        if not self._looks_up(question):
            return None
        kept = self._take(question.normalised, question, now)
        if kept is None:
            self._misses += 1
        else:
            self._hits += 1
        return kept

    async def find_similar(self, question: Question, now: float) -> Kept | None:
        """The answer kept for another wording of ``question``; to be asked after ``find``.

        None at once unless the tier is on. Never raises what the embedder does.
        """
        if self._similar is None or not self._looks_up(question):
            return None
        key = await self._similar.match(question)
        kept = None if key is None else self._take(key, question, now)
        if kept is not None:
            self._misses -= 1
            self._hits += 1
        return kept

    def keep(self, question: Question, kept: Kept, now: float) -> None:
        """Keep ``kept`` if the client, the rules and the answer itself allow it (``keepable``)."""
        ttl = self._lifetimes.of(question.task)
        if not (self._caching.enabled and question.control.keep and ttl > 0):
            return
        if question.body.get("n") not in (None, 1) or not keepable(kept.answer):
            return
        key = question.normalised
        self._drop(key)
        # Copied, because what orjson gives holds on to a buffer many times its size.
        data = bytes(memoryview(orjson.dumps(kept.answer)))
        size = sys.getsizeof(data) + sys.getsizeof(key) + _OVERHEAD
        if self._similar is not None:
            size += self._similar.note(question)
        self._entries[key] = _Entry(
            data, kept.provider, kept.model, kept.cost, kept.at, ttl, size, question.client
        )
        self._bytes += size
        self._make_room(now)

    def drop(self, question: Question) -> None:
        """Forget the answer to ``question``."""
        self._drop(question.normalised)

    def clear(self, client: str | None = None) -> int:
        """Forget every answer, or those to ``client``; how many there were.

        The counts of hits and misses go on.
        """
        keys = [key for key, one in self._entries.items() if client in {None, one.client}]
        for key in keys:
            self._drop(key)
        return len(keys)

    def figures(self) -> CacheFigures:
        """What there is and how it went since the start."""
        return CacheFigures(self._hits, self._misses, len(self._entries), self._bytes)

    def _looks_up(self, question: Question) -> bool:
        return (
            self._caching.enabled
            and question.control.lookup
            and self._lifetimes.of(question.task) > 0
        )

    def _take(self, key: str, question: Question, now: float) -> Kept | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if not entry.fresh(now):
            self._drop(key)
            return None
        oldest = question.control.max_age
        if oldest is not None and abs(now - entry.at) > oldest:
            return None
        self._entries.move_to_end(key)
        return entry.kept()

    def _make_room(self, now: float) -> None:
        """Drop what is least used, as long as it is stale or there is too much of it."""
        while self._entries:
            key, entry = next(iter(self._entries.items()))
            if entry.fresh(now) and self._bytes <= self._caching.max_bytes:
                return
            self._drop(key)

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._bytes -= entry.size
        if self._similar is not None:
            self._similar.forget(key)
