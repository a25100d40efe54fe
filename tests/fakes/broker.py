"""A broker by script: speaks the editor's side of the contract over a real unix socket.

It answers ``hello`` and what ``states`` holds, by the name of a state or of another question;
everything else is recorded and left to the test, which sends events by name. Runs in a thread, so
that the test can drive Neovim meanwhile.

    with FakeBroker(directory) as broker:
        task = broker.expect("task.submit")
        broker.send("task.delta", id=task["id"], text="…")
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import msgpack

from tests.fakes.patience import patience

DISPATCH = "require('zeke.events').dispatch(...)"
TOKEN = "c0ffee" * 8
PATIENCE = patience(30.0)


class FakeBroker:
    """One fake; ``directory`` becomes the runtime directory (mode 0700)."""

    def __init__(self, directory: Path, *, listening: bool = True) -> None:
        self.directory = directory
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.starts = 0
        self.start_error = ""
        self.greets = True
        self.refusal: dict[str, Any] | None = None  # of the next hello
        self.refusals: dict[str, Any] | None = None  # of every hello
        self.states: dict[str, dict[str, Any]] = {}
        self._changed = threading.Condition()
        self._writing = threading.Lock()  # The test sends, and so does the thread that answers.
        self._clients: list[socket.socket] = []
        self._editor: socket.socket | None = None
        self._server: socket.socket | None = None
        self._ended = False
        self._held: bytes | None = None
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        (directory / "token").write_text(TOKEN + "\n", encoding="utf-8")
        self._control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._control.bind(str(directory / "control.sock"))
        self._control.listen(8)
        self._spawn(self._serve_launchers)
        if listening:
            self.listen()

    @property
    def path(self) -> Path:
        """The socket editors connect to."""
        return self.directory / "broker.sock"

    def python(self) -> Path:
        """A program to name in ``g:zeke_python``: it starts this fake."""
        script = self.directory / "python"
        launcher = Path(__file__).with_name("launcher.py")
        script.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{launcher}" "{self.directory}/control.sock"\n',
            encoding="utf-8",
        )
        script.chmod(0o755)
        return script

    def listen(self) -> None:
        """Be there (again)."""
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.path.unlink(missing_ok=True)
        server.bind(str(self.path))
        self.path.chmod(0o600)
        server.listen(16)
        with self._changed:
            if self._ended:  # A launcher came too late.
                server.close()
                return
            self._server = server
        self._spawn(self._serve_editors, server)

    def die(self) -> None:
        """What ``kill -9`` leaves: every connection cut, the socket file still there."""
        with self._changed:
            clients, self._clients = self._clients, []
            server, self._server = self._server, None
            self._editor = None
        if server is not None:
            _end(server)
        for client in clients:
            _end(client)

    def send(self, name: str, /, **payload: Any) -> None:
        """Send an event to the editor that said hello last."""
        with self._changed:
            ready = self._changed.wait_for(lambda: self._editor is not None, PATIENCE)
            editor = self._editor
        if not ready or editor is None:
            raise TimeoutError("no editor has said hello")
        event = _packed(name, payload)
        if self._held is None:
            self._write(editor, event)
        else:
            self._held += event

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What is sent within comes to the editor in one piece: no moment passes in between."""
        self._held = b""
        yield
        events, self._held = self._held, None
        with self._changed:
            editor = self._editor
        if editor is not None:
            self._write(editor, events)

    def expect(self, method: str, patience: float = PATIENCE) -> dict[str, Any]:
        """Wait for a notification not expected yet; those before it of other names are dropped."""
        deadline = time.monotonic() + patience
        with self._changed:
            while True:
                for index, (name, params) in enumerate(self.received):
                    if name == method:
                        del self.received[: index + 1]
                        return params
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    names = [name for name, _ in self.received]
                    raise TimeoutError(f"{method} did not come; came: {names}")

    def seen(self, method: str) -> bool:
        """Whether such a notification is there and not expected yet."""
        with self._changed:
            return any(name == method for name, _ in self.received)

    def close(self) -> None:
        """End everything."""
        with self._changed:
            self._ended = True
        self.die()
        _end(self._control)

    def __enter__(self) -> FakeBroker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @staticmethod
    def _spawn(work: Any, *arguments: Any) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _serve_launchers(self) -> None:
        while True:
            try:
                client, _ = self._control.accept()
            except OSError:
                return
            # Who started it may have given up by now.
            with client, contextlib.suppress(OSError):
                self.starts += 1
                if self.start_error:
                    client.sendall(f"!{self.start_error}\n".encode())
                    continue
                if self._server is None:
                    self.listen()
                client.sendall(f"ready {self.path}\n".encode())

    def _serve_editors(self, server: socket.socket) -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with self._changed:
                if self._server is not server:
                    # Accepted while dying: the dead accept nobody.
                    _end(client)
                    return
                self._clients.append(client)
            self._spawn(self._serve_editor, client)

    def _serve_editor(self, client: socket.socket) -> None:
        unpacker = msgpack.Unpacker(raw=False, unicode_errors="surrogateescape")
        while True:
            try:
                data = client.recv(1 << 16)
            except OSError:
                data = b""
            if not data:
                client.close()
                return
            unpacker.feed(data)
            for message in unpacker:
                if message[0] == 2:
                    params = message[2][0] if message[2] else {}
                    self._notified(client, message[1], params if isinstance(params, dict) else {})

    def _notified(self, client: socket.socket, method: str, params: dict[str, Any]) -> None:
        if method == "hello":
            self._greet(client, params)
        asked = params.get("what") if method == "state.get" else method
        if asked in self.states:
            payload = {"reply": params["reply"], "what": asked, "data": self.states[asked]}
            self._write(client, _packed("state", payload))
        with self._changed:
            self.received.append((method, params))
            self._changed.notify_all()

    def _greet(self, client: socket.socket, params: dict[str, Any]) -> None:
        if not self.greets:
            return
        refusal, self.refusal = self.refusal or self.refusals, None
        if refusal is not None:
            refused = {"reply": params["reply"], **refusal}
            self._write(client, _packed("broker.refused", refused))
            return
        greeting = {
            "reply": params["reply"],
            "version": "0.1.0",
            "pid": os.getpid(),
            "session": "s1",
            "log": str(self.directory / "broker.log"),
            "project": {"root": params["cwd"], "consents": "none", "notice": ""},
        }
        self._write(client, _packed("broker.ready", greeting))
        with self._changed:  # Not before, so that nothing else comes before the greeting.
            self._editor = client if client in self._clients else self._editor
            self._changed.notify_all()

    def _write(self, client: socket.socket, events: bytes) -> None:
        # Where the editor has left, they are lost, as with a real broker.
        with self._writing, contextlib.suppress(OSError):
            client.sendall(events)


def _packed(name: str, payload: dict[str, Any]) -> bytes:
    message = [2, "nvim_exec_lua", [DISPATCH, [name, payload]]]
    packed: bytes = msgpack.packb(message, unicode_errors="surrogateescape")
    return packed


def _end(connection: socket.socket) -> None:
    """Closing alone does not wake a thread that waits in ``accept`` or ``recv``."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
