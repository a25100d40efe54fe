"""Help with a shell: a command for a wish, what a command does, why one failed.

Nothing is run here. What a model sees is what the person typed or selected, and a few names: the
shell, the system, the directory, the branch (if GhostWarden would let it be read unasked).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from zeke_bridge.broker.relay import relay
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import Suggestion, TerminalAsk
from zeke_bridge.warden.escape import escape


async def terminal(session: Session, running: Running) -> Mapping[str, Any]:
    """Stream an answer; ``task.sent`` says first what the model is shown.

    Returns the fields of ``task.done``, with ``suggestion`` when a command was wished for. Raises
    ``ConsentError`` or ``CoreError``.
    """
    # The names are those of where its person is, whatever file is looked at.
    request = replace(running.request, places=(*running.request.places, running.request.cwd))
    shell = request.shell
    if shell is None:
        raise InputError("This task does not say what help is wanted.")
    output, audience = shell.output, session.audience(request)
    if request.buffer is not None:
        source = await session.source(request)
        output, audience = source.snippet.code, source.audience
    root = session.root("", request.cwd)
    branch = ""
    if await session.may_tell_history(root):
        branch = await asyncio.to_thread(session.projects.branch, root)
    ask = TerminalAsk(
        audience,
        shell.job,
        request.instruction,
        output=output,
        shell=shell.name,
        system=shell.system,
        cwd=PurePosixPath(request.cwd).name,
        branch=branch,
    )
    running.send(
        "task.sent",
        shell=ask.shell,
        system=ask.system,
        cwd=escape(ask.cwd),
        branch=escape(branch),
        output=len(output.splitlines()),
    )
    answer = await relay(session.client().terminal(ask), running.sink, request.id)
    said = _said(answer.suggestion) if answer.suggestion is not None else {}
    return {"text": answer.text, **said, **session.receipt(answer.receipt)}


def _said(suggestion: Suggestion) -> dict[str, Any]:
    """``plain``: what is shown of the command is all of it, and no key but letters."""
    plain = escape(suggestion.command) == suggestion.command
    fields = {
        "command": suggestion.command,
        "shown": escape(suggestion.command),
        "explanation": escape(suggestion.explanation),
        "dangerous": suggestion.dangerous or not plain,
        "plain": plain,
    }
    return {"suggestion": fields}
