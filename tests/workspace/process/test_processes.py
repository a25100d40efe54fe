"""Commands for real: what was approved runs, once, and ends with all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.clock import ahead
from tests.workspace.process.bench import Bench, script
from tests.workspace.process.names import OPENING
from zeke_bridge.model.ended import Ended
from zeke_bridge.model.errors import ProcessError
from zeke_bridge.workspace.process import leader, processes
from zeke_bridge.workspace.process.terminal import Limits, Terminal

pytestmark = pytest.mark.anyio


async def ended(terminal: Terminal) -> Ended:
    return await asyncio.wait_for(terminal.wait(), 30)


class Line:
    """A FIFO that is at its end when the last process that holds it open is gone."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    async def read(self) -> bytes:
        """What is written next; empty when nobody is left who could write."""
        while True:
            await self._ready()
            # Somebody may have come who could write, since there was nobody left.
            with contextlib.suppress(BlockingIOError):
                return os.read(self._handle, 65536)

    async def _ready(self) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self._handle, lambda: ready.done() or ready.set_result(None))
        try:
            await asyncio.wait_for(ready, 30)
        finally:
            loop.remove_reader(self._handle)

    def close(self) -> None:
        os.close(self._handle)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path / "line")
    yield made
    made.close()


async def test_output_and_exit(bench: Bench) -> None:
    assert await bench.run("sh", "-c", "echo out; echo err >&2; exit 3") == (
        "out\nerr\n",
        Ended(3),
    )
    assert await bench.run("sh", "-c", "kill -9 $$") == ("", Ended(None, "SIGKILL"))


async def test_arguments_reach_the_program_as_they_are(bench: Bench) -> None:
    odd = ("a b", "$HOME", "`id`", "*", "'", '"', "\n", ";", "", "--", "ä😀")
    text, _ = await bench.run("printf", "%s|", *odd)
    assert text == "".join(f"{argument}|" for argument in odd)


async def test_no_input_and_no_other_handles(bench: Bench) -> None:
    text, end = await bench.run("sh", "-c", "cat; ls -l /proc/self/fd | wc -l; ls /proc/self/fd")
    assert end == Ended(0)
    # 0, 1, 2, and the one that ls reads with.
    assert text.split()[1:] == ["0", "1", "2", "3"]


async def test_a_session_of_its_own(bench: Bench) -> None:
    terminal = bench.start("sh", "-c", "cut -d' ' -f1,5,6 /proc/$$/stat; tty")
    await ended(terminal)
    pid, group, session = terminal.output().text.split()[:3]
    assert pid == group == session
    assert int(session) != os.getsid(0)
    assert "not a tty" in terminal.output().text


async def test_where_it_runs(bench: Bench) -> None:
    text, _ = await bench.run("sh", "-c", 'pwd -P; echo "$PWD"; echo "$0"', cwd="src")
    assert text.splitlines() == [str(bench.root / "src")] * 2 + ["sh"]


async def test_a_program_of_the_project_by_its_path(bench: Bench) -> None:
    script(bench.root / "src" / "run", 'echo "$0 $1"')
    assert await bench.run("./run", "x", cwd="src") == (f"{bench.root}/src/run x\n", Ended(0))


@pytest.mark.parametrize("path", [".", "", "{root}", ".:{root}:", "/usr/bin:.", "{root}/src/.."])
async def test_a_tool_of_the_project_is_not_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for name in ("git", "ls", "echo", "sh"):
        script(bench.root / name, "echo evil")
    monkeypatch.setenv("PATH", path.format(root=bench.root))
    assert await bench.run("echo", "good") == ("good\n", Ended(0))
    # Nor by what it starts in turn.
    assert (await bench.run("env", "sh", "-c", "echo good; ls /dev/null"))[0] == (
        "good\n/dev/null\n"
    )
    text, _ = await bench.run("sh", "-c", 'echo "$PATH"')
    assert str(bench.root) not in text
    assert all(entry.startswith("/") for entry in text.strip().split(":"))


async def test_no_variable_leaks(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OPENING:
        monkeypatch.setenv(name, "leak-7f3a")
    text, _ = await bench.run("cat", "/proc/self/environ", env=(("APPROVED", "yes"),))
    found = dict(entry.split("=", 1) for entry in text.strip("\0").split("\0"))
    assert found["APPROVED"] == "yes"
    assert not set(OPENING) & set(found)
    assert "leak-7f3a" not in text


async def test_the_output_is_bounded(bench: Bench) -> None:
    limits = Limits(output_bytes=1000, seconds=60)
    terminal = bench.start(
        "sh", "-c", "head -c 100000000 /dev/zero | tr '\\0' x; echo end", limits=limits
    )
    assert await ended(terminal) == Ended(0)
    output = terminal.output()
    assert (len(output.text), output.truncated) == (1000, True)
    assert output.text.endswith("xend\n")


async def test_an_agent_cannot_wish_for_more_than_there_is(bench: Bench) -> None:
    asked = Limits(output_bytes=10**12, seconds=10**12)
    terminal = bench.start("true", limits=asked)
    assert terminal._limits == replace(
        asked, output_bytes=processes.MAX_OUTPUT, seconds=processes.MAX_SECONDS
    )
    await ended(terminal)


async def test_what_was_printed_so_far(bench: Bench, line: Line) -> None:
    terminal = bench.start("sh", "-c", f"echo first; echo go >{line.path}; exec sleep 1000")
    assert await line.read() == b"go\n"
    output = terminal.output()
    assert output.ended is None
    assert (await asyncio.wait_for(terminal.kill(), 30)) == Ended(None, "SIGTERM")
    assert terminal.output().text == "first\n"
    await terminal.release()
    assert terminal.output().text == ""


async def test_the_time_limit(bench: Bench) -> None:
    terminal = bench.start("sleep", "1000", limits=Limits(seconds=0.05))
    assert await ended(terminal) == Ended(None, "SIGTERM", timed_out=True)


async def test_a_flood_does_not_outlast_the_time_limit(bench: Bench) -> None:
    terminal = bench.start("yes", limits=Limits(seconds=60, output_bytes=10))
    flows = asyncio.Event()
    terminal.on_output(lambda _: flows.set())
    await asyncio.wait_for(flows.wait(), 30)
    with ahead(60):
        end = await ended(terminal)
    assert (end.timed_out, terminal.output().text) == (True, "y\n" * 5)


async def test_who_does_not_listen_is_killed(bench: Bench, line: Line) -> None:
    deaf = f"trap '' TERM; echo go >{line.path}; while :; do sleep 1000; done"
    terminal = bench.start("sh", "-c", deaf)
    assert await line.read() == b"go\n"
    assert await asyncio.wait_for(terminal.kill(), 30) == Ended(None, "SIGKILL")


async def test_who_is_stopped_is_killed(bench: Bench) -> None:
    terminal = bench.start("sh", "-c", "kill -STOP $$")
    os.waitid(os.P_PID, terminal._leader.pid, os.WSTOPPED | os.WNOWAIT)
    assert (await asyncio.wait_for(terminal.kill(), 30)).signal == "SIGTERM"


async def test_what_it_leaves_behind_ends_with_it(bench: Bench, line: Line) -> None:
    left = "(trap '' TERM HUP; echo go >&3; exec sleep 1000) & exit 0"
    terminal = bench.start("sh", "-c", f"exec 3>{line.path}; {left}")
    await ended(terminal)
    # Its writer is dead, whether or not it came to write.
    while await line.read():
        pass


async def test_grandchildren_end_with_a_kill(bench: Bench, line: Line) -> None:
    inner = f"trap '' TERM; exec >{line.path}; echo go; while :; do sleep 1000; done"
    terminal = bench.start("sh", "-c", f"sh -c {quote(inner)} & wait")
    assert await line.read() == b"go\n"
    await asyncio.wait_for(terminal.kill(), 30)
    assert await line.read() == b""


async def test_a_cancelled_kill_happens(bench: Bench, line: Line) -> None:
    terminal = bench.start("sh", "-c", f"exec >{line.path}; echo go; exec sleep 1000")
    assert await line.read() == b"go\n"
    killing = asyncio.ensure_future(terminal.kill())
    asyncio.get_running_loop().call_soon(killing.cancel)
    with pytest.raises(asyncio.CancelledError):
        await killing
    assert await ended(terminal) == Ended(None, "SIGTERM")


async def test_a_cancelled_wait_ends_nothing(bench: Bench) -> None:
    terminal = bench.start("sleep", "1000")
    waiting = asyncio.ensure_future(terminal.wait())
    asyncio.get_running_loop().call_soon(waiting.cancel)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert terminal.output().ended is None
    await terminal.release()


async def test_who_leaves_the_group_is_not_waited_for(bench: Bench, line: Line) -> None:
    away = f"setsid sh -c 'echo $$ >{line.path}; exec sleep 1000' & read x <{line.path}.back"
    os.mkfifo(f"{line.path}.back")
    terminal = bench.start("sh", "-c", away)
    other = int(await line.read())
    Path(f"{line.path}.back").write_text("\n")
    try:
        assert (await ended(terminal)).code == 0
    finally:
        os.kill(other, signal.SIGKILL)


async def test_it_ends_with_the_broker(bench: Bench, line: Line, tmp_path: Path) -> None:
    code = f"""
import asyncio
from tests.workspace.process.bench import Bench
from pathlib import Path

async def main():
    bench = Bench(Path({str(bench.root)!r}))
    inner = "trap '' TERM HUP INT; exec >{line.path}; echo go; while :; do sleep 1000; done"
    bench.start("sh", "-c", f"sh -c \\"{{inner}}\\" & wait")
    await asyncio.Event().wait()

asyncio.run(main())
"""
    broker = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[3])
    try:
        assert await line.read() == b"go\n"
    finally:
        broker.kill()
        broker.wait(30)
    assert await line.read() == b""


async def test_it_ends_with_a_broker_that_dies_as_it_starts(
    bench: Bench, line: Line, tmp_path: Path
) -> None:
    code = f"""
import asyncio, os, signal
from tests.workspace.process.bench import Bench
from zeke_bridge.workspace.process.groups import Groups
from pathlib import Path

async def main():
    bench = Bench(Path({str(bench.root)!r}))
    Groups.add = lambda self, group: os.kill(os.getpid(), signal.SIGKILL)
    bench.start("sh", "-c", "exec 3>{line.path}; echo go >&3; while :; do sleep 1000; done")

asyncio.run(main())
"""
    broker = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[3])
    try:
        assert broker.wait(30) == -signal.SIGKILL
    finally:
        broker.kill()
    # It may be killed before it comes to say anything.
    os.close(os.open(line.path, os.O_WRONLY | os.O_NONBLOCK))
    while await line.read():
        pass


async def test_a_killed_keeper_is_replaced(bench: Bench, line: Line) -> None:
    first = bench.start("sleep", "1000")
    keeper = bench.processes._groups._keeper
    keeper.kill()
    keeper.wait(30)
    second = bench.start("sleep", "1000")
    assert bench.processes._groups._keeper is not keeper
    assert bench.processes._groups._keeper.poll() is None
    await asyncio.wait_for(asyncio.gather(first.release(), second.release()), 30)


async def test_without_a_keeper_nothing_runs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(ProcessError, match="cannot be started"):
        bench.start("touch", str(bench.root / "x"))
    assert not (bench.root / "x").exists()


async def test_without_handles_on_processes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(leader.os, "pidfd_open")
    assert await bench.run("sh", "-c", "echo x; exit 4") == ("x\n", Ended(4))


async def test_what_the_system_cannot_run(bench: Bench) -> None:
    (bench.root / "text").write_text("echo a shell would run this\n")
    (bench.root / "text").chmod(0o755)
    with pytest.raises(ProcessError, match="Exec format error"):
        bench.start("./text")
    script(bench.root / "run", "").write_text("#!/no/such/interpreter\n")
    with pytest.raises(ProcessError, match="No such file"):
        bench.start("./run")


async def test_not_too_many_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MAX_RUNNING", 2)
    first = bench.start("sleep", "1000")
    bench.start("sleep", "1000")
    with pytest.raises(ProcessError, match="2 programs run already"):
        bench.start("true")
    await asyncio.wait_for(first.release(), 30)
    assert (await bench.run("true"))[1] == Ended(0)


async def test_sixty_at_once(bench: Bench) -> None:
    running = [bench.start("sh", "-c", f"echo {number}") for number in range(60)]
    await asyncio.wait_for(asyncio.gather(*(each.wait() for each in running)), 60)
    assert [each.output().text for each in running] == [f"{number}\n" for number in range(60)]


async def test_no_handle_of_ours_is_inherited(bench: Bench, tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    os.set_inheritable(ours.fileno(), True)
    secret = hashlib.sha256(os.fsencode(tmp_path)).hexdigest()
    with ours, theirs:
        code = f"for fd in /proc/self/fd/*; do echo {secret} >&{ours.fileno()}; done 2>/dev/null; :"
        await bench.run("sh", "-c", code)
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):
            theirs.recv(1)


def quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
