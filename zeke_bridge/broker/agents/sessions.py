"""The agents that one editor has open: opened, prompted, set, asked about, closed.

Each runs on its own; a turn is a task of the editor like any other. Agents end with the editor.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from zeke_bridge.agents.agent import Agent, Image, Prompt, Reply
from zeke_bridge.broker.agents.feed import AgentFeed
from zeke_bridge.broker.agents.opening import Opening
from zeke_bridge.broker.agents.pictures import is_picture, pictures
from zeke_bridge.broker.agents.session import AgentSession, Questions
from zeke_bridge.broker.attachments import Reading, rendered
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.errors import AgentError, InputError
from zeke_bridge.model.exchange import Message
from zeke_bridge.warden.escape import escape, shorten

if TYPE_CHECKING:
    from zeke_bridge.agents.registry import Entry

# Each is a program of some hundred MB.
MOST_OPEN = 16
_TITLE = 200
# From here on the agent has the question, whatever becomes of its answer.
_PROMPTED = {"sessionUpdate": "_zeke/prompted"}
# A turn hears by itself that its agent has died; one that waits for its person does not.
_LAST_WORDS_S = 1.0


class AgentSessions:
    """Those of one editor, by the name the editor knows them by (``a1``, ``a2`` …)."""

    def __init__(self, session: Session) -> None:
        self._editor = session
        self._numbers = itertools.count(1)
        self._open: dict[str, AgentSession] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    async def agents(self, cwd: str) -> dict[str, Any]:
        """Which agents there are, and which sessions are open."""
        opening = Opening(self._editor, cwd)
        known = await asyncio.to_thread(opening.known)
        return {"agents": known, "sessions": [one.described() for one in self._open.values()]}

    async def open(
        self,
        name: str,
        cwd: str,
        *,
        resume: str = "",
        command: tuple[str, ...] = (),
        wanted: int = 0,
    ) -> dict[str, Any]:
        """A new session with an agent, or one that it resumes; what it offers.

        ``wanted`` is the number by which the editor tells it from others with the same agent; 0:
        the first that is free. Raises ``InputError`` for an agent nobody knows, ``ConsentError``
        when it may not be started, ``ProcessError`` or ``AgentError`` when it cannot.
        """
        if len(self._open) >= MOST_OPEN:
            raise InputError(f"{MOST_OPEN} agents are open already: close one of them.")
        opening = Opening(self._editor, cwd)
        entry = opening.entry(name, command)
        one = self._begun(opening, entry, wanted)
        self._open[one.id] = one
        try:
            one.agent = await opening.agent(one, entry, resume, lambda why: self._died(one, why))
            if one.gone or self._open.get(one.id) is not one:
                raise AgentError(one.gone or "It was closed before it was open.")
        except BaseException:
            if self._open.get(one.id) is one:
                del self._open[one.id]
            await self._end(one)
            raise
        one.state = "idle"
        one.title = shorten(one.agent.opened.title, _TITLE) or one.title
        return one.offers()

    async def known(self, name: str, cwd: str, command: tuple[str, ...] = ()) -> dict[str, Any]:
        """The sessions that the agent of this name, or of ``command``, remembers of ``cwd``.

        One that is open there already is asked, else one is started for it.
        """
        opening = Opening(self._editor, cwd)
        subject = opening.subject(opening.entry(name, command))
        for one in self._open.values():
            same = one.subject == subject and one.cwd == opening.cwd
            if same and one.agent is not None:
                return {"sessions": [asdict(found) for found in await one.agent.known()]}
        offers = await self.open(name, cwd, command=command)
        try:
            found = await self._agent(offers["session"]).known()
        finally:
            await self.close(offers["session"])
        return {"sessions": [asdict(one) for one in found]}

    async def set(self, session: str, what: str, option: str, value: str | bool) -> dict[str, Any]:
        """Switch a mode, or set an option. Raises ``InputError`` and what the agent says."""
        agent = self._agent(session)
        if what == "mode":
            await agent.set_mode(str(value))
            return {"mode": value}
        if what == "config":
            return {"config": [dict(one) for one in await agent.set_config(option, value)]}
        raise InputError(f"There is nothing called {escape(what)} to set: mode or config.")

    async def close(self, session: str) -> dict[str, Any]:
        """End a session and the agent's programs."""
        one = self._found(session)
        del self._open[session]
        if one.task:
            self._editor.tasks.cancel(one.task)
        await self._end(one)
        return {"closed": session}

    def answer(self, session: str, ask: int, reply: Reply) -> bool:
        """The person's answer to what an agent asked; False when it came too late.

        Raises ``InputError`` for one that does not fit, which is waited for still.
        """
        return session in self._open and self._open[session].questions.answer(ask, reply)

    def leave(self) -> None:
        """The editor is gone, and its agents with it."""
        for session in list(self._open):
            self._later(self._leave(session))
        if self._editor.foreign is not None:
            self._later(self._editor.foreign.aclose())

    async def aclose(self) -> None:
        """End all of them, and wait for that."""
        self.leave()
        await asyncio.gather(*self._leaving, return_exceptions=True)

    async def turn(self, _editor: Session, running: Running) -> Mapping[str, Any]:
        """Prompt the session of a task of kind ``agent``; returns the fields of ``task.done``.

        What the last message mentions is read for the agent, in the agent's own name and from the
        session's directory. Raises ``ZekeError``; what was accepted by then stays.
        """
        request = running.request
        one = self._found(request.session)
        agent = self._agent(request.session)
        if one.task:
            raise InputError(f"{one.title or one.name} is at work already: stop it first.")
        there = replace(request, cwd=one.cwd)
        touched = (*self._editor.attached(there), *request.places)
        Opening(self._editor, one.cwd).check(one.root, one.subject, touched)
        one.task, one.state = request.id, "running"
        one.feed.begin(request.id)
        try:
            prompt = await self._prompt(one, running)
            one.feed.say(_PROMPTED)
            stop = await agent.prompt(prompt)
        except asyncio.CancelledError:
            if one.gone:  # and its turn did not hear of that by itself
                raise AgentError(one.gone) from None
            raise
        finally:
            text = one.feed.end()
            one.questions.cancel()
            if one.hands is not None:
                one.hands.turn_ended()
            one.task, one.state = "", "idle"
        done: dict[str, Any] = {"text": text, "stop_reason": stop.reason}
        return done if stop.receipt is None else done | self._editor.receipt(stop.receipt)

    async def _prompt(self, one: AgentSession, running: Running) -> Prompt:
        request, editor = running.request, self._editor
        last, sees = request.messages[-1], one.agent is not None and one.agent.opened.image
        shown = [given for given in last.attachments if sees and is_picture(given)]
        images, parts = await pictures(editor, one.cwd, one.subject, shown)
        reading = Reading(editor, one.cwd, one.subject)
        written = [given for given in last.attachments if given not in shown]
        texts = await reading.take(written)
        if one.hands is not None:
            one.hands.began(request.places)
            one.hands.mentioned(zip(written, texts, strict=True))
        parts += texts
        if parts:
            number = len(request.messages)
            running.send("task.context", parts=[part.fields(number) for part in parts])
        before = f"{rendered(texts)}\n\n" if texts else ""
        images += (Image(given.mime, given.data) for given in request.images)
        past = (Message(turn.role, turn.content) for turn in request.messages[:-1] if turn.content)
        return Prompt(f"{before}{last.content}", tuple(images), tuple(past))

    def _begun(self, opening: Opening, entry: Entry, wanted: int) -> AgentSession:
        """A session in which there is nobody yet; ``wanted`` as for ``open``."""
        session, sink = f"a{next(self._numbers)}", self._editor.sink
        number = wanted or self._free(entry.name)
        subject = replace(opening.subject(entry), session=session, number=number)
        feed = AgentFeed(sink, session, entry.name)
        questions = Questions(sink, session, subject.label())
        title = entry.title
        return AgentSession(
            session,
            entry.name,
            subject,
            opening.root,
            opening.cwd,
            feed,
            questions,
            title=title,
        )

    def _free(self, name: str) -> int:
        """The first number that no open session with this agent has."""
        taken = {one.subject.number for one in self._open.values() if one.name == name}
        return next(number for number in itertools.count(1) if number not in taken)

    def _found(self, session: str) -> AgentSession:
        found = self._open.get(session)
        if found is None:
            raise InputError("This session with the agent is over: open it again.")
        return found

    def _agent(self, session: str) -> Agent:
        agent = self._found(session).agent
        if agent is None:
            raise InputError("The agent is not ready yet: wait a moment.")
        return agent

    def _died(self, one: AgentSession, why: str) -> None:
        """An agent has ended by itself: its turn fails with ``why``, and the editor is told."""
        one.gone = why
        if self._open.pop(one.id, None) is None:
            return
        self._later(self._buried(one, one.task))

    async def _buried(self, one: AgentSession, task: str) -> None:
        """Say that it is gone; first its turn ``task`` fails, if it had one."""
        tasks = self._editor.tasks
        if task and not await tasks.over(task, _LAST_WORDS_S):
            tasks.cancel(task)
            await tasks.over(task, _LAST_WORDS_S)
        told = {"session": one.id, "agent": one.name, "task": task, "reason": one.gone}
        self._editor.sink.send("agent.closed", told)
        await self._end(one)

    async def _leave(self, session: str) -> None:
        if session in self._open:
            await self.close(session)

    async def _end(self, one: AgentSession) -> None:
        """Let go of everything that belongs to it."""
        one.questions.cancel()
        try:
            if one.agent is not None:
                await one.agent.aclose()
        finally:
            if one.hands is not None:
                await one.hands.aclose()

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
