"""The broker's own end: when nobody is there any more, and not before."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.clock import ahead
from tests.fakes.editor import Editor
from zeke_bridge.app.serving import Serving
from zeke_bridge.bridge import launch
from zeke_bridge.bridge.runtime import Runtime, prepare

pytestmark = pytest.mark.anyio

LIMIT = 20


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    with tempfile.TemporaryDirectory(prefix="zeke-") as base:
        for name in ("RUNTIME", "STATE", "CONFIG", "CACHE"):
            monkeypatch.setenv(f"ZEKE_{name}_DIR", str(Path(base) / name.lower()))
        monkeypatch.setenv("GHOSTLLM_CONFIG_DIR", str(Path(base) / "ghostllm"))
        yield prepare()


def _serving(
    runtime: Runtime, idle: float, made: Callable[..., Serving] = Serving
) -> asyncio.Task[None]:
    """Serve in this very loop, as the process of a broker would."""
    held: list[asyncio.Task[None]] = []

    def serve(where: Runtime, listening: object, token: str) -> None:
        serving = made(where, listening, token, idle=idle)
        held.append(asyncio.get_running_loop().create_task(serving.until_stopped()))

    launch.run(runtime, serve)  # type: ignore[arg-type]
    return held[0]


async def test_with_nobody_there_it_ends_and_leaves_no_socket(runtime: Runtime) -> None:
    async with asyncio.timeout(LIMIT):
        await _serving(runtime, idle=0.01)
    assert not runtime.socket.exists()
    assert not launch.alive(runtime)


class _Emptied(Serving):
    """Says when its last editor has left."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.came, self.left = False, asyncio.Event()

    def idle(self, yes: bool) -> None:
        super().idle(yes)
        if yes and self.came:
            self.left.set()
        self.came = self.came or not yes


async def test_an_editor_keeps_it_until_it_leaves(runtime: Runtime) -> None:
    held: list[_Emptied] = []

    def made(*args: Any, **options: Any) -> Serving:
        held.append(_Emptied(*args, **options))
        return held[0]

    serving = _serving(runtime, LIMIT, made)
    async with Editor(runtime.directory, runtime.directory) as editor:
        # An empty house would have ended by then.
        with ahead(2 * LIMIT):
            editor.notify("state.get", what="tasks", reply=5)
            await editor.until("state", reply=5)
        assert not serving.done()
    async with asyncio.timeout(LIMIT):
        await held[0].left.wait()
    assert not serving.done()
    with ahead(2 * LIMIT):
        await serving
    assert not runtime.socket.exists()


async def _outdated(runtime: Runtime) -> Editor:
    """An editor that was told that this broker is too old for it."""
    editor = Editor(runtime.directory, runtime.directory)
    await editor.connect()
    editor.hello(version="99.0.0")
    assert (await editor.until("broker.refused"))["restart"]
    return editor


async def test_who_is_sent_away_hangs_up_first(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neovim forgets what it was told when the line ends before it has acted on it."""
    monkeypatch.setattr("zeke_bridge.app.serving.FAREWELL_S", float(LIMIT))
    serving = _serving(runtime, idle=LIMIT)
    editor = await _outdated(runtime)
    assert not launch.alive(runtime)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await asyncio.shield(serving)
    await editor.close()
    async with asyncio.timeout(LIMIT / 2):
        await serving


async def test_who_is_sent_away_and_stays_holds_nobody_up(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zeke_bridge.app.serving.FAREWELL_S", 0.01)
    serving = _serving(runtime, idle=LIMIT)
    editor = await _outdated(runtime)
    async with asyncio.timeout(LIMIT):
        await serving
    await editor.close()
