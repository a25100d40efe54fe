"""Creating files from a description: proposed first, reviewed by the person, each consented to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zeke_bridge.broker.relay import relay
from zeke_bridge.broker.review import Base, Change, Settled, Unfit, Whole
from zeke_bridge.broker.review.summary import request as told
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.exchange import ChatAsk, Message
from zeke_bridge.workspace.proposal import SCHEMA, parse_proposal

MANNER = Message(
    "system",
    "You create files for a software project. Answer with JSON only: "
    '{"files": [{"path": "relative/path.ext", "content": "the whole file"}]}. '
    "Use as few files as the task needs, with short paths. Write complete, working code.",
)


async def create(session: Session, running: Running) -> Mapping[str, Any]:
    """Propose files and write those the person accepts and GhostWarden allows.

    Of a file that is there already the differences are shown. Returns the fields of
    ``task.done``. Raises ``CoreError`` or ``BadAnswerError``.
    """
    creating = Creating(session, running)
    root = session.root("", running.request.cwd)
    change = Change(session, running, root, again=creating.again)
    await change.until_settled(await creating.proposed())
    return {**change.fields(), **creating.receipt}


class Creating:
    """The conversation with the model about the files."""

    def __init__(self, session: Session, running: Running) -> None:
        self._session = session
        self._running = running
        self._messages = [MANNER, Message("user", running.request.instruction)]
        self.receipt: Mapping[str, Any] = {}
        """Of the last answer, as fields of ``task.done``."""

    async def proposed(self) -> Sequence[Whole | Unfit]:
        """The files of the model's next answer. Raises as ``create`` does."""
        session, request = self._session, self._running.request
        audience = session.audience(request)
        ask = ChatAsk(audience, tuple(self._messages), task="create", schema=SCHEMA)
        answer = await relay(session.client().chat(ask), self._running.sink, request.id)
        self.receipt = session.receipt(answer.receipt)
        self._messages.append(Message("assistant", answer.text))
        return [
            Unfit(file.path, file.problem) if file.problem else Whole(file.path, file.content)
            for file in parse_proposal(answer.text)
        ]

    async def again(
        self, settled: Sequence[Settled], _texts: Mapping[int, Base]
    ) -> Sequence[Whole | Unfit]:
        """The files that the model proposes once it has heard of these."""
        self._messages.append(Message("user", told(settled)))
        return await self.proposed()
