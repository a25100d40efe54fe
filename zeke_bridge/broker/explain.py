"""Explaining a range of a buffer: one streamed answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.broker.relay import relay
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.exchange import CodeAsk


async def explain(session: Session, running: Running) -> Mapping[str, Any]:
    """Stream an explanation of the request's buffer text; its instruction is a question on it.

    Returns the fields of ``task.done``. Raises ``ConsentError`` or ``CoreError``.
    """
    source = await session.source(running.request)
    ask = CodeAsk(source.audience, "explain", source.snippet, running.request.instruction)
    answer = await relay(session.client().code(ask), running.sink, running.request.id)
    return {"text": answer.text, **session.receipt(answer.receipt)}
