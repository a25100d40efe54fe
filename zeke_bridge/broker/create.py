"""Creating files from a description: proposed first, chosen by the person, each consented to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from zeke_bridge.broker.relay import relay
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import ChangedError, ConsentError, StoreError
from zeke_bridge.model.exchange import ChatAsk, Message, Receipt
from zeke_bridge.workspace.proposal import SCHEMA, ProposedFile, parse_proposal

MANNER = Message(
    "system",
    "You create files for a software project. Answer with JSON only: "
    '{"files": [{"path": "relative/path.ext", "content": "the whole file"}]}. '
    "Use as few files as the task needs, with short paths. Write complete, working code.",
)
# How much of a new file the prompt may show; it folds the rest.
SHOWN_LINES = 200
# A place that moves again and again is not waited for.
MOST_ASKED = 3


async def create(session: Session, running: Running) -> Mapping[str, Any]:
    """Propose files and write those the person chose and GhostWarden allowed.

    Returns the fields of ``task.done``, with one entry for each chosen file saying what became
    of it. Raises ``CoreError`` or ``BadAnswerError``.
    """
    request = running.request
    messages = (MANNER, Message("user", request.instruction))
    ask = ChatAsk(session.audience(request), messages, task="create", schema=SCHEMA)
    answer = await relay(session.client().chat(ask), running.sink, request.id)
    root = session.root("", request.cwd)
    return await offer(session, running, root, parse_proposal(answer.text), answer.receipt)


async def offer(
    session: Session,
    running: Running,
    root: str,
    proposal: tuple[ProposedFile, ...],
    receipt: Receipt,
    *,
    problems: Sequence[str] = (),
) -> Mapping[str, Any]:
    """Show ``proposal``, and write what the person chooses and GhostWarden allows.

    ``problems`` are sentences to show with it. Returns the fields of ``task.done``.
    """
    running.send(
        "task.files",
        root=root,
        files=[
            {
                "path": file.path,
                "content": file.content,
                "exists": session.exists(root, file.path),
            }
            for file in proposal
        ],
        problems=list(problems),
    )
    chosen = await _choice(running, proposal)
    files = [await _write(session, root, file) for file in chosen]
    return {"files": files, "root": root, **session.receipt(receipt)}


async def _choice(running: Running, proposal: tuple[ProposedFile, ...]) -> list[ProposedFile]:
    while True:
        mail = await running.mail.get()
        if mail.name == "create.answer":
            accepted = mail.fields.get("accept") or ()
            return [file for number, file in enumerate(proposal, 1) if number in accepted]


async def _write(session: Session, root: str, file: ProposedFile) -> dict[str, str]:
    content = file.content.encode("utf-8")
    lines = file.content.splitlines()
    action = Action(
        Op.CREATE,
        root,
        path=file.path,
        content_sha256=hashlib.sha256(content).hexdigest(),
        added=len(lines),
        diff=tuple(f"+{line}" for line in lines[:SHOWN_LINES]),
    )
    try:
        await _consented(session, action, content)
    except ConsentError as error:
        return {"path": file.path, "state": "denied", "message": error.message}
    except StoreError as error:
        return {"path": file.path, "state": "failed", "message": error.message}
    return {"path": file.path, "state": "written", "message": ""}


async def _consented(session: Session, action: Action, content: bytes) -> None:
    """Write what the person allows; where the place moved under the prompt, ask about it anew."""
    for left in reversed(range(MOST_ASKED)):
        try:
            permit = await session.authorize(action)
            await session.write(permit, content)
        except ChangedError:
            if not left:
                raise
        else:
            return
