"""The asynchronous client of the broker, at a broker of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge import __version__
from zeke_bridge.bridge import rpc
from zeke_bridge.bridge.connection import DISPATCH
from zeke_bridge.bridge.peer import NoBrokerError, Peer
from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.model.errors import BrokerError, InputError, TimedOutError

pytestmark = pytest.mark.anyio

Answers = Callable[[str, Any], list[rpc.Message | bytes | None]]
"""What is sent for a request: messages and bytes as they are, None to hang up."""


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    tmp_path.chmod(0o700)
    (tmp_path / "token").write_text("secret")
    return Runtime(tmp_path)


@asynccontextmanager
async def _broker(runtime: Runtime, answers: Answers) -> AsyncIterator[list[rpc.Message]]:
    heard: list[rpc.Message] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        decoder = rpc.Decoder()
        while data := await reader.read(65536):
            for message in decoder.feed(data):
                heard.append(message)
                if isinstance(message, rpc.Request):
                    for one in answers(message.method, message.params):
                        if one is None:
                            writer.close()
                            return
                        if isinstance(one, rpc.Response):
                            one = rpc.Response(message.msgid, one.error, one.result)
                        writer.write(one if isinstance(one, bytes) else rpc.encode(one))
        writer.close()

    server = await asyncio.start_unix_server(serve, str(runtime.socket))
    async with server:
        yield heard
        for writer in writers:
            writer.close()
            await writer.wait_closed()


class Ear:
    def __init__(self) -> None:
        self.heard: list[tuple[str, Mapping[str, Any]]] = []
        self.gone = asyncio.Event()

    async def hear(self, name: str, fields: Mapping[str, Any]) -> None:
        self.heard.append((name, fields))


def _ok(result: Any = None) -> rpc.Response:
    return rpc.Response(0, None, result)


def _event(name: str) -> rpc.Notification:
    return rpc.Notification("nvim_exec_lua", [DISPATCH, [name, {"n": 1}]])


async def _connected(runtime: Runtime, ear: Ear) -> Peer:
    return await Peer.connect(runtime, {"cwd": "/", "ui": True}, ear.hear, ear.gone.set)


async def test_it_says_hello_asks_and_hears_in_order(runtime: Runtime) -> None:
    def answers(method: str, params: Any) -> list[Any]:
        return [_ok()] if method == "hello" else [_event("one"), _event("two"), _ok({"a": 1})]

    ear = Ear()
    async with _broker(runtime, answers) as heard:
        peer = await _connected(runtime, ear)
        assert await peer.call("x", {"b": 2}, 30) == {"a": 1}
        assert [name for name, _ in ear.heard] == ["one", "two"]
        peer.close()
        [hello, asked] = heard
    assert isinstance(hello, rpc.Request)
    assert hello.params == [{"version": __version__, "token": "secret", "cwd": "/", "ui": True}]
    assert isinstance(asked, rpc.Request)
    assert asked.params == [{"b": 2}]
    assert not ear.gone.is_set()
    with pytest.raises(NoBrokerError):
        await peer.call("x", {}, 30)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"code": "bad_input", "message": "No."}, InputError),
        ({"code": "outdated", "message": "Older."}, NoBrokerError),
        ("what", BrokerError),
    ],
)
async def test_a_refusal_is_the_brokers_own_error(runtime: Runtime, said: Any, kind: Any) -> None:
    async with _broker(runtime, lambda *_: [rpc.Response(0, said, None)]):
        with pytest.raises(kind):
            await _connected(runtime, Ear())


async def test_a_broker_that_goes_is_noticed_once(runtime: Runtime) -> None:
    ear = Ear()
    answers: Answers = lambda method, _: [_ok()] if method == "hello" else [None]  # noqa: E731
    async with _broker(runtime, answers):
        peer = await _connected(runtime, ear)
        with pytest.raises(NoBrokerError):
            await peer.call("x", {}, 30)
        async with asyncio.timeout(30):
            await ear.gone.wait()


@pytest.mark.parametrize("last", [None, b"\xc1\xc1"])
async def test_one_that_leaves_before_the_hello_is_no_broker(runtime: Runtime, last: Any) -> None:
    ear = Ear()
    async with _broker(runtime, lambda *_: [last]):
        with pytest.raises(NoBrokerError):
            await _connected(runtime, ear)
    assert not ear.gone.is_set()


async def test_none_is_no_broker(runtime: Runtime) -> None:
    with pytest.raises(NoBrokerError):
        await _connected(runtime, Ear())


async def test_silence_has_an_end(runtime: Runtime) -> None:
    async with _broker(runtime, lambda method, _: [_ok()] if method == "hello" else []):
        peer = await _connected(runtime, Ear())
        with pytest.raises(TimedOutError):
            await peer.call("x", {}, 0.01)
        peer.close()
