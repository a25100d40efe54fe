"""An agent that says 200 things a second for a while, as a busy one does; without any library.

Text of its answer, thoughts, tool calls that begin, show something and end, and a plan.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

RATE = 200
SECONDS = 2.5

Update = dict[str, Any]


def main() -> None:
    """Answer what has to be answered, and each prompt with a flood."""
    numbers = itertools.count()
    for line in sys.stdin.buffer:
        message = json.loads(line)
        result: dict[str, Any] = {"protocolVersion": 1, "agentCapabilities": {}}
        if message["method"] == "session/new":
            result = {"sessionId": "s1"}
        elif message["method"] == "session/prompt":
            _talk(numbers)
            result = {"stopReason": "end_turn"}
        _write({"id": message["id"], "result": result})


def _talk(numbers: Iterator[int]) -> None:
    start = time.monotonic()
    for count in range(int(RATE * SECONDS)):
        time.sleep(max(0.0, start + count / RATE - time.monotonic()))
        params = {"sessionId": "s1", "update": _update(next(numbers))}
        _write({"method": "session/update", "params": params})


def _update(number: int) -> Update:
    turn = number % 10
    call = {"toolCallId": f"c{number // 10}"}
    if turn == 0:
        status = {"status": "in_progress", "kind": "read"}
        return {"sessionUpdate": "tool_call", **call, "title": f"Read part {number}", **status}
    if turn in (3, 6):
        content = [{"type": "content", "content": _text("a line of it\n" * 20)}]
        status = {"status": "completed" if turn == 6 else "in_progress"}
        return {"sessionUpdate": "tool_call_update", **call, **status, "content": content}
    if turn == 9:
        steps = [("Read it", "completed"), ("Change it", "in_progress"), ("Test it", "pending")]
        entries = [{"content": one, "status": is_, "priority": "medium"} for one, is_ in steps]
        return {"sessionUpdate": "plan", "entries": entries}
    if turn in (1, 2):
        return {"sessionUpdate": "agent_thought_chunk", "content": _text(f"so {number}, ")}
    return {"sessionUpdate": "agent_message_chunk", "content": _text(f"word *{number}* `code`\n")}


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def _write(message: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
