"""A routing core by script, in this process: what it is asked is kept, what it says is told."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from typing import Any

from zeke_bridge.model.exchange import Answer, Budget, Delta, Piece, Receipt, Suggestion
from zeke_bridge.model.stats import Stats


class FakeModel:
    """Answers ``answers`` in order, in two pieces; an exception among them is raised.

    It is a ``ModelClient`` and, for ``Services``, the ``Cores`` that lead to it.
    """

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = deque(answers)
        self.asks: list[Any] = []
        self.receipt = Receipt("echo", "fake")
        self.suggestion: Suggestion | None = None
        self.figures: Stats | Exception = Stats()
        self.limit: Budget | Exception | None = None

    def client(self, settings: Any) -> FakeModel:
        """It is its own."""
        return self

    async def budget(self) -> Budget | None:
        """Where the limit stands that it was told of."""
        if isinstance(self.limit, Exception):
            raise self.limit
        return self.limit

    async def stats(self) -> Stats:
        """What it was told to say."""
        if isinstance(self.figures, Exception):
            raise self.figures
        return self.figures

    async def chat(self, ask: Any) -> AsyncGenerator[Piece, None]:
        """The next answer."""
        self.asks.append(ask)
        said = self.answers.popleft()
        if isinstance(said, Exception):
            raise said
        middle = len(said) // 2
        for part in (said[:middle], said[middle:]):
            yield Delta(part)
        yield Answer(said, self.receipt, self.suggestion)

    code = context = terminal = chat
