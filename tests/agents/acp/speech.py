"""What a hostile agent prints: messages as raw lines, and a turn in which it prints them."""

from __future__ import annotations

import json
from typing import Any

from tests.agents.acp.around import Around
from tests.agents.acp.hostile import END
from zeke_bridge.agents.agent import Prompt, Stop

GO = Prompt("go")
INVALID = -32602


def request(method: str, params: Any, number: int = 1) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def update(update: Any, session: str = "s1") -> str:
    params = {"sessionId": session, "update": update}
    return json.dumps({"jsonrpc": "2.0", "method": "session/update", "params": params})


def says(text: str) -> str:
    content = {"type": "text", "text": text}
    return update({"sessionUpdate": "agent_message_chunk", "content": content})


def write(**more: Any) -> dict[str, Any]:
    return {"sessionId": "s1", "path": "/p/a", "content": "x", **more}


async def turn(around: Around, *lines: Any) -> list[Any]:
    """One turn in which the agent prints these; returns what it was answered."""
    agent = await around.hostile({"session/prompt": [*lines, END]})
    assert await agent.prompt(GO) == Stop("end_turn")
    return around.heard()


async def answered(around: Around, line: str) -> Any:
    """The one answer to the request 1."""
    (answer,) = await turn(around, line, {"reply": 1})
    return answer.get("error", answer.get("result"))
