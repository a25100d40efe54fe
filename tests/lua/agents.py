"""What a person and a broker do in a chat with an agent."""

from __future__ import annotations

from typing import Any

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

MODES = {
    "currentModeId": "ask",
    "availableModes": [
        {"id": "ask", "name": "Ask", "description": "asks first"},
        {"id": "code", "name": "Code"},
    ],
}
COMMANDS = [
    {"name": "compact", "description": "Forget most of it"},
    {"name": "review", "description": "Look at the changes"},
]
MODEL = {
    "id": "model",
    "name": "Model",
    "type": "select",
    "currentValue": "small",
    "options": [{"value": "small", "name": "Small"}, {"value": "large", "name": "Large"}],
}


def offers(session: str = "a1", agent: str = "actor", **more: Any) -> dict[str, Any]:
    """What the broker says of a session that is open."""
    return {
        "session": session,
        "agent": agent,
        "title": agent.title(),
        "state": "idle",
        "task": "",
        "root": "/project",
        "id": f"id-{session}",
        "image": False,
        "resumed": False,
        "modes": {},
        "config": [],
        "commands": [],
        **more,
    }


def replied(broker: FakeBroker, method: str, data: Any = None, **error: str) -> dict[str, Any]:
    """Answer the next question of that kind; what was asked."""
    asked = broker.expect(method)
    answer = {"error": error} if error else {"data": data}
    broker.send("state", reply=asked["reply"], what="agent", **answer)
    return asked


def opened(nvim: Nvim, broker: FakeBroker, line: str = "ZekeAgent actor", **more: Any) -> str:
    """Open a session; the broker's name of it."""
    nvim.feed(f":{line}<CR>")
    found = offers(**more)
    replied(broker, "agent.open", found)
    nvim.wait_for("require('zeke.agents.link').of(...) ~= nil", found["session"])
    return str(found["session"])


def asked(nvim: Nvim, broker: FakeBroker, line: str = "ZekeAgent actor do it") -> str:
    """Open a session and ask it; the task, of which nothing has come yet."""
    opened(nvim, broker, line)
    return begun(broker)


def begun(broker: FakeBroker) -> str:
    task = str(broker.expect("task.submit")["id"])
    broker.send("task.started", id=task, kind="agent")
    return task


def update(broker: FakeBroker, task: str | None, kind: str, /, **fields: Any) -> None:
    """Send a session update."""
    where = {"task": task} if task else {}
    session = fields.pop("session", "a1")
    told = {"sessionUpdate": kind, **fields}
    broker.send("agent.update", session=session, agent="actor", update=told, **where)


def call(broker: FakeBroker, task: str, number: int, title: str, /, **fields: Any) -> None:
    """A tool call begins."""
    fields = {"title": title, "status": "in_progress", **fields}
    update(broker, task, "tool_call", toolCallId=f"c{number}", **fields)


def text(words: str) -> dict[str, Any]:
    """Content of a tool call."""
    return {"type": "content", "content": {"type": "text", "text": words}}


def ended(nvim: Nvim, broker: FakeBroker, task: str, **fields: Any) -> None:
    """The turn is over."""
    broker.send("task.done", id=task, kind="agent", text="", stop_reason="end_turn", **fields)
    nvim.wait_event("ZekeTaskDone")
    nvim.settle()
