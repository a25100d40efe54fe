"""Questions to an editor: answered once, by the one that was asked, or given up in time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from zeke_bridge.broker.asking import Asking
from zeke_bridge.model.errors import InputError, TimedOutError

pytestmark = pytest.mark.anyio


class Sink:
    def __init__(self) -> None:
        self.sent: asyncio.Queue[tuple[str, Mapping[str, Any]]] = asyncio.Queue()

    def send(self, name: str, payload: Mapping[str, Any]) -> None:
        self.sent.put_nowait((name, payload))


async def test_an_answer_finds_its_question() -> None:
    sink = Sink()
    asking = Asking(sink)
    first = asyncio.create_task(asking.ask("text", {"path": "/a"}))
    second = asyncio.create_task(asking.ask("buffers", {}))
    name, payload = await sink.sent.get()
    assert (name, payload) == ("editor.asked", {"ask": 1, "what": "text", "params": {"path": "/a"}})
    _, payload = await sink.sent.get()
    assert asking.answer(payload["ask"], [1])
    assert asking.answer(1, {"text": "x"})
    assert await first == {"text": "x"}
    assert await second == [1]
    assert not asking.answer(1, "again")


async def test_an_editor_that_says_no_or_nothing_or_goes() -> None:
    sink = Sink()
    asking = Asking(sink, limit=0.01)
    with pytest.raises(TimedOutError):
        await asking.ask("text", {})
    assert asking.silent
    asking.heard()
    assert not asking.silent
    asking = Asking(sink)
    task = asyncio.create_task(asking.ask("text", {}))
    await asyncio.sleep(0)
    assert asking.answer(1, None, "There is no such buffer.")
    with pytest.raises(InputError, match="no such buffer"):
        await task
    task = asyncio.create_task(asking.ask("text", {}))
    await asyncio.sleep(0)
    asking.close()
    with pytest.raises(InputError, match="gone"):
        await task


async def test_what_is_no_editor_is_not_asked() -> None:
    sink = Sink()
    with pytest.raises(InputError, match="no Neovim"):
        await Asking(sink, answers=False).ask("text", {})
    assert sink.sent.empty()
