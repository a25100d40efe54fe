"""A change that the editor itself brings, such as a block of code from a chat. No model is asked.

It is reviewed and consented to as any other; a reason has nobody to go to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.broker.review import Change, Patched, Proposed, Whole
from zeke_bridge.broker.review.base import of_buffer
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.errors import InputError
from zeke_bridge.model.task import TaskRequest
from zeke_bridge.workspace.patch import Patch, hunks


async def propose(session: Session, running: Running) -> Mapping[str, Any]:
    """Review the request's text for its buffer or path. Returns the fields of ``task.done``.

    Raises ``InputError`` when there is no text.
    """
    request = running.request
    proposed = _proposed(request)
    change = Change(session, running, session.root(proposed.path, request.cwd))
    await change.until_settled([proposed])
    return change.fields()


def _proposed(request: TaskRequest) -> Proposed:
    if request.text is None:
        raise InputError("There is no text to propose.")
    buffer = request.buffer
    if buffer is None:
        return Whole(request.path, request.text)
    base = of_buffer(buffer)
    lines = request.text.removesuffix("\n").split("\n")
    return Patched(buffer.path, base, Patch(hunks(base.lines, lines)))
