"""What a language server finds wrong in the Lua of this repository.

Speaks LSP's base protocol over pipes: ``initialize``, then pulled ``textDocument/diagnostic`` for
each file (Language Server Protocol 3.17).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

PLACES = ("lua", "plugin")
LIBRARY = Path(__file__).resolve().parent / "library"
# Neovim's own annotations are looser than its API, so these two speak of them and not of us.
LEFT_OUT = ["need-check-nil", "unnecessary-if"]


def problems(server: Path, runtime: Path, root: Path) -> list[str]:
    """``file:line: [code] sentence`` for each finding, in order; ``runtime`` is Neovim's ``lua``."""
    with tempfile.TemporaryDirectory() as place:
        workspace = Path(place).resolve()
        for name in PLACES:
            shutil.copytree(root / name, workspace / name)
        (workspace / ".emmyrc.json").write_text(json.dumps(_settings(runtime)))
        files = sorted(path for name in PLACES for path in (workspace / name).rglob("*.lua"))
        with _started(server) as wire:
            _greet(wire, workspace)
            return [line for file in files for line in _ask(wire, workspace, file)]


def _settings(runtime: Path) -> dict[str, Any]:
    return {
        "runtime": {"version": "LuaJIT", "requirePattern": ["lua/?.lua", "lua/?/init.lua"]},
        "workspace": {"library": [str(LIBRARY), str(runtime)]},
        "diagnostics": {"disable": LEFT_OUT},
        # Else each `list[1]` may be nil, and nil is not what is looked for here.
        "strict": {"arrayIndex": False},
    }


class Wire:
    """Messages to and from a language server."""

    def __init__(self, to: IO[bytes], of: IO[bytes]) -> None:
        self._to = to
        self._of = of
        self._number = 0

    def notify(self, method: str, params: Any) -> None:
        """Say something that has no answer."""
        self._send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        """Ask, and answer meanwhile what the server asks with null. Raises ``RuntimeError``."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._number and "method" not in message:
                if "error" in message:
                    raise RuntimeError(message["error"])
                return message.get("result")
            self.heard(message)

    def heard(self, message: dict[str, Any]) -> dict[str, Any]:
        """Answer ``message`` when it is a question; returns it."""
        if "method" in message and "id" in message:
            asked = message.get("params") or {}
            null = [None for _ in asked["items"]] if "items" in asked else None
            self._send({"id": message["id"], "result": null})
        return message

    def next(self) -> dict[str, Any]:
        """The next message."""
        return self.heard(self._receive())

    def _send(self, fields: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **fields}).encode()
        self._to.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._to.flush()

    def _receive(self) -> dict[str, Any]:
        length = 0
        while line := self._of.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise RuntimeError("the language server is gone")
        message: dict[str, Any] = json.loads(self._of.read(length))
        return message


@contextmanager
def _started(server: Path) -> Iterator[Wire]:
    process = subprocess.Popen(
        [str(server), "--log-path", "none", "--resources-path", "none"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield Wire(process.stdin, process.stdout)
    finally:
        process.kill()
        process.communicate()


def _greet(wire: Wire, workspace: Path) -> None:
    uri = workspace.as_uri()
    abilities = {
        "textDocument": {"diagnostic": {}},
        "workspace": {"configuration": True},
        "window": {"workDoneProgress": True},
    }
    folders = [{"uri": uri, "name": "zeke"}]
    params = {"processId": os.getpid(), "rootUri": uri, "workspaceFolders": folders}
    wire.request("initialize", {**params, "capabilities": abilities})
    wire.notify("initialized", {})
    # It has read everything once its first progress ends.
    while True:
        message = wire.next()
        if message.get("method") == "$/progress" and message["params"]["value"]["kind"] == "end":
            return


def _ask(wire: Wire, workspace: Path, file: Path) -> list[str]:
    report = wire.request("textDocument/diagnostic", {"textDocument": {"uri": file.as_uri()}})
    where = file.relative_to(workspace)
    return [
        f"{where}:{item['range']['start']['line'] + 1}: [{item.get('code')}] {item['message']}"
        for item in (report or {}).get("items", [])
    ]
