"""What a person and a broker do in a chat."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

RECEIPT: dict[str, Any] = {
    "model": "m-1",
    "provider": "openai",
    "route": {
        "task": "chat",
        "reason": "It is the first one with a key.",
        "tried": [{"candidate": "ollama:x", "outcome": "not reachable"}],
    },
    "usage": {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150},
    "cost": {"input_cost": 0.001, "output_cost": 0.002, "total_cost": 0.003},
    "cached": False,
    "request_id": "r-1",
}


def begin(nvim: Nvim, broker: FakeBroker, question: str = "hello") -> str:
    """Ask; the id of the task, of which nothing has come yet."""
    nvim.feed(f":ZekeChat {question}<CR>")
    task = str(broker.expect("task.submit")["id"])
    broker.send("task.started", id=task, kind="chat")
    return task


def say(nvim: Nvim, broker: FakeBroker, task: str, text: str) -> None:
    """Send one piece of an answer, and wait until it stands in a buffer."""
    broker.send("task.delta", id=task, text=text)
    nvim.wait_for(_SHOWN, text.rstrip("\n").rsplit("\n", 1)[-1])


_SHOWN = """(function(text)
  return vim.iter(require("zeke.chat.session").all()):any(function(chat)
    local lines = vim.api.nvim_buf_get_lines(chat.buffer, 0, -1, false)
    return table.concat(lines, "\\n"):find(text, 1, true) ~= nil
  end)
end)(...)"""


def end(nvim: Nvim, broker: FakeBroker, task: str, text: str = "", **receipt: Any) -> None:
    """Send the end of an answer, and wait for it."""
    fields = {"kind": "chat", "text": text, **RECEIPT, **receipt}
    broker.send("task.done", id=task, **fields)
    nvim.wait_event("ZekeTaskDone")
    nvim.settle()


def answer(nvim: Nvim, broker: FakeBroker, *pieces: str, **receipt: Any) -> dict[str, Any]:
    """Answer the next question; what was asked."""
    task = broker.expect("task.submit")
    broker.send("task.started", id=task["id"], kind="chat")
    for piece in pieces:
        broker.send("task.delta", id=task["id"], text=piece)
    end(nvim, broker, task["id"], "".join(pieces), **receipt)
    return task


def saved(nvim: Nvim) -> Path:
    """Wait until a chat is written; its file."""
    return Path(nvim.wait_event("ZekeChatSaved")["path"])


def head(path: Path) -> dict[str, Any]:
    """The values of the head of a saved chat."""
    lines = path.read_text(encoding="utf-8").split("\n---\n")[0].splitlines()[1:]
    found: dict[str, Any] = {"receipts": [json.loads(x[2:]) for x in lines if x[:2] == "- "]}
    for line in lines:
        name, _, value = line.partition(": ")
        if value and line[:2] != "- ":
            found[name] = json.loads(value)
    return found


def body(path: Path) -> str:
    """The conversation in a saved chat."""
    return path.read_text(encoding="utf-8").split("\n---\n", 1)[1]


def chats(home: Path) -> list[Path]:
    """The saved chats of an isolated home."""
    return sorted((home / "state" / "nvim" / "zeke" / "chats").glob("*.md"))
