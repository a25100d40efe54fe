"""An asynchronous client of the broker: asks, tells, and hears every event in order.

For programs that stand between an editor of another kind and the broker. Does not start a broker,
and does not know what any method or event means.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from zeke_bridge import __version__
from zeke_bridge.bridge import rpc
from zeke_bridge.bridge.connection import DISPATCH
from zeke_bridge.bridge.runtime import Runtime, check, read_token
from zeke_bridge.model.errors import BrokerError, TimedOutError, by_code

HELLO_S = 10.0
_CHUNK = 64 * 1024
_GONE = "The broker has ended: send it again, and a new one starts."
_SILENT = "The broker does not answer: `zeke broker stop` ends it, a new one starts on use."

Hear = Callable[[str, Mapping[str, Any]], Awaitable[None]]
"""Takes one event, its name and its fields, before the next is read. Must not raise."""


class NoBrokerError(BrokerError):
    """Nobody is there, or who is there is leaving: a new one has to be started."""


class Peer:
    """One connection that has said hello.

    ``lost`` is called once when it ends after that, but not when we close it.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        hear: Hear,
        lost: Callable[[], None],
    ) -> None:
        self._reader, self._writer = reader, writer
        self._hear, self._lost = hear, lost
        self._decoder = rpc.Decoder()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._greeted = self._closed = False
        self._reading = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def connect(
        cls, runtime: Runtime, hello: Mapping[str, Any], hear: Hear, lost: Callable[[], None]
    ) -> Peer:
        """Connect and say ``hello`` (without version and token, which are added).

        Raises ``NoBrokerError``, ``TimedOutError``, and the ``ZekeError`` that refuses the hello.
        """
        check(runtime)
        try:
            reader, writer = await asyncio.open_unix_connection(str(runtime.socket))
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NoBrokerError("No broker is running.") from error
        peer = cls(reader, writer, hear, lost)
        try:
            said = {"version": __version__, "token": read_token(runtime), **hello}
            await peer.call("hello", said, HELLO_S)
            peer._greeted = True
        except BaseException:
            peer.close()
            raise
        return peer

    async def call(self, method: str, params: Mapping[str, Any], limit: float) -> Any:
        """The result of ``method``. Raises the ``ZekeError`` that the broker answers with.

        ``TimedOutError`` after ``limit`` seconds, ``NoBrokerError`` when it ends meanwhile.
        """
        if self._closed:
            raise NoBrokerError(_GONE)
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._writer.write(rpc.encode(rpc.Request(number, method, [params])))
            async with asyncio.timeout(limit):
                return await answer
        except TimeoutError as error:
            raise TimedOutError(_SILENT) from error
        finally:
            self._waiting.pop(number, None)

    def tell(self, method: str, params: Mapping[str, Any]) -> None:
        """Notify the broker; one that is gone does not hear it."""
        if not self._closed:
            self._writer.write(rpc.encode(rpc.Notification(method, [params])))

    def close(self) -> None:
        """Hang up; nothing is heard any more."""
        self._closed = True
        self._writer.close()
        self._give_up()

    async def _read(self) -> None:
        try:
            while data := await self._reader.read(_CHUNK):
                for message in self._decoder.feed(data):
                    if self._closed:
                        return
                    await self._take(message)
        except (OSError, rpc.ProtocolError):
            pass
        finally:
            if not self._closed:
                self.close()
                if self._greeted:
                    self._lost()

    async def _take(self, message: rpc.Message) -> None:
        match message:
            case rpc.Response(number, error, result):
                waiting = self._waiting.get(number)
                if waiting is None or waiting.done():
                    return
                if error is None:
                    waiting.set_result(result)
                else:
                    waiting.set_exception(_refusal(error))
            case rpc.Notification("nvim_exec_lua", [str(call), [str(name), dict(fields)]]):
                if call == DISPATCH:
                    await self._hear(name, fields)
            case _:
                pass

    def _give_up(self) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(NoBrokerError(_GONE))


def _refusal(error: Any) -> Exception:
    match error:
        case {"code": "outdated", "message": str(sentence)}:
            return NoBrokerError(sentence)
        case {"code": str(code), "message": str(sentence)}:
            return by_code(code, sentence)
        case _:
            return BrokerError(f"The broker answered with an error: {error}.")
