"""A small blocking client of the broker, for the command line and the remote plugin.

Sends one request at a time and waits for its answer within a limit. Events that come in between
are dropped: a caller that wants them is an editor.
"""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from zeke_bridge import __version__
from zeke_bridge.bridge import rpc
from zeke_bridge.bridge.launch import peer
from zeke_bridge.bridge.runtime import Runtime, check, read_token
from zeke_bridge.model.errors import BrokerError, TimedOutError, by_code


class Caller:
    """A connection that has said hello. Use it in a ``with``."""

    def __init__(self, runtime: Runtime, *, limit: float = 5.0, settings: Any = None) -> None:
        """Connect and say hello; raises ``BrokerError`` (no broker) or ``TimedOutError``."""
        check(runtime)
        self._numbers = itertools.count(1)
        self._decoder = rpc.Decoder()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(limit)
        try:
            self._socket.connect(str(runtime.socket))
            self.pid = peer(self._socket)[0]
            self.ready = self.call(
                "hello",
                {
                    "version": __version__,
                    "token": read_token(runtime),
                    "cwd": os.getcwd(),  # noqa: PTH109 - the plain text of it is what is sent
                    "pid": os.getpid(),
                    "settings": settings or {},
                    "ui": False,
                },
            )
        except (FileNotFoundError, ConnectionRefusedError) as error:
            self._socket.close()
            raise BrokerError("No broker is running.") from error
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Caller:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def call(self, method: str, params: Mapping[str, Any]) -> Any:
        """The result of ``method``; raises the ``ZekeError`` that the broker answered with."""
        number = next(self._numbers)
        try:
            self._socket.sendall(rpc.encode(rpc.Request(number, method, [params])))
            while True:
                data = self._socket.recv(65536)
                if not data:
                    raise BrokerError("The broker closed the connection.")
                for message in self._decoder.feed(data):
                    if isinstance(message, rpc.Response) and message.msgid == number:
                        return _result(message)
        except ConnectionError as error:
            raise BrokerError("The broker closed the connection.") from error
        except TimeoutError as error:
            raise TimedOutError(
                "The broker does not answer: `zeke broker stop` ends it, a new one starts on use."
            ) from error

    def wait_closed(self) -> None:
        """Wait until the broker hangs up; raises ``TimedOutError`` when it does not."""
        try:
            while self._socket.recv(65536):
                pass
        except ConnectionResetError:
            return
        except TimeoutError as error:
            raise TimedOutError("The broker did not stop in time.") from error


def _result(message: rpc.Response) -> Any:
    match message.error:
        case None:
            return message.result
        case {"code": str(code), "message": str(sentence)}:
            raise by_code(code, sentence)
        case other:
            raise BrokerError(f"The broker answered with an error: {other}.")
