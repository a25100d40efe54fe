"""What an agent says, on its way to an editor: in order, and not more often than one can draw.

Text of the answer becomes ``task.delta`` while a turn runs; every other session update of ACP is
passed on as ``agent.update``. Knows nothing of what the updates mean beyond their text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from zeke_bridge.broker.ports import EventSink
from zeke_bridge.broker.relay import GATHER_S, DeltaRelay

_MESSAGE, _THOUGHT = "agent_message_chunk", "agent_thought_chunk"


class AgentFeed:
    """The updates of one session; ``say`` is the ``Say`` of its agent."""

    def __init__(self, sink: EventSink, session: str, agent: str) -> None:
        self._sink = sink
        self._head = {"session": session, "agent": agent}
        self._task = ""
        self._answer: DeltaRelay | None = None
        self._thought: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        self._texts: list[str] = []

    def begin(self, task: str) -> None:
        """A turn begins: what is said belongs to this task."""
        self._task, self._texts = task, []
        self._answer = DeltaRelay(self._sink, task)

    def end(self) -> str:
        """The turn is over; returns the whole text of its answer."""
        self._flush()
        self._task, self._answer = "", None
        return "".join(self._texts)

    def say(self, update: Mapping[str, Any]) -> None:
        """Pass a session update on."""
        kind, text = update.get("sessionUpdate"), _text(update)
        if kind == _MESSAGE and text and self._answer is not None:
            self._think()
            self._texts.append(text)
            self._answer.add(text)
        elif kind == _THOUGHT and text:
            if self._answer is not None:
                self._answer.flush()
            self._thought.append(text)
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(GATHER_S, self._think)
        else:
            self._flush()
            self._send(update)

    def _flush(self) -> None:
        self._think()
        if self._answer is not None:
            self._answer.flush()

    def _think(self) -> None:
        """Send the thoughts that are waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._thought:
            text, self._thought = "".join(self._thought), []
            self._send({"sessionUpdate": _THOUGHT, "content": {"type": "text", "text": text}})

    def _send(self, update: Mapping[str, Any]) -> None:
        where = {**self._head, "task": self._task} if self._task else self._head
        self._sink.send("agent.update", {**where, "update": dict(update)})


def _text(update: Mapping[str, Any]) -> str:
    content = update.get("content")
    if isinstance(content, Mapping) and content.get("type") == "text":
        text = content.get("text")
        return text if isinstance(text, str) else ""
    return ""
