"""A program that is spoken to by its pipes, for as long as it is wanted.

Lives and ends as ``Terminal`` does: the whole process group with its leader. Does not know what is
said on the pipes; what comes on the error output is kept at its end, for who asks why it died.
"""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio import StreamReader, StreamReaderProtocol, StreamWriter
from collections.abc import Callable

from zeke_bridge.model.ended import Ended
from zeke_bridge.workspace.process.groups import Groups
from zeke_bridge.workspace.process.leader import Leader, when_ended
from zeke_bridge.workspace.process.output import Tail
from zeke_bridge.workspace.process.terminal import ended_by

MOST_LINE = 16 * 1024 * 1024
"""Of one line that is read at once; over twice that much, nothing more is read before."""
_MOST_ERRORS = 64 * 1024
_CHUNK = 64 * 1024
# What a pipe can still hold when its writers are dead (Linux: 64 KiB unless made larger).
_LEFT_IN_PIPE = 16


class _Pipe(StreamReaderProtocol):
    """Says when its pipe is closed."""

    def __init__(self, reader: StreamReader) -> None:
        super().__init__(reader)
        self.closed = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.closed.set()


class Child:
    """Made by ``Processes.open`` only. ``reader`` and ``writer`` are its output and its input."""

    reader: StreamReader
    writer: StreamWriter

    def __init__(self, leader: Leader, groups: Groups, errors: int, grace_s: float) -> None:
        """``errors`` is where its error output is read."""
        loop = asyncio.get_running_loop()
        self.pid = leader.pid
        self._leader = leader
        self._groups = groups
        self._errors = errors
        self._tail = Tail(_MOST_ERRORS)
        self._grace_s = grace_s
        self._timer: asyncio.TimerHandle | None = None
        self._transports: list[asyncio.BaseTransport] = []
        self._pipes: list[_Pipe] = []
        self._done: asyncio.Future[Ended] = loop.create_future()
        os.set_blocking(errors, False)
        loop.add_reader(errors, self._read_errors)
        when_ended(leader.pid, self._end)

    async def connect(self, output: int, into: int) -> None:
        """Take the pipe it prints into and the one it reads; to be called once, at the start."""
        loop = asyncio.get_running_loop()
        self.reader = StreamReader(limit=MOST_LINE)
        pipe = _Pipe(self.reader)
        # The protocol of a writer wants a reader, which never gets anything.
        unread = _Pipe(StreamReader())
        first, second = os.fdopen(output, "rb", 0), os.fdopen(into, "wb", 0)
        transport, _ = await loop.connect_read_pipe(lambda: pipe, first)
        sink, _ = await loop.connect_write_pipe(lambda: unread, second)
        self._transports, self._pipes = [transport, sink], [pipe, unread]
        self.writer = StreamWriter(sink, unread, None, loop)

    def errors(self) -> str:
        """Return the end of what it printed on its error output; not escaped."""
        return self._tail.text(final=self._done.done())

    def when_done(self, done: Callable[[], None]) -> None:
        """Call ``done`` after its end."""
        self._done.add_done_callback(lambda _: done())

    async def wait(self) -> Ended:
        """Wait for its end, however long that takes."""
        return await asyncio.shield(self._done)

    async def aclose(self) -> None:
        """Close its input, give it a moment, then end its group; the pipes are closed after."""
        self.stop()
        await self.wait()
        for transport in self._transports:
            transport.close()
        await asyncio.gather(*(pipe.closed.wait() for pipe in self._pipes))

    def stop(self) -> None:
        """Begin what ``aclose`` does and return at once: it happens though nobody waits for it."""
        if self._done.done() or self._timer is not None:
            return
        for transport in self._transports[1:]:
            transport.close()
        self._later(self._terminate)

    def abandon(self) -> None:
        """Kill its group and let go of its pipes, unheard."""
        self._grace_s = 0.0
        self._kill()

    def _kill(self) -> None:
        self._groups.signal(self.pid, signal.SIGKILL)

    def _later(self, step: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._grace_s, step)

    def _terminate(self) -> None:
        self._groups.signal(self.pid, signal.SIGTERM)
        # A stopped group hears of it only when it goes on.
        self._groups.signal(self.pid, signal.SIGCONT)
        self._later(self._kill)

    def _read_errors(self) -> bool:
        """Take what is there; False at the end."""
        try:
            data = os.read(self._errors, _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            asyncio.get_running_loop().remove_reader(self._errors)
        self._tail.add(data)
        return bool(data)

    def _end(self) -> None:
        """The leader is over and not reaped: now its group can be ended and nobody else's."""
        self._groups.remove(self.pid)
        code = self._leader.reap()
        if self._timer is not None:
            self._timer.cancel()
        for _ in range(_LEFT_IN_PIPE):
            if not self._read_errors():
                break
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._errors)
        os.close(self._errors)
        for transport in self._transports:
            # Who has left the group may hold the pipes open for ever. What the dead have said
            # is read until then.
            loop.call_later(self._grace_s, transport.close)
        self._done.set_result(ended_by(code))
