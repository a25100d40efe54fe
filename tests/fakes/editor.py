"""An editor without a screen: speaks to a real broker as Neovim does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import msgpack

from tests.fakes.patience import patience
from zeke_bridge import __version__

PATIENCE = patience(30.0)
DISPATCH = "require('zeke.events').dispatch(...)"


class Editor:
    """Sends notifications and keeps the events that come."""

    def __init__(
        self,
        runtime: Path,
        cwd: Path,
        settings: Mapping[str, Any] | None = None,
        *,
        ui: bool = True,
    ) -> None:
        self._runtime = runtime
        self._ui = ui
        self._cwd = cwd
        self._settings = dict(settings or {})
        self._unpacker = msgpack.Unpacker(raw=False)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.events: list[tuple[str, Any]] = []
        self._read = 0
        self._asked = 0

    async def __aenter__(self) -> Editor:
        await self.connect()
        self.hello()
        await self.until("broker.ready")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def connect(self) -> None:
        """Open the socket, without a word."""
        path = str(self._runtime / "broker.sock")
        self._reader, self._writer = await asyncio.open_unix_connection(path)

    async def close(self) -> None:
        """Hang up."""
        assert self._writer is not None
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except (BrokenPipeError, ConnectionResetError):
            return

    def hello(self, **changed: Any) -> None:
        """Say hello, as ``changed`` has it."""
        token = (self._runtime / "token").read_text()
        params = {
            "version": __version__,
            "token": token,
            "cwd": str(self._cwd),
            "settings": self._settings,
            "ui": self._ui,
            "reply": 1,
        }
        self.notify("hello", **(params | changed))

    def notify(self, method: str, **params: Any) -> None:
        """Send a notification."""
        self.send([2, method, [params]])

    def send(self, message: Any) -> None:
        """Send anything."""
        assert self._writer is not None
        self._writer.write(message if isinstance(message, bytes) else msgpack.packb(message))

    def submit(self, task: str, kind: str, **fields: Any) -> None:
        """Submit a task for the model ``echo`` unless ``model`` says another."""
        fields = {"model": "openai:echo", "cwd": str(self._cwd)} | fields
        self.notify("task.submit", id=task, kind=kind, **fields)

    def buffer(self, path: Path, **changed: Any) -> dict[str, Any]:
        """The buffer table of a file as it is on disk."""
        text = path.read_bytes().decode().removesuffix("\n")
        lines = text.count("\n") + 1
        table = {"text": text, "path": str(path), "language": "python", "changedtick": 1}
        return table | {"start_line": 1, "end_line": lines} | changed

    async def consents(self) -> Any:
        """What ``:ZekeConsents`` would show."""
        self._asked += 1
        reply = f"consents {self._asked}"
        self.notify("state.get", what="consents", cwd=str(self._cwd), reply=reply)
        return (await self.until("state", reply=reply))["data"]

    async def until(self, *wanted: str, **fields: Any) -> Any:
        """The payload of the next event with one of these names and these fields."""
        async with asyncio.timeout(PATIENCE):
            while True:
                while self._read < len(self.events):
                    name, payload = self.events[self._read]
                    self._read += 1
                    fits = all(payload.get(key) == value for key, value in fields.items())
                    if name in wanted and fits:
                        return payload
                await self._more()

    async def ended(self, task: str) -> Any:
        """How a task ended: the payload of ``task.done`` or ``task.failed``, wherever it is."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for name, payload in self.events:
                    if name in ("task.done", "task.failed") and payload["id"] == task:
                        return payload | {"event": name}
                await self._more()

    async def closed(self) -> None:
        """Wait until the broker hangs up."""
        async with asyncio.timeout(PATIENCE):
            while await self._fill():
                pass
        await self.close()

    def named(self, name: str) -> list[Any]:
        """The payloads of all events of a name so far."""
        return [payload for known, payload in self.events if known == name]

    async def _more(self) -> None:
        if not await self._fill():
            raise ConnectionError("the broker hung up")

    async def _fill(self) -> bool:
        assert self._reader is not None
        try:
            data = await self._reader.read(65536)
        except ConnectionResetError:
            return False
        self._unpacker.feed(data)
        for message in self._unpacker:
            if message[:2] == [2, "nvim_exec_lua"]:
                assert message[2][0] == DISPATCH
                name, payload = message[2][1]
                self.events.append((name, payload))
        return bool(data)
