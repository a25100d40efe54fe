"""A command under way: its output, its end, and ending it.

Has the methods that ACP's terminals have (output, wait, kill, release). The whole process group
ends with its leader; what has left the group (``setsid``) is out of reach, and not waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

from zeke_bridge.model.ended import Ended
from zeke_bridge.workspace.process.groups import Groups
from zeke_bridge.workspace.process.leader import Leader, when_ended
from zeke_bridge.workspace.process.live import Live
from zeke_bridge.workspace.process.output import Tail

_CHUNK = 64 * 1024
# What a pipe can still hold when its writers are dead (Linux: 64 KiB unless made larger).
_LEFT_IN_PIPE = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """``grace_s`` lies between asking a group to end and killing it."""

    output_bytes: int = 1024 * 1024
    seconds: float = 600.0
    grace_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Output:
    """What was printed last; ``ended`` is None while it runs."""

    text: str
    truncated: bool
    ended: Ended | None


class Terminal:
    """Made by ``Processes.start`` only; ``source`` is where the output of ``leader`` is read."""

    def __init__(self, leader: Leader, source: int, groups: Groups, limits: Limits) -> None:
        loop = asyncio.get_running_loop()
        self._leader = leader
        self._source = source
        self._groups = groups
        self._limits = limits
        self._tail = Tail(limits.output_bytes)
        self._live: Live | None = None
        self._timed_out = False
        self._done: asyncio.Future[Ended] = loop.create_future()
        self._limit = loop.call_later(limits.seconds, self._expire)
        self._grace: asyncio.TimerHandle | None = None
        os.set_blocking(source, False)
        loop.add_reader(source, self._read)
        when_ended(leader.pid, self._end)

    def output(self) -> Output:
        """Return the end of what it has printed so far."""
        ended = self._done.result() if self._done.done() else None
        text = self._tail.text(final=ended is not None)
        return Output(text, self._tail.truncated, ended)

    def on_output(self, told: Callable[[str], None]) -> None:
        """Call ``told`` with what is printed from now on, as ``Live`` does; before ``when_done``.

        One observer at a time; what it raises ends nothing but that call.
        """
        self._live = Live(told)

    def when_done(self, done: Callable[[], None]) -> None:
        """Call ``done`` after its end."""
        self._done.add_done_callback(lambda _: done())

    async def wait(self) -> Ended:
        """Wait for its end; the time limit sees to it that there is one."""
        return await asyncio.shield(self._done)

    async def kill(self) -> Ended:
        """End its whole group, kindly and then not; the output stays."""
        # At once, so that it happens even when the caller is cancelled.
        self.stop()
        return await self.wait()

    async def release(self) -> None:
        """End it, and let go of its output."""
        await self.kill()
        self._tail = Tail(0)

    def stop(self) -> None:
        """Ask its group to end, and kill it after the grace; returns at once."""
        if self._done.done() or self._grace is not None:
            return
        self._groups.signal(self._leader.pid, signal.SIGTERM)
        # A stopped group hears of it only when it goes on.
        self._groups.signal(self._leader.pid, signal.SIGCONT)
        loop = asyncio.get_running_loop()
        self._grace = loop.call_later(self._limits.grace_s, self._kill)

    def _kill(self) -> None:
        self._groups.signal(self._leader.pid, signal.SIGKILL)

    def _expire(self) -> None:
        self._timed_out = True
        self.stop()

    def _read(self) -> bool:
        """Take what is there; False at the end."""
        try:
            data = os.read(self._source, _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            asyncio.get_running_loop().remove_reader(self._source)
        self._tail.add(data)
        if data and self._live is not None:
            self._live.add(data)
        return bool(data)

    def _end(self) -> None:
        """The leader is over and not reaped: now its group can be ended and nobody else's."""
        self._groups.remove(self._leader.pid)
        code = self._leader.reap()
        for timer in (self._limit, self._grace):
            if timer is not None:
                timer.cancel()
        for _ in range(_LEFT_IN_PIPE):
            if not self._read():
                break
        asyncio.get_running_loop().remove_reader(self._source)
        os.close(self._source)
        self._done.set_result(ended_by(code, timed_out=self._timed_out))
        if self._live is not None:
            self._live.end()


def ended_by(code: int, *, timed_out: bool = False) -> Ended:
    """Return how a program ended by its exit code, negative for a signal."""
    if code >= 0:
        return Ended(code, timed_out=timed_out)
    name = str(-code)
    with contextlib.suppress(ValueError):
        name = signal.Signals(-code).name
    return Ended(None, name, timed_out)
