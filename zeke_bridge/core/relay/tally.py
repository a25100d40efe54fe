"""What has come of one answer so far: its usage, its beginning, and all of it."""

from __future__ import annotations

from time import perf_counter

from zeke_bridge.core.cache.replay import gathered
from zeke_bridge.core.providers.base import Body, Chunk
from zeke_bridge.core.relay.joined import joined
from zeke_bridge.model.exchange import Usage
from zeke_bridge.wire.openai import usage_of

# Characters of an answer a token, about.
_TOKEN = 4


class Tally:
    """Counts from the moment it is made; with ``keep`` it holds on to what comes."""

    def __init__(self, *, keep: bool) -> None:
        self.first: float | None = None
        self.usage: Usage | None = None
        self._started = perf_counter()
        self._whole: Body | None = None
        self._keep = keep
        self._chunks: list[Chunk] = []
        self._events = 0

    @property
    def began(self) -> bool:
        """Whether anything has come."""
        return self.first is not None

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return perf_counter() - self._started

    def take(self, chunks: list[Chunk]) -> None:
        """Note chunks of a stream."""
        if self.first is None:
            self.first = self.seconds
        self._events += len(chunks)
        for chunk in chunks:
            if chunk.body.get("usage"):
                self.usage = usage_of(chunk.body) or self.usage
        if self._keep:
            self._chunks += chunks

    def take_whole(self, answer: Body) -> None:
        """Note an answer that came in one piece."""
        self.first = self.seconds
        self.usage = usage_of(answer)
        self._whole = answer

    def answer(self) -> Body | None:
        """The whole answer, as far as it can be put together with certainty."""
        return self._whole or gathered(self._chunks)

    def everything(self) -> Body:
        """All that came, with every text in one piece."""
        return joined([self._whole] if self._whole else (chunk.body for chunk in self._chunks))

    def spent(self, asked: int) -> Usage:
        """The usage; a guess when the provider said none, for a question of ``asked`` tokens.

        Most servers send an event for each token. A question that was left before anything came
        counts too, because its provider may have begun to read it.
        """
        if self.usage is not None:
            return self.usage
        said = self._events
        if self._whole is not None:
            said = round(len(str(self._whole.get("choices", ""))) / _TOKEN)
        return Usage(asked, said, asked + said)
