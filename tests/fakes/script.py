"""A script at a real broker: it asks for things and has no person of its own.

Blocking, one thread: for tests that drive a Neovim meanwhile.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any

import msgpack

from tests.fakes.patience import patience
from zeke_bridge import __version__

PATIENCE = patience(20.0)


class Script:
    """Connected, with ``settings``, in the project at ``cwd``. Use it in a ``with``."""

    def __init__(self, runtime: Path, cwd: Path, **settings: Any) -> None:
        self._cwd = cwd
        self._unpacker = msgpack.Unpacker(raw=False)
        self._events: deque[tuple[str, dict[str, Any]]] = deque()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(runtime / "broker.sock"))
        self.notify(
            "hello",
            version=__version__,
            token=(runtime / "token").read_text(),
            cwd=str(cwd),
            settings={"ghostllm": settings},
            reply=1,
            ui=False,
        )
        self.until("broker.ready")

    def __enter__(self) -> Script:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def notify(self, method: str, **params: Any) -> None:
        """Send a notification."""
        self._socket.sendall(msgpack.packb([2, method, [params]]))

    def explain(self, *paths: Path) -> None:
        """Want each of these files explained; the task's id is the file's name."""
        for path in paths:
            text = path.read_text()
            lines = text.count("\n") + 1
            buffer = {"text": text, "path": str(path), "language": "", "changedtick": 1}
            buffer |= {"start_line": 1, "end_line": lines}
            model = "openai:echo"
            fields = {"kind": "explain", "model": model, "cwd": str(self._cwd), "buffer": buffer}
            self.notify("task.submit", id=path.name, **fields)

    def until(self, *names: str, **fields: Any) -> dict[str, Any]:
        """The next event with one of these names and these fields."""
        deadline = time.monotonic() + PATIENCE
        while True:
            while self._events:
                name, payload = self._events.popleft()
                if name in names and fields.items() <= payload.items():
                    return {**payload, "event": name}
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            data = self._socket.recv(1 << 16)
            if not data:
                raise ConnectionError("the broker hung up")
            self._unpacker.feed(data)
            for message in self._unpacker:
                if message[:2] == [2, "nvim_exec_lua"]:
                    self._events.append(tuple(message[2][1]))
