"""One child process, started without a shell, and the moment it ends.

The end is seen before the child is reaped: only until then its id, and that of its group, cannot
belong to somebody else. Does not know why it runs.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start: the file ``program`` as ``argv``, in ``directory``.

    ``handed`` are handles that it inherits besides input and output, by the same numbers.
    """

    program: str
    argv: Sequence[str]
    directory: str
    environment: Mapping[str, str]
    handed: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Ends:
    """The child's ends of its pipes; without ``input`` it reads nothing."""

    output: int
    errors: int
    input: int = subprocess.DEVNULL


class Leader:
    """The child, first of its own session and process group, whose id is ``pid``."""

    def __init__(self, launch: Launch, ends: Ends) -> None:
        """Start it. Raises OSError."""
        self._child = subprocess.Popen(
            list(launch.argv),
            executable=launch.program,
            cwd=launch.directory,
            env=dict(launch.environment),
            stdin=ends.input,
            stdout=ends.output,
            stderr=ends.errors,
            close_fds=True,
            pass_fds=tuple(launch.handed),
            start_new_session=True,
        )
        self.pid = self._child.pid

    def reap(self) -> int:
        """Return the exit code once it has ended, negative for a signal."""
        return self._child.wait()


def when_ended(pid: int, ended: Callable[[], None]) -> None:
    """Call ``ended`` in this event loop when the child ``pid`` is over and not reaped yet."""
    try:
        handle = os.pidfd_open(pid)
    except (AttributeError, OSError):
        _by_thread(pid, ended)
        return
    loop = asyncio.get_running_loop()

    def over() -> None:
        loop.remove_reader(handle)
        os.close(handle)
        ended()

    loop.add_reader(handle, over)


def _by_thread(pid: int, ended: Callable[[], None]) -> None:
    """Wait in a thread, where the system has no handles on processes."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        if not loop.is_closed():
            loop.call_soon_threadsafe(ended)

    threading.Thread(target=wait, name=f"wait-{pid}", daemon=True).start()
