"""What may be asked of the Neovim of a project by who is no editor; see ``bridge.methods``.

    editor.buffers      {cwd, client}
    editor.text         {cwd, client, path}
    editor.selection    {cwd, client}
    editor.diagnostics  {cwd, client, path}        path: "" for all
    editor.open         {cwd, client, path, line}
    editor.propose      {cwd, client, path, text | edits: [{old_text, new_text}]}

``client`` is what the asker calls itself: GhostWarden asks in its name. They are requests, and a
request ends with its connection; a question to the person that waits is withdrawn then.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from zeke_bridge.bridge import params as read
from zeke_bridge.broker.broker import Broker
from zeke_bridge.broker.session import Session
from zeke_bridge.model.errors import InputError

if TYPE_CHECKING:
    from zeke_bridge.broker.agents.serving import Serving

Params = Mapping[str, Any]
Answer = Coroutine[Any, Any, Mapping[str, Any]]
_MOST_EDITS = 200


async def _buffers(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    return await _serving(broker, session, fields).buffers()


async def _text(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    return await _serving(broker, session, fields).text(read.text(fields, "path"))


async def _selection(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    return await _serving(broker, session, fields).selection()


async def _diagnostics(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    return await _serving(broker, session, fields).diagnostics(read.text(fields, "path", ""))


async def _open(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    line = read.field(fields, "line", int, 1)
    return await _serving(broker, session, fields).open(read.text(fields, "path"), line)


async def _propose(broker: Broker, session: Session, fields: Params) -> Mapping[str, Any]:
    text = read.text(fields, "text") if fields.get("text") is not None else None
    path = read.text(fields, "path")
    return await _serving(broker, session, fields).propose(path, text, _edits(fields))


def _edits(fields: Params) -> list[tuple[str, str]]:
    given = fields.get("edits") or []
    if not isinstance(given, list) or len(given) > _MOST_EDITS:
        raise InputError(f"The field edits must be a list of at most {_MOST_EDITS}.")
    edits: list[tuple[str, str]] = []
    for one in given:
        if not isinstance(one, Mapping):
            raise InputError("Each of edits must be a table with old_text and new_text.")
        edits.append((read.text(one, "old_text"), read.text(one, "new_text")))
    return edits


def _serving(broker: Broker, session: Session, fields: Params) -> Serving:
    # Loaded when it is wanted: an editor waits for the first answer of the broker.
    from zeke_bridge.broker.agents.serving import Serving

    root = session.root("", read.place(fields, "cwd", session.cwd))
    return Serving(broker.editors, root, read.text(fields, "client"))


KNOWING_METHODS: Mapping[str, Callable[[Broker, Session, Params], Answer]] = {
    "editor.buffers": _buffers,
    "editor.text": _text,
    "editor.selection": _selection,
    "editor.diagnostics": _diagnostics,
    "editor.open": _open,
    "editor.propose": _propose,
}
