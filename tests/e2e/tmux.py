"""A program in a real terminal: tmux draws what it writes, and types what a person types.

A second client in control mode (``man tmux``, CONTROL MODE) says whenever something was written, so
that waiting needs no clock.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

PATIENCE = 60.0


class Terminal:
    """One program in one terminal; a context manager: leaving ends both.

    ``directory`` holds tmux's socket. ``term`` is what the program takes the terminal for.
    """

    def __init__(
        self,
        directory: Path,
        *command: str,
        env: Mapping[str, str],
        cwd: Path,
        term: str = "",
        size: tuple[int, int] = (80, 24),
    ) -> None:
        program = shutil.which("tmux")
        assert program is not None
        self._tmux = [program, "-u", "-S", str(directory / "tmux"), "-f", os.devnull]
        self._env = {**env, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        columns, rows = (str(number) for number in size)
        # Neovim knows tmux by its variables, and what tmux can.
        plain = ["env", "-u", "TMUX", "-u", "TERM_PROGRAM", "-u", "COLORTERM", f"TERM={term}"]
        words = [*plain, *command] if term else [*command]
        self._run("new-session", "-d", "-x", columns, "-y", rows, "-c", str(cwd), *words)
        self._run("set-option", "-g", "status", "off")
        self._control = subprocess.Popen(
            [*self._tmux, "-C", "attach-session", "-f", "ignore-size"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._env,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and not isinstance(error, EOFError):
            print(f"\nthe terminal at the failure:\n{self.text}\n")
        subprocess.run(
            [*self._tmux, "kill-server"], capture_output=True, check=False, timeout=PATIENCE
        )
        self._control.communicate(timeout=PATIENCE)

    @property
    def text(self) -> str:
        """What stands in the terminal."""
        return self._run("capture-pane", "-p")

    @property
    def attributes(self) -> str:
        """The same with the escape sequences of colours and the like."""
        return self._run("capture-pane", "-p", "-e")

    def type(self, text: str) -> None:
        """Type it as it stands."""
        self._run("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names (``Enter``, ``Escape``)."""
        self._run("send-keys", *keys)

    def wait(self, wanted: str | Callable[[str], object]) -> str:
        """Wait until the terminal shows it; the text. ``EOFError`` when the program ends."""
        shows = (lambda text: wanted in text) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + PATIENCE
        while not shows(text := self.text):
            self._written(deadline, text)
        return text

    def wait_end(self) -> None:
        """Wait until the program has ended."""
        deadline = time.monotonic() + PATIENCE
        try:
            while True:
                self._written(deadline, "the program still runs")
        except EOFError:
            return

    def _written(self, deadline: float, text: str) -> None:
        """Come back when something was written since the last time."""
        assert self._control.stdout is not None
        left = max(0.0, deadline - time.monotonic())
        if not select.select([self._control.stdout], [], [], left)[0]:
            raise TimeoutError(f"waited in vain; the terminal:\n{text}")
        if not os.read(self._control.stdout.fileno(), 1 << 16):
            raise EOFError("the program in the terminal has ended")

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [*self._tmux, *words],
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        if done.returncode != 0:
            raise EOFError(done.stderr.strip())
        return done.stdout
