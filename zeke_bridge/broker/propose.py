"""A change that the editor itself brings, such as a block of code from a chat. No model is asked.

It is reviewed and consented to as any other; who hears a reason is the editor's to know. What the
editor has seen of the text may be old by now: the change is made for that, and carried onto what is
there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from zeke_bridge.broker.review import Base, Carried, Change, Proposed, Whole
from zeke_bridge.broker.review.base import NOTHING, of_buffer, of_content
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.errors import InputError
from zeke_bridge.model.task import TaskRequest
from zeke_bridge.workspace.patch import Hunk, Patch, apply, hunks, landed


async def propose(session: Session, running: Running) -> Mapping[str, Any]:
    """Review the request's text for its buffer or path. Returns the fields of ``task.done``.

    Raises ``InputError`` when there is no text, and ``PatchError`` for lines that are not there,
    and for a patch that does not fit.
    """
    request = running.request
    proposed = _proposed(request)
    change = Change(session, running, session.root(proposed.path, request.cwd))
    await change.until_settled([proposed])
    return change.fields()


def _proposed(request: TaskRequest) -> Proposed:
    if request.text is None and not request.edits and request.patch is None:
        raise InputError("There is no text to propose.")
    buffer = request.buffer
    if buffer is None:
        if request.text is not None and request.base is None:
            return Whole(request.path, request.text)
        seen = NOTHING if request.base is None else of_content(request.base.encode())
        return Carried(request.path, seen, _patch(request, seen))
    now = of_buffer(buffer)
    seen = now if request.base is None else replace(now, lines=tuple(request.base.split("\n")))
    return Carried(buffer.file, seen, _patch(request, seen), now)


def _patch(request: TaskRequest, seen: Base) -> Patch:
    lines = _lines(request, seen)
    return Patch(hunks(seen.lines, lines) if seen.exists else (Hunk(1, (), lines),))


def _lines(request: TaskRequest, seen: Base) -> tuple[str, ...]:
    """The whole text as it would be. In an empty one there is no place but all of it."""
    if request.text is not None:
        return _ended(request.text.removesuffix("\n").split("\n"), seen)
    if request.patch is not None:
        return landed(request.patch, seen.lines)
    edits = sorted(request.edits, key=lambda edit: edit.first)
    if not seen.text:
        return _ended([line for edit in edits for line in edit.lines], seen)
    wanted = (
        Hunk(edit.first, seen.lines[edit.first - 1 : edit.last], _ended(edit.lines, seen))
        for edit in edits
    )
    return tuple(apply(seen.lines, wanted))


def _ended(lines: Sequence[str], seen: Base) -> tuple[str, ...]:
    """The lines without the ends that the file gives them anyway."""
    if seen.eol == "\r\n":
        return tuple(line.removesuffix("\r") for line in lines)
    return tuple(lines)
