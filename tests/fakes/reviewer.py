"""The person and the editor of one change under review, on a ``Street``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.fakes.street import Sink, Street
from zeke_bridge.bridge import params
from zeke_bridge.broker.review import Again, Change, Proposed
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Mail, Running
from zeke_bridge.model.task import TaskKind, TaskRequest

AUTO = {"ghostllm": {"auto_approve_write": True}}


class Reviewer:
    """Submits a task and says what is wanted of its files; answers as an editor does."""

    def __init__(self, street: Street, **more: Any) -> None:
        session, sink = street.editor(**more)
        self.street = street
        self.session: Session = session
        self.sink: Sink = sink
        self.task = ""

    def submit(self, request: TaskRequest) -> None:
        """Start it."""
        self.task = request.id
        self.street.broker.submit(self.session, request)

    def review(self, proposed: Sequence[Proposed], again: Again | None = None) -> None:
        """Review what somebody proposes who is no model."""

        async def job(running: Running) -> Mapping[str, Any]:
            root = str(self.street.project)
            change = Change(self.session, running, root, again=again)
            await change.until_settled(proposed)
            return change.fields()

        self.task = "1"
        request = TaskRequest("1", TaskKind.CREATE, self.session.cwd, instruction="title")
        self.session.tasks.submit(request, job)

    def say(self, name: str, **fields: Any) -> None:
        """One mail, read as the bridge reads it."""
        known = {"id": self.task, **fields}
        self.session.tasks.deliver(self.task, Mail(name, params.said(name, known)))

    async def patch(self, count: int = 1) -> Any:
        """The ``count``-th diff."""
        return await self.sink.until("task.patch", count)

    async def answer(self, choice: str, count: int = 1) -> Any:
        """Answer the ``count``-th question of GhostWarden; what it was."""
        asked: Any = await self.sink.until("consent.asked", count)
        assert self.session.answer(asked["prompt"], choice)
        return asked

    async def apply(self, count: int = 1, *, fits: bool = True, modified: bool = False) -> Any:
        """Answer the ``count``-th ``task.apply``."""
        wanted: Any = await self.sink.until("task.apply", count)
        self.say("edit.ready", file=wanted["file"], fits=fits, modified=modified)
        return wanted

    async def settled(self, count: int = 1) -> Any:
        """What became of the ``count``-th file that is settled."""
        return await self.sink.until("task.settled", count)

    async def done(self) -> Any:
        """The good end."""
        return await self.sink.until("task.done")

    async def failed(self) -> Any:
        """The other end."""
        return await self.sink.until("task.failed")
