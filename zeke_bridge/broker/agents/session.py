"""One open session with an agent, as the broker keeps it for an editor.

Holds what belongs together: the agent, its hands, and where its updates go. Does not open it.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from zeke_bridge.agents.agent import Agent, Question, Reply
from zeke_bridge.broker.agents.feed import AgentFeed
from zeke_bridge.broker.ports import EventSink
from zeke_bridge.model.action import Subject
from zeke_bridge.model.errors import InputError
from zeke_bridge.warden.escape import escape, shorten

if TYPE_CHECKING:
    from zeke_bridge.broker.agents.hands import Hands

# A person who is asked something by an agent may be at lunch.
ANSWER_LIMIT_S = 600.0
_MOST_MESSAGE = 2000

State = Literal["opening", "idle", "running"]


class Questions:
    """The elicitations of one session that wait for its person."""

    def __init__(self, sink: EventSink, session: str, agent: str) -> None:
        self._sink = sink
        self._head = {"session": session, "agent": agent}
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[asyncio.Future[Reply], Question]] = {}

    async def ask(self, question: Question) -> Reply:
        """Put it to the person; nobody answering is ``cancel``."""
        from zeke_bridge.agents.form import without_nulls

        number = next(self._numbers)
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (future, question)
        self._sink.send(
            "agent.asked",
            {
                **self._head,
                "ask": number,
                "message": shorten(question.message, _MOST_MESSAGE),
                "mode": question.mode,
                "schema": without_nulls(question.schema),
                # A table of Lua has no order.
                "fields": list(question.schema.get("properties") or ()),
                "url": escape(question.url),
            },
        )
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                return await future
        except TimeoutError:
            return Reply("cancel")
        finally:
            self._waiting.pop(number, None)
            self._sink.send("agent.unasked", {**self._head, "ask": number})

    def answer(self, number: int, reply: Reply) -> bool:
        """Take an answer; False when nobody waits for it.

        Raises ``InputError`` for one that does not fit the form, which goes on waiting.
        """
        future, question = self._waiting.get(number, (None, None))
        if future is None or question is None or future.done():
            return False
        future.set_result(_fitting(question, reply))
        return True

    def cancel(self) -> None:
        """Answer all of them with ``cancel``."""
        for number in list(self._waiting):
            self.answer(number, Reply("cancel"))


def _fitting(question: Question, reply: Reply) -> Reply:
    """``reply`` as it may go out. Raises ``InputError``."""
    if reply.action != "accept" or question.mode == "url":
        return Reply(reply.action)
    # What reads forms was loaded by the one who asked.
    from zeke_bridge.agents.form import misfit

    wrong = misfit(question.schema, reply.content)
    if wrong:
        raise InputError(f"The answer does not fit: {wrong} Nothing was sent.")
    return reply


@dataclass(slots=True, eq=False)
class AgentSession:
    """``id`` names it to the editor; the agent's own id is in ``agent.opened``.

    ``cwd`` is the directory it was opened in, of the project ``root``; it works there to its end,
    wherever its person goes. ``state`` is ``opening`` until there is an ``agent``.
    """

    id: str
    name: str
    subject: Subject
    root: str
    cwd: str
    feed: AgentFeed
    questions: Questions
    title: str = ""
    state: State = "opening"
    agent: Agent | None = None
    hands: Hands | None = None
    task: str = ""
    gone: str = ""
    """Why it is over, when the agent has ended by itself."""

    def described(self) -> dict[str, Any]:
        """What a list of sessions shows."""
        return {
            "session": self.id,
            "agent": self.name,
            "title": self.title,
            "state": self.state,
            "task": self.task,
            "root": self.root,
        }

    def offers(self) -> dict[str, Any]:
        """What the editor is told when it is open."""
        opened = self.agent.opened if self.agent is not None else None
        if opened is None:
            return self.described()
        return {
            **self.described(),
            "id": opened.id,
            "image": opened.image,
            "resumed": opened.resumed,
            "modes": dict(opened.modes),
            "config": [dict(one) for one in opened.config],
            "commands": [dict(one) for one in opened.commands],
        }
