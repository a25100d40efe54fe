"""The agent's two pipes as messages: the SDK's ``Transport``, strict and with limits.

A line that is no message is answered with JSON-RPC's error when it looks like one, passed over when
it does not (programs print), and too many of either end the agent. While much of what came is not
handled yet, or it comes too fast, nothing more is read, and the agent waits. Knows no method.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from zeke_bridge.agents.acp.wire import MAX_LINE, Id, Unread, message
from zeke_bridge.agents.guess import guess
from zeke_bridge.agents.lines import Edges, Lines
from zeke_bridge.agents.pace import Pace

MAX_OPEN = 64
"""Requests and notifications that are being handled at once."""
MAX_STRAY = 1_000
_CHUNK = 64 * 1024
_SEND_S = 30.0
_TOO_LONG = Unread(-32600, f"A message is at most {MAX_LINE // 2**20} MiB long.")


class Ends(Protocol):
    """The two streams to who is at the other side."""

    @property
    def reader(self) -> asyncio.StreamReader:
        """What they say."""
        ...

    @property
    def writer(self) -> asyncio.StreamWriter:
        """What they hear."""
        ...


class Pipe:
    """``asked`` are the ids of our own requests that wait for an answer.

    ``ended`` is called when its output ends, and with a sentence when the agent has to go;
    ``refused`` with a sentence for the person, of a message that cannot be read.
    """

    def __init__(
        self, ends: Ends, ended: Callable[[str], object], refused: Callable[[str], object]
    ) -> None:
        self._reader, self._writer = ends.reader, ends.writer
        self._ended = ended
        self._refused = refused
        self._pace = Pace(asyncio.get_running_loop().time())
        self._framing = Lines(MAX_LINE)
        self._lines: deque[bytes | Edges] = deque()
        self._room = asyncio.Event()
        self._room.set()
        self._open = 0
        self._stray = 0
        self.asked: set[Id] = set()
        self._theirs: set[tuple[type, Id]] = set()

    async def send(self, message: dict[str, Any]) -> None:
        """Write one message. Raises ``ConnectionError`` for a request that cannot be sent."""
        if "method" not in message:
            self._theirs.discard(_key(message["id"]))
        elif "id" in message:
            self.asked.add(message["id"])
        try:
            await self._write(message)
        except (OSError, RuntimeError) as error:
            # Whom an answer does not reach has no use for it.
            if "method" in message:
                raise ConnectionError("The agent does not read any more.") from error

    async def receive(self) -> dict[str, Any] | None:
        """The next message; None at the end."""
        while True:
            while self._lines:
                line = self._lines.popleft()
                found = await self._message(line)
                if found is not None:
                    return found
            try:
                data = await self._reader.read(_CHUNK)
            except OSError:
                data = b""
            if not data:
                self._ended("")
                return None
            self._lines.extend(self._framing.feed(data))

    async def close(self) -> None:
        """Nothing of ours: the pipes are the child's."""

    def handled(self) -> None:
        """One request or notification is done with."""
        self._open -= 1
        if self._open < MAX_OPEN:
            self._room.set()

    async def _message(self, line: bytes | Edges) -> dict[str, Any] | None:
        loop = asyncio.get_running_loop()
        pause = self._pace.wait(loop.time(), MAX_LINE if isinstance(line, Edges) else len(line))
        if pause:
            await asyncio.sleep(pause)
        try:
            if isinstance(line, Edges):
                raise _TOO_LONG
            found = message(line)
            if "method" in found:
                await self._admit(found)
                return found
        except Unread as unread:
            return await self._refuse(line, unread)
        if found["id"] not in self.asked:
            # An answer to nothing; also what echoes our own errors.
            self._count()
            return None
        self.asked.discard(found["id"])
        return found

    async def _admit(self, found: dict[str, Any]) -> None:
        if "id" in found:
            key = _key(found["id"])
            if key in self._theirs:
                raise Unread(-32600, "The id is that of a request that has no answer yet.")
            self._theirs.add(key)
        await self._room.wait()
        self._open += 1
        if self._open >= MAX_OPEN:
            self._room.clear()

    async def _refuse(self, line: bytes | Edges, unread: Unread) -> dict[str, Any] | None:
        edges = line if isinstance(line, Edges) else Edges.of(line)
        seems = guess(edges)
        number = seems.id if unread.id is None else unread.id
        answer = {"jsonrpc": "2.0", "id": number, "error": unread.error}
        if number is not None and number in self.asked and not seems.request:
            # It is a broken answer to a request of ours, which would else wait for ever.
            self.asked.discard(number)
            return answer
        if edges.first.startswith((b"{", b"[")):
            if _key(number) in self._theirs:
                # The one of that id that could be read will have its own answer.
                answer["id"] = None
            self._refused(f"A message of it was refused: {unread}")
            await self.send(answer)
        self._count()
        return None

    def _count(self) -> None:
        self._stray += 1
        if self._stray == MAX_STRAY:
            self._ended(f"It sent {MAX_STRAY} lines that are no messages.")

    async def _write(self, message: dict[str, Any]) -> None:
        self._writer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        try:
            async with asyncio.timeout(_SEND_S):
                await self._writer.drain()
        except TimeoutError:
            self._ended(f"It has not read what it was sent for {_SEND_S:g} s.")
            raise ConnectionError from None


def _key(request: Any) -> tuple[type, Any]:
    """``1`` and ``"1"`` are two ids."""
    return type(request), request
