"""The process groups that run now, and the keeper that outlives us for their sake.

Signals go to a whole group at once. Does not know what runs in it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from zeke_bridge.model.errors import ProcessError
from zeke_bridge.workspace.process import keeper

_END_S = 5.0


class Groups:
    """Groups by the id of their leader. The keeper is started with the first of them."""

    def __init__(self) -> None:
        self._running: set[int] = set()
        self._keeper: subprocess.Popen[bytes] | None = None

    def watch(self) -> None:
        """Make sure that a keeper is there.

        Raises:
            ProcessError: it cannot be started; nothing else may be, either.
        """
        if self._keeper is not None and self._keeper.poll() is None:
            return
        self._leave()
        command = [sys.executable, "-I", "-S", keeper.__file__]
        nowhere = subprocess.DEVNULL
        try:
            # A session of its own: a Ctrl-C meant for us must not end it before us.
            self._keeper = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere, cwd="/",
                start_new_session=True, bufsize=0,
            )  # fmt: skip
        except OSError as error:
            reason = f"What ends programs after Zeke cannot be started: {error.strerror}."
            raise ProcessError(reason) from error
        for group in self._running:
            self._tell("+", group)

    @contextmanager
    def starting(self, sink: int) -> Iterator[None]:
        """Have what is started meanwhile, with the pipe ``sink`` as its output, watched already.

        It runs before we know its group, and we may be killed before we can say.
        """
        inode = os.fstat(sink).st_ino
        self._tell("?", inode)
        try:
            yield
        finally:
            self._tell("!", inode)

    def add(self, group: int) -> None:
        """Take a group under watch."""
        self._running.add(group)
        self._tell("+", group)

    def signal(self, group: int, number: signal.Signals) -> None:
        """Send ``number`` to all of ``group``; what is gone or not ours is let be."""
        if group in self._running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)

    def remove(self, group: int) -> None:
        """Kill what is left of ``group`` and forget it.

        To be called while its leader still has its id: afterwards another program may get it.
        """
        self.signal(group, signal.SIGKILL)
        self._running.discard(group)
        self._tell("-", group)

    def close(self) -> None:
        """Kill all groups and let the keeper go."""
        for group in tuple(self._running):
            self.remove(group)
        self._leave()

    def _tell(self, sign: str, number: int) -> None:
        if self._keeper is not None and self._keeper.stdin is not None:
            # A killed keeper is found by the next ``watch``.
            with contextlib.suppress(BrokenPipeError):
                self._keeper.stdin.write(f"{sign}{number}\n".encode())

    def _leave(self) -> None:
        if self._keeper is None:
            return
        process, self._keeper = self._keeper, None
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
