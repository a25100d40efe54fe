"""Bytes in, calls out, and back, over a transport that only remembers."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest

from zeke_bridge.bridge.connection import MAX_UNREAD, Answer, Connection


class Pipe(asyncio.Transport):
    """One end of a real socket pair; what is written stays here, write by write."""

    def __init__(self, own: socket.socket) -> None:
        super().__init__({"socket": own})
        self.writes: list[bytes] = []
        self.ending = ""
        self.unread = 0

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return bool(self.ending)

    def close(self) -> None:
        self.ending = self.ending or "closed"

    def abort(self) -> None:
        self.ending = "aborted"

    def get_write_buffer_size(self) -> int:
        return self.unread


class Greeter:
    """Answers everything twice: once for the call, once for luck."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.losses = 0

    def notified(self, method: str, params: list[Any]) -> None:
        self.connection.send("heard", {"method": method, "params": params})
        self.connection.send("status.changed", {})

    def requested(self, method: str, params: list[Any], answer: Answer) -> None:
        answer(None, [method, *params])

    def lost(self) -> None:
        self.losses += 1


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Pipe(ours)


@pytest.fixture
def greeter(pipe: Pipe) -> Greeter:
    made: list[Greeter] = []

    def accept(connection: Connection) -> Greeter:
        made.append(Greeter(connection))
        return made[0]

    Connection(os.getuid(), accept).connection_made(pipe)
    return made[0]


def notification(method: str) -> bytes:
    return bytes(msgpack.packb([2, method, [{}]]))


def names(written: bytes) -> list[str]:
    unpacker = msgpack.Unpacker(raw=False)
    unpacker.feed(written)
    return [message[2][1][0] for message in unpacker]


def test_what_answers_one_read_is_one_write(greeter: Greeter, pipe: Pipe) -> None:
    greeter.connection.data_received(notification("a") + notification("b"))
    assert [names(write) for write in pipe.writes] == [["heard", "status.changed"] * 2]


def test_what_comes_by_itself_goes_at_once(greeter: Greeter, pipe: Pipe) -> None:
    greeter.connection.send("task.delta", {"text": "a"})
    assert [names(write) for write in pipe.writes] == [["task.delta"]]
    greeter.connection.send("task.done", {})
    assert [names(write) for write in pipe.writes] == [["task.delta"], ["task.done"]]


def test_a_request_is_answered_with_its_number(greeter: Greeter, pipe: Pipe) -> None:
    greeter.connection.data_received(bytes(msgpack.packb([0, 7, "ask", ["x"]])))
    assert [msgpack.unpackb(write) for write in pipe.writes] == [[1, 7, None, ["ask", "x"]]]


def test_nonsense_ends_the_connection_after_what_was_right(greeter: Greeter, pipe: Pipe) -> None:
    greeter.connection.data_received(notification("a") + b"\xc1")
    assert [names(write) for write in pipe.writes] == [["heard", "status.changed"]]
    assert pipe.ending == "closed"


def test_an_editor_that_reads_nothing_is_let_go(greeter: Greeter, pipe: Pipe) -> None:
    pipe.unread = MAX_UNREAD + 1
    greeter.connection.send("task.delta", {"text": "a"})
    assert pipe.ending == "aborted"
    greeter.connection.send("task.delta", {"text": "b"})
    assert len(pipe.writes) == 1


def test_an_editor_that_is_gone_is_told_nothing(greeter: Greeter, pipe: Pipe) -> None:
    greeter.connection.connection_lost(None)
    greeter.connection.connection_lost(None)
    greeter.connection.send("task.delta", {"text": "a"})
    assert (pipe.writes, greeter.losses) == ([], 1)


def test_another_user_is_not_let_in(pipe: Pipe) -> None:
    def accept(_connection: Connection) -> Greeter:
        raise AssertionError

    Connection(os.getuid() + 1, accept).connection_made(pipe)
    assert pipe.ending == "aborted"
