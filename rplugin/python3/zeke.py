"""The classic door: a thin pynvim remote plugin, loaded through ``:UpdateRemotePlugins``.

It starts the broker with this host's own Python, gives Vimscript a way to ask the broker, and
offers the Zeke commands to those who load nothing else. The windows are the Lua front's, which it
finds beside itself or in the installed package. It knows nothing of what the commands do.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pynvim
from pynvim.msgpack_rpc import ErrorResponse

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 15
NOT_INSTALLED = "Zeke: no zeke-bridge in this Python: run `pip install zeke-bridge`."

RUN = """
local front, python, sub, words, range = ...
-- Nothing of Python's comes over the wire as vim.NIL but what was None.
sub = sub ~= vim.NIL and sub or nil
range = range ~= vim.NIL and range or nil
if #vim.api.nvim_get_runtime_file("lua/zeke/commands.lua", false) == 0 then
  vim.opt.runtimepath:append(front)
end
vim.g.zeke_python = vim.g.zeke_python or python
require("zeke.commands").run(sub, {
  args = table.concat(words, " "),
  fargs = words,
  bang = false,
  range = range and 2 or 0,
  line1 = range and range[1] or vim.fn.line("."),
  line2 = range and range[2] or vim.fn.line("."),
  count = range and range[2] or -1,
})
"""


def front() -> str:
    """The directory that holds ``lua/zeke``: beside this file, or inside the package.

    Empty when there is neither.
    """
    if (ROOT / "lua" / "zeke").is_dir():
        return str(ROOT)
    spec = importlib.util.find_spec("zeke_bridge")
    if spec is None or not spec.submodule_search_locations:
        return ""
    return str(Path(spec.submodule_search_locations[0]) / "nvim")


def environment() -> dict[str, str]:
    """That of this host; a plugin manager's clone brings its own Python beside its Lua."""
    variables = dict(os.environ)
    if (ROOT / "zeke_bridge").is_dir():
        before = variables.get("PYTHONPATH")
        variables["PYTHONPATH"] = f"{ROOT}{os.pathsep}{before}" if before else str(ROOT)
    return variables


def start_broker() -> str:
    """Find or start the broker with this host's interpreter; the path of its socket.

    Any other exception than ``ErrorResponse`` would reach the person as a traceback.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "zeke_bridge", "broker", "run", "--detach"],
            cwd="/",
            env=environment(),
            capture_output=True,
            text=True,
            timeout=START_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ErrorResponse("Zeke: the broker did not start: run `zeke doctor`.") from error
    lines = [line for line in done.stdout.splitlines() if line.startswith("ready ")]
    if done.returncode != 0 or not lines:
        if "No module named" in done.stderr:
            raise ErrorResponse(NOT_INSTALLED)
        said = done.stderr.strip().splitlines()
        reason = said[-1].removeprefix("zeke: ") if said else "the broker did not start."
        raise ErrorResponse(f"Zeke: {reason}")
    return lines[-1].removeprefix("ready ")


def ask_broker(method: str, params: Any) -> Any:
    """What the broker answers; it is started when none runs."""
    if str(ROOT) not in sys.path and (ROOT / "zeke_bridge").is_dir():
        sys.path.insert(0, str(ROOT))
    try:
        from zeke_bridge.bridge.caller import Caller
        from zeke_bridge.bridge.runtime import Runtime, locate
        from zeke_bridge.model.errors import BrokerError, ZekeError
    except ImportError as error:
        raise ErrorResponse(NOT_INSTALLED) from error

    try:
        try:
            caller = Caller(locate())
        except BrokerError:
            caller = Caller(Runtime(Path(start_broker()).parent))
        with caller:
            return caller.call(method, params)
    except ZekeError as error:
        raise ErrorResponse(f"Zeke: {error.message}") from error


@pynvim.plugin
class Zeke:
    """The functions and commands of this host."""

    def __init__(self, nvim: Any) -> None:
        self._nvim = nvim

    @pynvim.function("ZekeStart", sync=True)
    def start(self, _arguments: list[Any]) -> str:
        """``ZekeStart()``: find or start the broker; the path of its socket."""
        return start_broker()

    @pynvim.function("ZekeRequest", sync=True)
    def request(self, arguments: list[Any]) -> Any:
        """``ZekeRequest(method, params)``: what the broker answers."""
        if not arguments or not isinstance(arguments[0], str):
            raise ErrorResponse("Zeke: ZekeRequest({method}, {params}) takes a method's name.")
        return ask_broker(arguments[0], arguments[1] if len(arguments) > 1 else {})

    @pynvim.command("Zeke", nargs="*", range="%")
    def zeke(self, words: list[str], lines: list[int]) -> None:
        self._run(None, words, lines)

    @pynvim.command("ZekeChat", nargs="*")
    def chat(self, words: list[str]) -> None:
        self._run("chat", words)

    @pynvim.command("ZekeAgent", nargs="*")
    def agent(self, words: list[str]) -> None:
        self._run("agent", words)

    @pynvim.command("ZekeExplain", nargs="*", range="%")
    def explain(self, words: list[str], lines: list[int]) -> None:
        self._run("explain", words, lines)

    @pynvim.command("ZekeEdit", nargs="*", range="%")
    def edit(self, words: list[str], lines: list[int]) -> None:
        self._run("edit", words, lines)

    @pynvim.command("ZekeAnalyze", nargs="*", range="%")
    def analyze(self, words: list[str], lines: list[int]) -> None:
        self._run("analyze", words, lines)

    @pynvim.command("ZekeCreate", nargs="*")
    def create(self, words: list[str]) -> None:
        self._run("create", words)

    @pynvim.command("ZekeTest", nargs="*", range="%")
    def test(self, words: list[str], lines: list[int]) -> None:
        self._run("test", words, lines)

    @pynvim.command("ZekeRefactor", nargs="*", range="%")
    def refactor(self, words: list[str], lines: list[int]) -> None:
        self._run("refactor", words, lines)

    @pynvim.command("ZekeFindings")
    def findings(self) -> None:
        """What analyses found."""
        self._run("findings", [])

    @pynvim.command("ZekeReview", nargs="*")
    def review(self, words: list[str]) -> None:
        self._run("review", words)

    @pynvim.command("ZekeContext", nargs="*")
    def context(self, words: list[str]) -> None:
        self._run("context", words)

    @pynvim.command("ZekeTerminal", nargs="*", range="%")
    def terminal(self, words: list[str], lines: list[int]) -> None:
        self._run("terminal", words, lines)

    @pynvim.command("ZekeComplete", nargs="?")
    def complete(self, words: list[str]) -> None:
        self._run("complete", words)

    @pynvim.command("ZekeSetModel", nargs="?")
    def model(self, words: list[str]) -> None:
        self._run("model", words)

    @pynvim.command("ZekeStatus")
    def status(self) -> None:
        self._run("status", [])

    @pynvim.command("ZekeProviders")
    def providers(self) -> None:
        self._run("providers", [])

    @pynvim.command("ZekeConsents")
    def consents(self) -> None:
        self._run("consents", [])

    @pynvim.command("ZekeCancel", nargs="?")
    def cancel(self, words: list[str]) -> None:
        self._run("cancel", words)

    @pynvim.command("ZekeAuth", nargs="?")
    def auth(self, words: list[str]) -> None:
        self._run("auth", words)

    @pynvim.command("ZekeAuthGhostLLM", nargs="?")
    def ghostllm(self, words: list[str]) -> None:
        self._run("ghostllm", words)

    @pynvim.command("ZekeLog")
    def log(self) -> None:
        self._run("log", [])

    def _run(self, sub: str | None, words: list[str], lines: list[int] | None = None) -> None:
        # A remote command cannot tell "no range" from the whole buffer; to Zeke they are one.
        if lines == [1, len(self._nvim.current.buffer)]:
            lines = None
        directory = front()
        if not directory:
            self._nvim.err_write(f"{NOT_INSTALLED}\n", async_=True)
            return
        self._nvim.exec_lua(RUN, directory, sys.executable, sub, words, lines, async_=True)
