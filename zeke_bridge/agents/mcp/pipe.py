"""A server's two pipes as the streams of JSON-RPC messages that the SDK reads and writes.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio: a message a line.
A line that is none is passed over (programs print), too many of them end the server. An answer that
cannot be read becomes an error, what comes too fast waits, and of requests only a few are taken at
a time. Knows no method.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

import anyio
import mcp_types as types
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from zeke_bridge.agents.child import Child
from zeke_bridge.agents.guess import guess
from zeke_bridge.agents.lines import Edges, Lines, has_too_many
from zeke_bridge.agents.pace import Pace

MAX_LINE = 4 * 1024 * 1024
MAX_STRAY = 1_000
MAX_OPEN = 16
"""Requests of the server that wait for our answer."""
_CHUNK = 64 * 1024
_SEND_S = 30.0
_TOO_LONG = f"The answer is over {MAX_LINE // 2**20} MiB or has too many values, so it was dropped."
_UNREAD = "The answer cannot be read, so it was dropped."
_BUSY = f"{MAX_OPEN} requests wait already."


class Pipe:
    """Both directions. ``ended`` is told once that it is over, with the reason if it is ours."""

    def __init__(self, child: Child, ended: Callable[[str], object]) -> None:
        self._child = child
        self._ended = ended
        self._ours: set[types.RequestId] = set()
        self._theirs: set[types.RequestId] = set()
        self.incoming = Incoming(self)
        self.outgoing = Outgoing(self)

    async def read(self) -> bytes:
        """What the server prints next; nothing at the end."""
        try:
            data = await self._child.reader.read(_CHUNK)
        except OSError:
            data = b""
        if not data:
            self.end("")
        return data

    def end(self, reason: str) -> None:
        """Nothing comes any more."""
        self._ended(reason)

    async def write(self, message: types.JSONRPCMessage) -> None:
        """Raises ``BrokenResourceError`` when the server does not read any more."""
        match message:
            case types.JSONRPCRequest(id=number):
                self._ours.add(number)
            case types.JSONRPCResponse(id=number) | types.JSONRPCError(id=number):
                self._theirs.discard(number if number is not None else "")
            case _:
                pass
        writer = self._child.writer
        try:
            writer.write(
                message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
            )
            async with asyncio.timeout(_SEND_S):
                await writer.drain()
        except TimeoutError:
            self.end(f"It has not read what it was sent for {_SEND_S:g} s.")
            raise anyio.BrokenResourceError from None
        except (OSError, RuntimeError) as error:
            raise anyio.BrokenResourceError from error

    async def admit(self, message: types.JSONRPCMessage) -> bool:
        """Whether ``message`` is to be heard; a request of too many is refused."""
        match message:
            case types.JSONRPCRequest(id=number):
                if len(self._theirs) >= MAX_OPEN or number in self._theirs:
                    await self.write(_error(number, _BUSY))
                    return False
                self._theirs.add(number)
            case types.JSONRPCResponse(id=number) | types.JSONRPCError(id=number):
                if number not in self._ours:
                    return False
                self._ours.discard(number)
            case _:
                pass
        return True

    async def lost(self, edges: Edges, reason: str) -> list[SessionMessage]:
        """Errors for those who wait for a dropped line: for all, where nobody knows which it was.

        A request is answered with one.
        """
        seems = guess(edges)
        if seems.request:
            if seems.id is not None and seems.id not in self._theirs:
                await self.write(_error(seems.id, reason))
            return []
        waiting: set[types.RequestId] = set()
        if seems.id is not None:
            waiting = self._ours & {seems.id}
        elif seems.answer:
            waiting = set(self._ours)
        self._ours -= waiting
        return [SessionMessage(_error(number, reason)) for number in waiting]


class _End:
    """One end of a pipe for the SDK, which enters it and leaves it; the pipe is the child's."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    async def aclose(self) -> None:
        """Nothing of ours."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


class Outgoing(_End):
    """What we say."""

    async def send(self, item: SessionMessage, /) -> None:
        """Write one message."""
        await self._pipe.write(item.message)


class Incoming(_End):
    """What the server says."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__(pipe)
        self._pace = Pace(asyncio.get_running_loop().time())
        self._framing = Lines(MAX_LINE)
        self._lines: deque[bytes | Edges] = deque()
        self._ready: deque[SessionMessage] = deque()
        self._stray = 0

    def __aiter__(self) -> Self:
        return self

    async def receive(self) -> SessionMessage:
        """The next message. Raises ``EndOfStream``."""
        try:
            return await anext(self)
        except StopAsyncIteration:
            raise anyio.EndOfStream from None

    async def __anext__(self) -> SessionMessage:
        while not self._ready:
            if self._lines:
                await self._take(self._lines.popleft())
            elif self._stray < MAX_STRAY and (data := await self._pipe.read()):
                self._lines.extend(self._framing.feed(data))
            else:
                raise StopAsyncIteration
        return self._ready.popleft()

    async def _take(self, line: bytes | Edges) -> None:
        loop = asyncio.get_running_loop()
        pause = self._pace.wait(loop.time(), MAX_LINE if isinstance(line, Edges) else len(line))
        if pause:
            await asyncio.sleep(pause)
        if isinstance(line, Edges) or has_too_many(line):
            edges = line if isinstance(line, Edges) else Edges.of(line)
            self._ready.extend(await self._pipe.lost(edges, _TOO_LONG))
            return
        try:
            message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValidationError:
            self._ready.extend(await self._pipe.lost(Edges.of(line), _UNREAD))
            self._stray += 1
            if self._stray == MAX_STRAY:
                self._lines.clear()
                self._pipe.end(f"It sent {MAX_STRAY} lines that are no messages.")
            return
        if await self._pipe.admit(message):
            self._ready.append(SessionMessage(message))


def _error(number: types.RequestId, message: str) -> types.JSONRPCError:
    data = types.ErrorData(code=types.INTERNAL_ERROR, message=message)
    return types.JSONRPCError(jsonrpc="2.0", id=number, error=data)
