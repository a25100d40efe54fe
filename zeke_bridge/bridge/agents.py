"""What an editor may ask about agents, by name; see ``bridge.methods`` for how methods are called.

    agent.list       {cwd, reply}
    agent.open       {agent, cwd, here, resume, command, number, reply}
                     resume: the agent's own id of a session; command: argv of one nobody knows;
                     number: which of the editor's conversations with this agent it is, from 1
    agent.sessions   {agent, cwd, here, command, reply}  what the agent could resume there
    agent.set        {session, what, id, value, reply}   what: mode | config
    agent.close      {session, reply}
    agent.answer     {session, ask, action, content, reply}
                     a content that does not fit is refused, and the question goes on waiting
    editor.answer    {ask, data, error}   the answer to editor.asked
    editor.unsaved   {paths}
                     where the files of its buffers with unsaved changes are, all of them, with and
                     without links: each time that changes

A turn is ``task.submit {kind = "agent", session, messages, images}``. Answers to notifications come
as the event ``state`` with ``what = "agent"``.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

from zeke_bridge.bridge import params as read
from zeke_bridge.bridge.whereabouts import meant
from zeke_bridge.broker.broker import Broker
from zeke_bridge.broker.session import Session
from zeke_bridge.model.errors import InputError

Params = Mapping[str, Any]
Answer = Mapping[str, Any] | Coroutine[Any, Any, Mapping[str, Any]]
_MOST_WORDS = 256
_MOST_NUMBER = 9999


async def _list(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    return _told(await broker.agents(session).agents(meant(session, fields)))


async def _open(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    opened = await broker.agents(session).open(
        read.text(fields, "agent", ""),
        meant(session, fields),
        resume=read.text(fields, "resume", ""),
        command=_command(fields),
        wanted=_number(fields),
    )
    return _told(opened)


def _command(fields: Params) -> tuple[str, ...]:
    command = read.texts(fields, "command")
    if len(command) > _MOST_WORDS:
        raise InputError(f"A command has at most {_MOST_WORDS} words.")
    return command


def _number(fields: Params) -> int:
    number = read.field(fields, "number", int, 0)
    if not 0 <= number <= _MOST_NUMBER:
        raise InputError(f"The field number is from 1 to {_MOST_NUMBER}.")
    return number


async def _sessions(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    agent, cwd = read.text(fields, "agent"), meant(session, fields)
    return _told(await broker.agents(session).known(agent, cwd, _command(fields)))


async def _set(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    value = fields.get("value")
    if not isinstance(value, (str, bool)):
        raise InputError("The field value must be a string, true or false.")
    name, what = read.text(fields, "session"), read.text(fields, "what")
    return _told(await broker.agents(session).set(name, what, read.text(fields, "id", ""), value))


async def _close(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    return _told(await broker.agents(session).close(read.text(fields, "session")))


def _answer(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    # There is an agent, so this is loaded; at the start of the broker nobody wants it.
    from zeke_bridge.agents.agent import Reply

    action = read.text(fields, "action")
    if action not in ("accept", "decline", "cancel"):
        raise InputError("The field action is none of accept, decline and cancel.")
    content = fields.get("content")
    reply = Reply(cast("Any", action), content if isinstance(content, Mapping) else {})
    ask = read.field(fields, "ask", int)
    counted = broker.agents(session).answer(read.text(fields, "session"), ask, reply)
    return _told({"counted": counted})


def _told_by_editor(_broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    error = read.text(fields, "error", "")
    ask = read.field(fields, "ask", int)
    return {"counted": session.asking.answer(ask, fields.get("data"), error)}


def _unsaved(_broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    read.field(fields, "paths", list)
    session.asking.unsaved = read.unsaved(fields, "paths")
    return {}


def _told(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"what": "agent", "data": data}


AGENT_METHODS: Mapping[str, Callable[[Broker, Session, Params], Answer]] = {
    "agent.list": _list,
    "agent.open": _open,
    "agent.sessions": _sessions,
    "agent.set": _set,
    "agent.close": _close,
    "agent.answer": _answer,
    "editor.answer": _told_by_editor,
    "editor.unsaved": _unsaved,
}
ANSWERED = AGENT_METHODS.keys() - {"editor.answer", "editor.unsaved"}
"""Those whose answer to a notification is the event ``state``."""
