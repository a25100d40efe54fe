"""The next turn of a conversation: one streamed answer.

The editor keeps the conversation and sends all of it, so that it survives a killed broker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.broker.relay import relay
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.exchange import ChatAsk, Message

MANNER = Message(
    "system",
    "You are a coding assistant inside the Neovim editor. Answer briefly, in Markdown. "
    "Put code in fenced blocks with the language named.",
)


async def chat(session: Session, running: Running) -> Mapping[str, Any]:
    """Stream the answer to the last message of the request.

    Returns the fields of ``task.done``. Raises ``CoreError``.
    """
    request = running.request
    ask = ChatAsk(session.audience(request), (MANNER, *request.messages))
    answer = await relay(session.client().chat(ask), running.sink, request.id)
    return {"text": answer.text, **session.receipt(answer.receipt)}
