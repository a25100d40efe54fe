"""One broker, however many start at once; what it does is a stand-in that answers with its pid."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from zeke_bridge.bridge import launch
from zeke_bridge.bridge.runtime import Runtime, prepare
from zeke_bridge.model.errors import BrokerError

PROGRAM = """
import os, signal, sys
from zeke_bridge.bridge import launch
from zeke_bridge.bridge.runtime import prepare

def serve(runtime, listening, token):
    while True:
        connection, _ = listening.accept()
        # A probe that only connects may be gone already.
        try:
            connection.sendall(str(os.getpid()).encode())
        except OSError:
            pass
        connection.close()

print("ready", launch.start(prepare(), serve))
"""


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    monkeypatch.setenv("ZEKE_RUNTIME_DIR", str(tmp_path / "z"))
    found = prepare()
    yield found
    if launch.alive(found):
        os.kill(_ask(found), signal.SIGKILL)


def _ask(runtime: Runtime) -> int:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(str(runtime.socket))
        return int(client.recv(100))


def _starter(program: str = PROGRAM) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)


def test_ten_starts_at_once_give_one_broker(runtime: Runtime) -> None:
    starters = [_starter() for _ in range(10)]
    for starter in starters:
        out, _ = starter.communicate(timeout=30)
        assert out == f"ready {runtime.socket}\n"
        assert starter.returncode == 0
    assert len({_ask(runtime) for _ in range(10)}) == 1
    assert runtime.socket.stat().st_mode & 0o777 == 0o600
    assert not list(runtime.directory.glob("broker.[0-9]*"))


def test_the_kernel_names_the_broker_not_its_starter(runtime: Runtime) -> None:
    _starter().communicate(timeout=30)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(runtime.socket))
        pid, uid = launch.peer(client)
    assert pid == _ask(runtime)
    assert uid == os.getuid()


def test_it_is_the_broker_that_is_found_as_soon_as_there_is_one(runtime: Runtime) -> None:
    # One that takes its time: until its starter has ended.
    slow = "reads, writes = os.pipe()\nos.setsid = lambda: (os.close(writes), os.read(reads, 1))"
    found = (
        "probe = launch.socket.socket(launch.socket.AF_UNIX); probe.connect(str(prepare().socket))"
    )
    ending = f"\n{found}\nprint(launch.peer(probe)[0] != os.getpid(), flush=True)\nos._exit(0)\n"
    starter = _starter(PROGRAM.replace("def serve", f"{slow}\n\ndef serve") + ending)
    assert starter.communicate(timeout=30)[0].splitlines()[1:] == ["True"]


def test_a_killed_brokers_socket_is_replaced(runtime: Runtime) -> None:
    _starter().communicate(timeout=30)
    first = _ask(runtime)
    os.kill(first, signal.SIGKILL)
    _starter().communicate(timeout=30)
    assert _ask(runtime) != first


def test_a_second_in_the_foreground_is_refused(runtime: Runtime) -> None:
    _starter().communicate(timeout=30)
    with pytest.raises(BrokerError, match="running already"):
        launch.run(runtime, lambda *_: None)


def test_retiring_takes_only_ones_own_name(runtime: Runtime) -> None:
    def gone(where: Runtime, listening: socket.socket, _token: str) -> None:
        launch.retire(where)
        listening.close()

    launch.run(runtime, gone)
    assert not runtime.socket.exists()
    _starter().communicate(timeout=30)
    launch.retire(runtime)
    assert runtime.socket.exists()
