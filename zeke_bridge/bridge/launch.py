"""Finding the running broker, or becoming it: one per user, however many start at once.

Starting is serialised by ``flock``; whoever holds it listens on a private name and renames that
over the public one, so that a client finds either a socket that answers or none. What the broker
then does is handed in as ``serve``; this module knows nothing of it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from zeke_bridge.bridge.runtime import Runtime, new_token
from zeke_bridge.model.errors import BrokerError

START_LIMIT = 10
# Eight editors and their raw pipes at once, and room.
BACKLOG = 128

Serve = Callable[[Runtime, socket.socket, str], None]
"""``serve(runtime, listening_socket, token)`` runs the broker until it ends."""


def alive(runtime: Runtime) -> bool:
    """Whether something listens on the broker's socket (it may still be too busy to answer)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(runtime.socket))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except BlockingIOError:
            return True
        except OSError as error:
            raise BrokerError(f"{runtime.socket} cannot be reached: {error.strerror}.") from error
        return True


@contextlib.contextmanager
def starting(runtime: Runtime) -> Iterator[int]:
    """Hold the right to start or to end a broker, as the open lock file.

    Raises ``BrokerError`` after 10 s of waiting.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    handle = os.open(runtime.lock, flags, 0o600)
    try:
        _lock_in_time(handle)
        yield handle
    finally:
        os.close(handle)


def start(runtime: Runtime, serve: Serve) -> Path:
    """Return the path of a socket that answers, starting a detached broker when there is none."""
    if alive(runtime):
        return runtime.socket
    with starting(runtime) as lock:
        if not alive(runtime):
            token = new_token(runtime)
            listening = _listen(runtime)
            sys.stdout.flush()
            answers, answering = os.pipe()
            if os.fork() == 0:
                # A lock is shared over a fork, and would stay held as long as the broker lives.
                for handle in (lock, answers):
                    os.close(handle)
                _become(runtime, listening, token, serve, answering)
            listening.close()
            os.close(answering)
            # At its end once the broker listens itself: who asks after us has to find that one.
            os.read(answers, 1)
            os.close(answers)
    return runtime.socket


def run(runtime: Runtime, serve: Serve) -> None:
    """Be the broker in this process. Raises ``BrokerError`` when one is running already."""
    with starting(runtime):
        if alive(runtime):
            raise BrokerError("A broker is running already: see `zeke broker status`.")
        token = new_token(runtime)
        listening = _listen(runtime)
    serve(runtime, listening, token)


def retire(runtime: Runtime) -> None:
    """Take the public name away, unless another broker has put its own there meanwhile.

    To be called by the broker itself, while its socket still listens.
    """
    with starting(runtime), contextlib.suppress(FileNotFoundError):
        # The kernel keeps the name a socket was bound to, so ask by connecting: while our own
        # socket listens, an answer from our own process means that the name is ours.
        if _owner(runtime) in (None, os.getpid()):
            runtime.socket.unlink()


def _lock_in_time(handle: int) -> None:
    def give_up(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise TimeoutError

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    else:
        return
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(START_LIMIT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except TimeoutError as error:
        raise BrokerError("Another start of the broker hangs: run `zeke broker stop`.") from error
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _listen(runtime: Runtime) -> socket.socket:
    private = runtime.directory / f"broker.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):
        private.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listening.bind(str(private))
        listening.listen(BACKLOG)
        private.replace(runtime.socket)
    except OSError as error:
        listening.close()
        reason = os.strerror(error.errno or errno.EIO)
        raise BrokerError(f"The broker cannot listen in {runtime.directory}: {reason}.") from error
    finally:
        os.umask(before)
    return listening


def _become(
    runtime: Runtime, listening: socket.socket, token: str, serve: Serve, answering: int
) -> NoReturn:
    """Leave the terminal and its session, then serve; never returns to the caller's code.

    ``answering`` is closed when clients find this process and no longer its parent.
    """
    code = 1
    try:
        # The kernel tells clients who listened last: that has to be the broker, not its parent.
        listening.listen(BACKLOG)
        os.close(answering)
        os.setsid()
        os.chdir("/")
        quiet = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):
            os.dup2(quiet, handle)
        serve(runtime, listening, token)
        code = 0
    finally:
        os._exit(code)


def _owner(runtime: Runtime) -> int | None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(runtime.socket))
        except OSError:
            return None
        return peer(probe)[0]


def peer(connected: socket.socket) -> tuple[int, int]:
    """Process id and user id at the other end, as the kernel knows them (pid 0: it does not)."""
    if hasattr(socket, "SO_PEERCRED"):
        size = 12
        raw = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        pid, uid = (int.from_bytes(raw[at : at + 4], sys.byteorder) for at in (0, 4))
        return pid, uid
    # macOS and the BSDs: struct xucred {version, uid, …} of LOCAL_PEERCRED.
    raw = connected.getsockopt(0, 0x001, 76)
    return 0, int.from_bytes(raw[4:8], sys.byteorder)
