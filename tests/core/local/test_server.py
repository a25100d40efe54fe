"""Starting, sharing, switching, idling and dying, with a child that has no model in it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from zeke_bridge.core.local import launch
from zeke_bridge.core.local.server import LlamaLimits, LlamaServer
from zeke_bridge.model.errors import (
    NoModelError,
    ProviderError,
    TimedOutError,
    UnknownModelError,
)

pytestmark = pytest.mark.anyio

STUB = (sys.executable, "-S", str(Path(__file__).with_name("stub_child.py")))
LIMITS = LlamaLimits(load_s=30.0)


@dataclass
class FakeTimer:
    """A clock that rings when the test says so."""

    seconds: float = 0.0
    call: Callable[[], None] | None = None
    set_times: int = 0

    def schedule(self, seconds: float, call: Callable[[], None]) -> FakeTimer:
        self.seconds, self.call = seconds, call
        self.set_times += 1
        return self

    def cancel(self) -> None:
        self.call = None

    def ring(self) -> None:
        assert self.call is not None
        self.call()


@dataclass
class House:
    """A shelf of stub models, and servers over it."""

    models: Path
    runtime: Path
    log: Path
    timer: FakeTimer = field(default_factory=FakeTimer)

    def add(self, name: str, behaviour: str = "") -> None:
        (self.models / f"{name}.gguf").write_text(behaviour)

    def starts(self, name: str) -> list[int]:
        path = self.models / f"{name}.starts"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    @asynccontextmanager
    async def server(self, limits: LlamaLimits = LIMITS) -> AsyncIterator[LlamaServer]:
        server = LlamaServer(
            self.models,
            self.runtime,
            60.0,
            limits=limits,
            log=self.log,
            schedule=self.timer.schedule,
            command=STUB,
        )
        try:
            yield server
        finally:
            await server.stop()


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "models").mkdir()
    made = House(tmp_path / "models", tmp_path / "run", tmp_path / "state" / "model.log")
    made.add("one")
    made.add("two")
    return made


def gone(server: LlamaServer) -> asyncio.Future[None]:
    """Something to wait for: it is done when the child that is there now is dead."""
    pid = server.pid
    assert pid is not None

    def wait() -> None:
        with contextlib.suppress(ChildProcessError):  # already taken note of by asyncio
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    return asyncio.get_running_loop().run_in_executor(None, wait)


async def test_a_child_is_started_when_it_is_needed(house: House) -> None:
    async with house.server() as server:
        assert server.installed() == ["one", "two"]
        assert house.starts("one") == []
        endpoint = await server.ensure("one")
        assert house.starts("one") == [server.pid]
        mode = Path(endpoint.socket_path).stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) & 0o077 == 0
        assert stat.S_IMODE(house.runtime.stat().st_mode) == 0o700
        assert len(endpoint.api_key) == 32
        end = gone(server)
    await end
    assert not Path(endpoint.socket_path).exists()


async def test_callers_at_the_same_time_share_one_start(house: House) -> None:
    async with house.server() as server:
        endpoints = await asyncio.gather(*(server.ensure("one") for _ in range(5)))
        assert len(set(endpoints)) == 1
        assert await server.ensure("one") == endpoints[0]
        assert len(house.starts("one")) == 1


async def test_a_caller_who_leaves_does_not_end_the_start(house: House) -> None:
    async with house.server() as server:
        leaver = asyncio.create_task(server.ensure("one"))
        stayer = asyncio.create_task(server.ensure("one"))
        await asyncio.sleep(0)
        leaver.cancel()
        endpoint = await stayer
        with pytest.raises(asyncio.CancelledError):
            await leaver
        assert await server.ensure("one") == endpoint
        assert len(house.starts("one")) == 1


async def test_a_killed_child_is_started_anew(house: House) -> None:
    async with house.server() as server:
        first = await server.ensure("one")
        end = gone(server)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await end
        second = await server.ensure("one")
        assert second.api_key != first.api_key
        assert len(house.starts("one")) == 2


async def test_another_model_takes_the_place_of_the_first(house: House) -> None:
    async with house.server() as server:
        await server.ensure("one")
        end = gone(server)
        await server.ensure("two")
        await end
        assert house.starts("two") == [server.pid]
        await server.ensure("one")
        assert len(house.starts("one")) == 2


async def test_two_models_wanted_at_once_leave_one_child(house: House) -> None:
    async with house.server() as server:
        await asyncio.gather(*(server.ensure(name) for name in ("one", "two", "one", "two")))
        assert house.starts("two")[-1] == server.pid
        pids = house.starts("one") + house.starts("two")
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_idle_the_child_is_ended_and_started_again_when_needed(house: House) -> None:
    async with house.server() as server:
        endpoint = await server.ensure("one")
        assert house.timer.seconds == 60.0
        end = gone(server)
        house.timer.ring()
        # Already now nobody gets the endpoint of a process that is about to end.
        again = await server.ensure("one")
        await end
        assert again != endpoint
        assert len(house.starts("one")) == 2


async def test_while_something_is_in_flight_no_idle_time_is_counted(house: House) -> None:
    async with house.server() as server:
        with server.in_use():
            await server.ensure("one")
            assert house.timer.call is None
            with server.in_use():
                pass
            assert house.timer.call is None
        assert house.timer.call is not None
        with server.in_use():
            assert house.timer.call is None


async def test_use_counts_idle_time_from_its_end(house: House) -> None:
    async with house.server() as server:
        await server.ensure("one")
        before = house.timer.set_times
        server.touch()
        assert house.timer.set_times == before + 1


async def test_without_a_child_nothing_is_put_off(house: House) -> None:
    async with house.server() as server:
        with server.in_use():
            pass
        server.touch()
        assert house.timer.call is None


async def test_stopped_during_the_start_the_callers_hear_it(house: House) -> None:
    house.add("slow", "hang")
    async with house.server() as server:
        caller = asyncio.create_task(server.ensure("slow"))
        await asyncio.sleep(0)
        await server.stop()
        with pytest.raises(ProviderError, match="was stopped"):
            await caller
        assert server.pid is None


async def test_stop_is_final_only_until_the_next_call(house: House) -> None:
    async with house.server() as server:
        await server.stop()
        await server.ensure("one")
        await server.stop()
        await server.stop()
        assert server.pid is None
        await server.ensure("one")


async def test_a_child_that_does_not_go_is_killed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "_FAREWELL_S", 0.2)
    house.add("one", "stubborn")
    async with house.server() as server:
        await server.ensure("one")
        end = gone(server)
        await server.stop()
        await end


async def test_nothing_installed(house: House, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    house.models = tmp_path / "empty"
    async with house.server() as server:
        with pytest.raises(NoModelError, match="zeke model install"):
            await server.ensure("one")


async def test_an_unknown_model(house: House) -> None:
    async with house.server() as server:
        with pytest.raises(UnknownModelError, match="three is not installed: choose one of one"):
            await server.ensure("three")


async def test_no_llama_cpp_says_which_extra(house: House) -> None:
    house.add("bad", "missing")
    async with house.server() as server:
        with pytest.raises(NoModelError, match=r'pip install "zeke-bridge\[local\]"'):
            await server.ensure("bad")


async def test_a_llama_cpp_that_does_not_load_says_what_it_misses(house: House) -> None:
    house.add("bad", "unusable")
    async with house.server() as server:
        with pytest.raises(NoModelError, match=r"libgomp.so.1: cannot open.*apt-get install"):
            await server.ensure("bad")


async def test_a_child_that_dies_says_why_and_the_next_try_is_a_new_one(house: House) -> None:
    house.add("bad", "die")
    async with house.server() as server:
        with pytest.raises(ProviderError, match="could not be loaded: gguf_init: invalid magic"):
            await server.ensure("bad")
        house.add("bad", "")
        await server.ensure("bad")
        assert server.pid is not None


async def test_a_killed_load_asks_about_memory(house: House) -> None:
    house.add("bad", "killed")
    async with house.server() as server:
        with pytest.raises(ProviderError, match="was killed; is there enough memory"):
            await server.ensure("bad")


async def test_a_load_without_end_has_a_limit(house: House) -> None:
    house.add("bad", "hang")
    async with house.server(LlamaLimits(load_s=0.2)) as server:
        with pytest.raises(TimedOutError, match=r"did not load in 0\.2 seconds"):
            await server.ensure("bad")
        assert server.pid is None


async def test_the_log_is_private_and_the_last_one_is_kept(house: House) -> None:
    house.add("bad", "die")
    async with house.server() as server:
        with pytest.raises(ProviderError):
            await server.ensure("bad")
        await server.ensure("one")
    assert stat.S_IMODE(house.log.stat().st_mode) == 0o600
    assert house.log.read_text() == ""
    assert "invalid magic" in house.log.with_name("model.log.1").read_text()


async def test_a_runtime_directory_too_long_for_a_socket(house: House) -> None:
    house.runtime = house.runtime / ("x" * 100)
    async with house.server() as server:
        endpoint = await server.ensure("one")
        directory = Path(endpoint.socket_path).parent
        assert str(directory).startswith(tempfile.gettempdir())
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert len(endpoint.socket_path) <= 100
    assert not directory.exists()


async def test_a_stale_socket_does_not_matter(house: House) -> None:
    house.runtime.mkdir(mode=0o700)
    (house.runtime / f"model-{os.getpid()}.sock").write_text("left over")
    async with house.server() as server:
        await server.ensure("one")
