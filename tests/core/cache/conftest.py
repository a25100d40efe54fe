"""Questions, and answers to keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from zeke_bridge.core.cache.control import FREE, Control
from zeke_bridge.core.cache.kept import Kept
from zeke_bridge.core.cache.question import Question
from zeke_bridge.model.exchange import Cost

Ask = Callable[..., Question]
Reply = Callable[..., Kept]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def ask() -> Ask:
    """A question with one turn; what differs is named."""

    def asking(
        text: str = "Why is the sky blue?",
        *,
        client: str = "ann",
        project: str = "p1",
        task: str = "chat",
        control: Control = FREE,
        **fields: Any,
    ) -> Question:
        body = {"messages": [{"role": "user", "content": text}], **fields}
        return Question(client, project, "auto", task, local_only=False, body=body, control=control)

    return asking


@pytest.fixture
def reply() -> Reply:
    """An answer with one text, given at ``at``."""

    def replying(text: str = "It scatters.", at: float = 100.0, finish: str = "stop") -> Kept:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        body = {"id": "1", "object": "chat.completion", "choices": [choice]}
        return Kept(body, "openai", "gpt", Cost(total_cost=0.25), at)

    return replying
