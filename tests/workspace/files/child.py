"""Run a part of a test in a process of its own: with its own mounts, as somebody else, to be killed.

The child is a fork, so that it can use what the test has; it never comes back into pytest.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

LIMIT_S = 60
_CLONE_NEWNS = 0x00020000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_LIBC = ctypes.CDLL(None, use_errno=True)


class CannotError(Exception):
    """The machine does not offer what the test needs."""


def apart(work: Callable[[], None]) -> int:
    """Run ``work`` in a child; return the number of the signal that killed it, else 0.

    What fails there fails here; ``CannotError`` skips.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT_S)
        os.close(reading)
        _inside(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    if said.startswith("cannot: "):
        pytest.skip(said.removeprefix("cannot: "))
    if said:
        pytest.fail(said)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def _inside(work: Callable[[], None], writing: int) -> None:
    try:
        work()
    except CannotError as error:
        os.write(writing, f"cannot: {error}".encode())
    except BaseException:
        os.write(writing, traceback.format_exc().encode())
    finally:
        os._exit(0)


def own_mounts() -> None:
    """Give this process mounts of its own; what is mounted then goes with it."""
    if os.geteuid() != 0:
        raise CannotError("only root can mount")
    if _LIBC.unshare(_CLONE_NEWNS) != 0:
        raise CannotError(f"no mounts of its own: {os.strerror(ctypes.get_errno())}")
    mount("none", Path("/"), "", _MS_REC | _MS_PRIVATE)


def mount(source: str | Path, place: Path, kind: str, flags: int = 0, options: str = "") -> None:
    texts = [os.fsencode(text) for text in (source, place)]
    if _LIBC.mount(*texts, kind.encode(), flags, options.encode()) != 0:
        raise CannotError(f"cannot mount {kind or source}: {os.strerror(ctypes.get_errno())}")


def bind(source: Path, place: Path) -> None:
    mount(source, place, "", _MS_BIND)


def read_only(place: Path) -> None:
    mount(place, place, "", _MS_BIND)
    mount("none", place, "", _MS_BIND | _MS_REMOUNT | _MS_RDONLY)


def become_nobody() -> None:
    if os.geteuid() != 0:
        raise CannotError("only root can become somebody else")
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def forbid(number: int, *calls: int) -> None:
    """Let every one of the system ``calls`` fail with the error ``number``, as sandboxes do."""
    if platform.machine() != "x86_64":
        raise CannotError("the filter is written for x86_64")
    # seccomp(2): load the architecture, then the number of the call, and compare.
    steps = [(0x20, 0, 0, 4), (0x15, 0, len(calls) + 1, 0xC000003E), (0x20, 0, 0, 0)]
    for place, call in enumerate(calls):
        steps.append((0x15, len(calls) - place, 0, call))
    steps += [(0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x00050000 | number)]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    held = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(held))
    if _LIBC.prctl(38, 1, 0, 0, 0) != 0 or _LIBC.prctl(22, 2, program, 0, 0) != 0:
        raise CannotError("no seccomp filters here")
