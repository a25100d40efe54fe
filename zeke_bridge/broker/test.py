"""Writing tests for a range: a new test file, looked at and chosen, then consented to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.broker.create import offer
from zeke_bridge.broker.relay import relay
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.exchange import CodeAsk
from zeke_bridge.workspace.proposal import ProposedFile
from zeke_bridge.workspace.testfile import content, place


async def test(session: Session, running: Running) -> Mapping[str, Any]:
    """Propose a test file for the request's buffer text, and write it if the person wants it.

    A test file that is there already stays; the new one gets a free name beside it. Returns the
    fields of ``task.done``. Raises ``ConsentError``, ``CoreError`` or ``BadAnswerError``.
    """
    request = running.request
    source = await session.source(request)
    ask = CodeAsk(source.audience, "test", source.snippet, request.instruction)
    answer = await relay(session.client().code(ask), running.sink, request.id)
    root = session.root(request.buffer.path if request.buffer else "", request.cwd)
    spot = place(
        source.snippet.path, source.snippet.language, lambda path: session.exists(root, path)
    )
    problems = [f"{spot.taken} is there already and stays as it is."] if spot.taken else []
    file = ProposedFile(spot.path, content(answer.text))
    return await offer(session, running, root, (file,), answer.receipt, problems=problems)
