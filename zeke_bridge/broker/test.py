"""Writing tests for a range: a new test file, reviewed by the person, then consented to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zeke_bridge.broker.relay import relay
from zeke_bridge.broker.review import Base, Change, Settled, Whole
from zeke_bridge.broker.review.summary import instruction as told
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.exchange import CodeAsk
from zeke_bridge.workspace.testfile import content, place


async def test(session: Session, running: Running) -> Mapping[str, Any]:
    """Propose a test file for the request's buffer text, and write it if the person wants it.

    A test file that is there already stays; the new one gets a free name beside it. Returns the
    fields of ``task.done``. Raises ``ConsentError``, ``CoreError`` or ``BadAnswerError``.
    """
    request = running.request
    root = session.root(request.buffer.path if request.buffer else "", request.cwd)
    testing = Testing(session, running, root)
    change = Change(session, running, root, again=testing.again)
    await change.until_settled([await testing.proposed(request.instruction)])
    return {**change.fields(), **testing.receipt}


class Testing:
    """One test file that a model writes, until the person has no reason to ask again."""

    def __init__(self, session: Session, running: Running, root: str) -> None:
        self._session = session
        self._running = running
        self._root = root
        self._path = ""
        self._rounds: list[Sequence[Settled]] = []
        self.receipt: Mapping[str, Any] = {}
        """Of the last answer, as fields of ``task.done``."""

    async def proposed(self, instruction: str) -> Whole:
        """The test file as the model would write it. Raises as ``test`` does."""
        session, request = self._session, self._running.request
        source = await session.source(request)
        ask = CodeAsk(source.audience, "test", source.snippet, instruction)
        answer = await relay(session.client().code(ask), self._running.sink, request.id)
        self.receipt = session.receipt(answer.receipt)
        text, note = content(answer.text), ""
        if not self._path:
            snippet = source.snippet
            beside = snippet.path if request.buffer and request.buffer.is_file else ""
            spot = place(beside, snippet.language, self._exists)
            self._path = spot.path
            note = f"{spot.taken} is there already and stays as it is." if spot.taken else ""
        return Whole(self._path, text, note)

    async def again(
        self, settled: Sequence[Settled], _texts: Mapping[int, Base]
    ) -> Sequence[Whole]:
        """The file that the model proposes once it has heard of this; it keeps its name."""
        self._rounds.append(settled)
        wish = self._running.request.instruction
        return [await self.proposed(told(wish, self._rounds))]

    def _exists(self, path: str) -> bool:
        return self._session.exists(self._root, path)
