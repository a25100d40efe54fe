"""Programs that are spoken to by their pipes."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workspace.process.bench import Bench, script
from tests.workspace.process.names import OPENING
from zeke_bridge.model.ended import Ended
from zeke_bridge.model.errors import ChangedError, DeniedError, ProcessError
from zeke_bridge.workspace.process import processes
from zeke_bridge.workspace.process.child import Child

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who ends when its input does has the time for it, on a busy machine too."""
    monkeypatch.setattr(processes, "GRACE_S", 30.0)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch, patient: None) -> None:
    monkeypatch.setattr(processes, "GRACE_S", 0.2)


async def said(child: Child, text: bytes) -> bytes:
    child.writer.write(text)
    await asyncio.wait_for(child.writer.drain(), 30)
    return await asyncio.wait_for(child.reader.readline(), 30)


async def closed(child: Child) -> Ended:
    await asyncio.wait_for(child.aclose(), 30)
    return await child.wait()


async def test_it_answers_and_ends_when_its_input_does(bench: Bench) -> None:
    child = await bench.open("cat")
    assert await said(child, b"one\n") == b"one\n"
    assert await said(child, b"two\n") == b"two\n"
    assert await closed(child) == Ended(0)
    assert await child.reader.read() == b""


async def test_a_line_of_megabytes(bench: Bench) -> None:
    child = await bench.open("cat")
    line = b"x" * (5 * 1024 * 1024) + b"\n"
    child.writer.write(line)
    assert await asyncio.wait_for(child.reader.readline(), 30) == line
    await closed(child)


async def test_who_is_not_listened_to_waits(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zeke_bridge.workspace.process.child.MOST_LINE", 65536)
    child = await bench.open("sh", "-c", "yes & echo started >&2; read x; kill $!")
    line = await asyncio.wait_for(child.reader.readline(), 30)
    assert line == b"y\n"
    # Twice the limit, and one reading more.
    assert len(child.reader._buffer) <= 2 * 65536 + 256 * 1024  # type: ignore[attr-defined]
    assert await closed(child)


async def test_its_complaints_are_kept_apart_at_their_end(bench: Bench) -> None:
    child = await bench.open(
        "sh", "-c", "head -c 200000 /dev/zero | tr '\\0' e >&2; echo last >&2; echo out"
    )
    assert await asyncio.wait_for(child.reader.read(), 30) == b"out\n"
    assert await asyncio.wait_for(child.wait(), 30) == Ended(0)
    assert len(child.errors()) == 65536
    assert child.errors().endswith("elast\n")
    await closed(child)


async def test_what_of_the_environment_it_gets(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in OPENING:
        monkeypatch.setenv(name, "leak-7f3a")
    passed = {"OPENAI_API_KEY": "sk-2b71", "MODE": "person"}
    with caplog.at_level(logging.DEBUG):
        child = await bench.open(
            "cat", "/proc/self/environ", environment=passed, env=(("MODE", "approved"),)
        )
        text = (await asyncio.wait_for(child.reader.read(), 30)).decode()
        await closed(child)
    found = dict(entry.split("=", 1) for entry in text.strip("\0").split("\0"))
    assert (found["OPENAI_API_KEY"], found["MODE"]) == ("sk-2b71", "approved")
    assert "leak-7f3a" not in text
    assert "sk-2b71" not in caplog.text


async def test_no_other_handles(bench: Bench) -> None:
    child = await bench.open("ls", "/proc/self/fd")
    assert (await asyncio.wait_for(child.reader.read(), 30)).split() == [b"0", b"1", b"2", b"3"]
    await closed(child)


async def test_how_it_died_is_told(bench: Bench) -> None:
    child = await bench.open("sh", "-c", "echo why >&2; kill -9 $$")
    assert await asyncio.wait_for(child.wait(), 30) == Ended(None, "SIGKILL")
    assert child.errors() == "why\n"
    assert await asyncio.wait_for(child.reader.read(), 30) == b""
    with pytest.raises(ConnectionError):
        while True:
            child.writer.write(b"x" * 65536)
            await asyncio.wait_for(child.writer.drain(), 30)
    await closed(child)


@pytest.mark.usefixtures("hasty")
async def test_who_does_not_listen_is_killed(bench: Bench) -> None:
    child = await bench.open("sh", "-c", "trap '' TERM; echo go; while :; do sleep 1000; done")
    assert await asyncio.wait_for(child.reader.readline(), 30) == b"go\n"
    assert await closed(child) == Ended(None, "SIGKILL")


async def test_its_whole_group_ends_with_it(bench: Bench) -> None:
    child = await bench.open("sh", "-c", "(trap '' TERM HUP; exec sleep 1000) & echo $!")
    assert int(await asyncio.wait_for(child.reader.readline(), 30)) > 1
    # At its end only when nobody holds the pipe any more.
    assert await asyncio.wait_for(child.reader.read(), 30) == b""
    await closed(child)


@pytest.mark.usefixtures("hasty")
async def test_who_left_the_group_is_not_waited_for(bench: Bench) -> None:
    child = await bench.open("sh", "-c", "setsid sleep 1000 & echo $!; wait")
    other = int(await asyncio.wait_for(child.reader.readline(), 30))
    try:
        await closed(child)
        assert await asyncio.wait_for(child.reader.read(), 30) == b""
    finally:
        os.kill(other, 9)


async def test_all_of_them_end_with_the_broker(bench: Bench) -> None:
    children = [await bench.open("cat") for _ in range(5)]
    await asyncio.wait_for(bench.processes.aclose(), 30)
    assert [await child.wait() for child in children] == [Ended(0)] * 5
    with pytest.raises(ProcessError, match="ending"):
        await bench.open("cat")


async def test_a_cancelled_close_happens(bench: Bench) -> None:
    child = await bench.open("cat")
    closing = asyncio.ensure_future(child.aclose())
    asyncio.get_running_loop().call_soon(closing.cancel)
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert await asyncio.wait_for(child.wait(), 30) == Ended(0)
    await closed(child)


async def test_a_permit_is_for_one_start_of_one_program(bench: Bench) -> None:
    action, other = bench.action("cat"), bench.action("cat", "x")
    with pytest.raises(DeniedError, match="another action"):
        await bench.processes.open(bench.permit(action), other, {})
    permit = bench.permit(action)
    await closed(await bench.processes.open(permit, action, {}))
    with pytest.raises(DeniedError, match="used already"):
        await bench.processes.open(permit, action, {})


async def test_a_swapped_program(bench: Bench) -> None:
    script(bench.root / "run", "echo good")
    action = bench.action("./run")
    permit = bench.permit(action)
    script(bench.root / "evil", "echo evil").replace(bench.root / "run")
    with pytest.raises(ChangedError, match="changed since"):
        await bench.processes.open(permit, action, {})


async def test_what_cannot_be_started_leaves_nothing(bench: Bench, root: Path) -> None:
    script(root / "run", "").write_text("#!/no/such/interpreter\n")
    with pytest.raises(ProcessError, match="No such file"):
        await bench.open("./run")


async def test_it_ends_with_a_broker_that_is_killed(bench: Bench, tmp_path: Path) -> None:
    code = f"""
import asyncio
from pathlib import Path
from tests.workspace.process.bench import Bench

async def main():
    bench = Bench(Path({str(bench.root)!r}))
    child = await bench.open("sh", "-c", "trap '' TERM HUP; echo $$; while :; do sleep 1000; done")
    print((await child.reader.readline()).decode(), end="", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
    broker = subprocess.Popen(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[3], stdout=subprocess.PIPE
    )
    assert broker.stdout is not None
    with broker.stdout as said:
        handle = os.pidfd_open(int(said.readline()))
    broker.kill()
    broker.wait(30)
    # A handle on a process can be read when it is over.
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_reader(handle, lambda: over.done() or over.set_result(None))
    await asyncio.wait_for(over, 30)
    asyncio.get_running_loop().remove_reader(handle)
    os.close(handle)
