"""A program with pipes, as an agent's or a server's ``Child``, started without asking anybody."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from zeke_bridge.agents.effects import Ended


class RealChild:
    """In a group of its own; ``errors_file`` takes its error output."""

    def __init__(self, process: asyncio.subprocess.Process, errors_file: Path) -> None:
        assert process.stdout is not None
        assert process.stdin is not None
        self._process = process
        self._errors = errors_file
        self.pid = process.pid
        self.reader = process.stdout
        self.writer = process.stdin
        self.closed = False

    @classmethod
    async def start(
        cls, argv: Sequence[str], directory: str, environment: Mapping[str, str], errors: Path
    ) -> RealChild:
        """Start ``argv`` in ``directory``."""
        with errors.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *argv,
                cwd=directory,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
                start_new_session=True,
                env=dict(environment),
            )
        return cls(process, errors)

    def errors(self) -> str:
        return self._errors.read_text(errors="replace")

    async def wait(self) -> Ended:
        code = await self._process.wait()
        return Ended(code) if code >= 0 else Ended(None, signal.Signals(-code).name)

    async def aclose(self) -> None:
        self.closed = True
        self.writer.close()
        try:
            await asyncio.wait_for(self._over(), 2)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            await self._over()
        # With it go its pipes, also one that nobody has read to its end.
        self._process._transport.close()  # type: ignore[attr-defined]
        await self._process.wait()

    async def _over(self) -> None:
        with contextlib.suppress(ChildProcessError):
            await asyncio.to_thread(os.waitid, os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
