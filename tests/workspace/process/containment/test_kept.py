"""Programs in bounds on this very kernel: what they can do, and what not."""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workspace.process.bench import script
from tests.workspace.process.containment.conftest import Cell, bounded
from zeke_bridge.model.errors import ProcessError
from zeke_bridge.workspace.process import bound
from zeke_bridge.workspace.process.containment import Contain, launcher

pytestmark = [pytest.mark.anyio, bounded]

DENIED = "ermission denied"


@pytest.mark.parametrize(
    "text",
    [
        "echo new >src/a.py && cat src/a.py",
        "echo new >README.md && cat README.md",
        "mkdir -p src/inner/deep && echo new >src/inner/deep/b && cat src/inner/deep/b",
        "echo new >src/inner/c && mv src/inner/c src/inner/d && cat src/inner/d && rm src/inner/d",
        'echo new >"$TMPDIR/x" && cat "$TMPDIR/x"',
        "echo new | tee /dev/null",
        "sh -c 'sh -c \"echo new >src/a.py; cat src/a.py\"'",
    ],
)
async def test_it_works_in_the_project(cell: Cell, text: str) -> None:
    assert await cell.run(text) == "new\n"


@pytest.mark.parametrize(
    "path",
    [
        "{home}/.bashrc",
        "{home}/new",
        "{home}/.local/state/other",
        "{home}/.local/state/zeke/token",
        "{root}/../beside",
        "{root}/.git/config",
        "{root}/.git/hooks/pre-commit",
        "{root}/.git/hooks/post-commit",
        "{root}/.git/new",
        "{root}/sub/.git/config",
        "{root}/src/.envrc",
        "{root}/.zeke-consents.json",
        "{root}/.envrc",
        "{root}/.nvim.lua",
        "/dev/shm/zeke-test",
        "/tmp/zeke-test-outside",
    ],
)
async def test_it_does_not_write(cell: Cell, path: str) -> None:
    where = Path(path.format(home=cell.home, root=cell.root))
    before = where.read_bytes() if where.exists() else None
    for text in ('echo evil >"$1"', 'echo evil | sh -c "cat >\\"$1\\"" - "$1"'):
        assert DENIED in await cell.run(text, "-", str(where))
    # Renamed, linked, truncated or removed.
    for text in ('mv src/a.py "$1"', 'ln -f src/a.py "$1"', 'truncate -s 0 "$1"', 'rm "$1"'):
        await cell.run(text, "-", str(where))
    assert (where.read_bytes() if where.exists() else None) == before


async def test_it_does_not_read_what_is_ours(cell: Cell) -> None:
    hidden = [cell.state / "token", cell.home / ".config" / "zeke" / "config.toml"]
    for path in hidden:
        said = await cell.run(
            'cat "$1"; ln -s "$1" src/l; cat src/l; cp "$1" src/c; rm -f src/l; '
            'cd "$(dirname "$1")" && cat "$(basename "$1")"',
            "-",
            str(path),
        )
        assert "secret-91c4" not in said
        assert said.count(DENIED) == 4
    (cell.state / "later").write_text("secret-91c4")
    assert DENIED in await cell.run('cat "$1"', "-", str(cell.state / "later"))


async def test_what_of_ours_comes_later_is_hidden_as_well(cell: Cell) -> None:
    (cell.home / ".config" / "zeke" / "config.toml").unlink()
    (cell.home / ".config" / "zeke").rmdir()
    child = await cell.bench.open(
        "sh", "-c", 'read x; cat "$HOME/.config/zeke/config.toml"', contain=Contain()
    )
    (cell.home / ".config" / "zeke").mkdir()
    (cell.home / ".config" / "zeke" / "config.toml").write_text("secret-91c4")
    child.writer.write(b"\n")
    assert await asyncio.wait_for(child.reader.read(), 30) == b""
    await asyncio.wait_for(child.aclose(), 30)
    assert DENIED in child.errors()


async def test_it_reads_the_rest(cell: Cell) -> None:
    said = await cell.run('cat "$HOME/.local/state/other" "$HOME/.bashrc" .git/config; ls /')
    assert said.startswith("open\nold\nold\n")
    assert "etc" in said.split()


async def test_its_own_places(cell: Cell) -> None:
    (cell.home / ".agent.json").write_text("old")
    contain = Contain(writes=("~/.agent", "~/.agent.json", "~/.local/state", "~/.not.json"))
    said = await cell.run(
        'echo a >"$HOME/.agent/x" && cat "$HOME/.agent/x"; echo b >"$HOME/.agent.json"; '
        'echo c >"$HOME/.local/state/other"; cat "$HOME/.local/state/zeke/token"; '
        'echo d >"$HOME/.local/state/zeke/token"; echo e >"$HOME/.not.json"',
        contain=contain,
    )
    assert said.startswith("a\n")
    assert said.count(DENIED) == 3
    assert (cell.home / ".agent.json").read_text() == "b\n"
    assert (cell.home / ".local/state/other").read_text() == "c\n"
    assert (cell.state / "token").read_text() == "secret-91c4\n"


async def test_what_neovim_loads_from_the_project(cell: Cell) -> None:
    (cell.root / "lua").mkdir()
    assert await cell.run("echo x >lua/a.lua") == ""
    contain = Contain(runtimepath=(str(cell.root),))
    assert DENIED in await cell.run("echo x >lua/b.lua", contain=contain)


async def test_the_network_is_open(cell: Cell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"import socket;socket.create_connection(('127.0.0.1',{server.getsockname()[1]}))"
        assert await cell.run('"$1" -c "$2" && echo yes', "-", sys.executable, code) == "yes\n"


async def test_unix_sockets_are_closed(cell: Cell) -> None:
    path = str(cell.home / "s")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        code = f"import socket;socket.socket(socket.AF_UNIX).connect({path!r})"
        assert DENIED in await cell.run('"$1" -c "$2"', "-", sys.executable, code)
    pair = "import socket as s;s.socketpair(s.AF_UNIX, s.{});print('made')"
    for kind, said in (("SOCK_STREAM", "made"), ("SOCK_SEQPACKET", "made"), ("SOCK_DGRAM", DENIED)):
        code = pair.format(kind)
        assert said in await cell.run('"$1" -c "$2"', "-", sys.executable, code)


async def test_nobody_outside_hears_its_signals(cell: Cell) -> None:
    other = subprocess.Popen(["sleep", "1000"])
    try:
        said = await cell.run(f"kill -9 {other.pid}; cat /proc/{other.pid}/environ")
        assert other.poll() is None
        assert "not permitted" in said
        assert DENIED in said
    finally:
        other.kill()
        other.wait(30)


async def test_nobody_outside_gets_other_limits(cell: Cell) -> None:
    # Of processor time, the kernel ends who is over it.
    code = "import resource as r,sys; r.prlimit(int(sys.argv[1]), r.RLIMIT_CPU, (1, 1))"
    other = subprocess.Popen(["sleep", "1000"])
    try:
        said = await cell.run('"$1" -c "$2" "$3"', "-", sys.executable, code, str(other.pid))
        assert "PermissionError" in said
        assert resource.prlimit(other.pid, resource.RLIMIT_CPU)[0] != 1
    finally:
        other.kill()
        other.wait(30)
    assert await cell.run('"$1" -c "$2" 0; ulimit -n 64; ulimit -n', "-", sys.executable, code) == (
        "64\n"
    )


_REACHES = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
other, segment = int(sys.argv[1]), int(sys.argv[2])

def reach(name, *arguments):
    result = getattr(libc, name)(*arguments)
    failed = result in (-1, ctypes.c_void_p(-1).value)
    print(name, os.strerror(ctypes.get_errno()) if failed else "REACHED")

reach("shmat", segment, None, 0)
reach("shmget", 0, 4096, 0o1600)
reach("shmctl", segment, 2, bytes(256))
reach("semget", 0, 1, 0o1600)
reach("semctl", 0, 0, 0, None)
reach("msgget", 0, 0o1600)
reach("mq_open", b"/zeke-test", os.O_CREAT | os.O_RDWR, 0o600, None)
reach("syscall", *((248,) if os.uname().machine == "x86_64" else (217,)), b"user", b"zeke", b"x", 1, -4)
reach("setpriority", 0, other, 7)
reach("setpriority", 2, 0, 7)
reach("sched_setaffinity", other, 8, b"\\1" + bytes(7))
reach("sched_setscheduler", other, 5, bytes(4))
reach("sched_setparam", other, bytes(4))
"""


async def test_nobody_outside_shares_memory_queues_or_keys_and_keeps_its_turn(cell: Cell) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    segment = libc.shmget(0, 4096, 0o1600)
    if segment < 0:
        pytest.skip("this system has no shared memory of System V")
    (cell.root / "src" / "reach.py").write_text(_REACHES)
    other = subprocess.Popen(["sleep", "1000"])
    try:
        before = os.sched_getaffinity(other.pid)
        run = f'"$1" src/reach.py {other.pid} {segment}'
        said = (await cell.run(run, "-", sys.executable)).splitlines()
        assert len(said) == 13
        assert [line for line in said if DENIED not in line] == []
        assert os.getpriority(os.PRIO_PROCESS, other.pid) == os.getpriority(os.PRIO_PROCESS, 0)
        assert os.sched_getaffinity(other.pid) == before
        assert os.sched_getscheduler(other.pid) == os.SCHED_OTHER
    finally:
        libc.shmctl(segment, 0, None)
        other.kill()
        other.wait(30)


async def test_its_own_turn_is_its_own(cell: Cell) -> None:
    code = (
        "import os; os.sched_setaffinity(0, os.sched_getaffinity(0)); os.nice(1);"
        "os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)); print(os.sched_getscheduler(0))"
    )
    assert await cell.run('nice -n 1 "$1" -c "$2"', "-", sys.executable, code) == "3\n"


async def test_it_ends_as_any_other(cell: Cell) -> None:
    child = await cell.bench.open("sh", "-c", "sleep 1000 & echo go; wait", contain=Contain())
    assert await asyncio.wait_for(child.reader.readline(), 30) == b"go\n"
    await asyncio.wait_for(child.aclose(), 30)
    assert (await child.wait()).signal == "SIGTERM"


async def test_no_handle_is_left_in_it(cell: Cell) -> None:
    assert (await cell.run("exec ls /proc/self/fd")).split() == ["0", "1", "2", "3"]


async def test_its_temporary_directory_goes_with_it(cell: Cell) -> None:
    made = (await cell.run('echo x >"$TMPDIR/x"; echo "$TMPDIR"')).strip()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert made
    assert not Path(made).exists()


async def test_a_script_and_a_binary(cell: Cell) -> None:
    script(cell.root / "src" / "run", 'echo "$0 $1"')
    child = await cell.bench.open("src/run", "x", contain=Contain())
    assert await asyncio.wait_for(child.reader.read(), 30) == f"{cell.root}/src/run x\n".encode()
    await asyncio.wait_for(child.aclose(), 30)


async def test_what_cannot_be_started_is_an_error(cell: Cell) -> None:
    script(cell.root / "run", "").write_text("#!/no/such/interpreter\n")
    with pytest.raises(ProcessError, match=r"in bounds: No such file"):
        await cell.bench.open("./run", contain=Contain())


async def test_without_bounds_it_is_not_started(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bound, "unavailable", lambda: "There is none.")
    with pytest.raises(ProcessError, match="There is none"):
        await cell.bench.open("touch", "src/x", contain=Contain())
    assert not (cell.root / "src" / "x").exists()


async def test_a_launcher_that_fails_starts_nothing(
    cell: Cell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "launcher.py"
    broken.write_text("raise SystemExit(1)\n")
    monkeypatch.setattr(bound.launcher, "__file__", str(broken))
    with pytest.raises(ProcessError, match="its launcher died"):
        await cell.bench.open("touch", "src/x", contain=Contain())
    assert not (cell.root / "src" / "x").exists()


async def test_nothing_runs_before_the_bounds(
    cell: Cell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A variable that was approved counts for the program, not for what bounds it."""
    (cell.root / "src" / "sitecustomize.py").write_text("open('/dev/shm/x','w')")
    child = await cell.bench.open(
        "sh",
        "-c",
        'echo "$PYTHONPATH"',
        env=(("PYTHONPATH", f"{cell.root}/src"), ("LD_PRELOAD", "/no/such.so")),
        contain=Contain(),
    )
    assert await asyncio.wait_for(child.reader.read(), 30) == f"{cell.root}/src\n".encode()
    await asyncio.wait_for(child.aclose(), 30)
    assert child.errors().count("LD_PRELOAD") == 1
    assert not Path("/dev/shm/x").exists()


async def test_root_gives_up_what_leads_out(cell: Cell) -> None:
    if os.getuid() != 0:
        pytest.skip("only root has anything to give up")
    status = await cell.run("grep -E 'Cap(Inh|Eff|Bnd)' /proc/self/status")
    inherited, effective, most = (int(line.split()[1], 16) for line in status.splitlines())
    assert inherited == 0
    for power in launcher._POWERS:
        assert not (effective | most) >> power & 1
