"""Analyzing a range for several kinds; what is asked at the same time shares one call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from zeke_bridge.broker.attachments.part import as_text
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import BadAnswerError, InputError
from zeke_bridge.model.exchange import Audience, Finding, Snippet
from zeke_bridge.model.task import TaskRequest

MOST_BYTES = 256 * 1024


async def analyze(session: Session, running: Running) -> Mapping[str, Any]:
    """Collect the findings of every kind that the request names.

    Returns the fields of ``task.done``. Raises ``ConsentError``, ``CoreError``, and
    ``BadAnswerError`` when none of the kinds got an answer that makes sense.
    """
    request = running.request
    read = Snippet("")

    async def snippet() -> Snippet:
        nonlocal read
        if request.buffer is None:
            read = await _read(session, request)
        else:
            read = (await session.source(request)).snippet
        return read

    first = session.audience(request)

    def audience() -> Audience:
        # The model stays; the project may be closed to other machines at any moment.
        return replace(first, local_only=session.audience(request).local_only)

    found = await session.collector().analyze(
        f"{session.id}/{request.id}", audience, request.kinds, snippet
    )
    if len(found.unanswered) == len(request.kinds):
        raise BadAnswerError(
            "The model gave no findings that make sense, twice: try a smaller range or another "
            "model (:ZekeSetModel)."
        )
    return {
        "kinds": [kind for kind in request.kinds if kind not in found.unanswered],
        "findings": _located(found.findings, read),
        "stamp": _stamp(read) if request.buffer is None else "",
        "call": found.call,
        "message": _missing(found.unanswered),
        **session.receipt(found.receipt),
    }


def _missing(kinds: tuple[str, ...]) -> str:
    return f"No sensible answer for {', '.join(kinds)}: ask again." if kinds else ""


def _located(findings: tuple[Finding, ...], snippet: Snippet) -> list[dict[str, Any]]:
    """The findings, each with the text of its line: it is found again by that."""
    lines = dict(enumerate(snippet.code.split("\n"), snippet.start_line))
    return [
        {**asdict(finding), "text": lines.get(finding.line, "").strip()} for finding in findings
    ]


def _stamp(snippet: Snippet) -> str:
    """What tells a file's text from another; an editor computes the same of its buffer's lines."""
    return hashlib.sha256(snippet.code.removesuffix("\n").encode()).hexdigest()


async def _read(session: Session, request: TaskRequest) -> Snippet:
    """The whole file at the request's path, which no editor has open."""
    root = session.root(request.path, request.cwd)
    permit = await session.authorize(Action(Op.READ, root, path=request.path))
    path = permit.verdict.target
    text = as_text(await session.read(permit, MOST_BYTES))
    if not text.strip():
        raise InputError("There is no text in it.")
    return Snippet(text, path, "", 1)
