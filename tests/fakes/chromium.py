"""A real Chromium without a window, told what to do by its DevTools protocol through two pipes.

It is no fake; it stands here because it is a peer of tests. See
https://chromedevtools.github.io/devtools-protocol/. Names are resolved for loopback only.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 30.0
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-pings",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
)
# The protocol wants these numbers: 3 to read from, 4 to write to.
_EXEC = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); "
    "os.execvp(sys.argv[3], sys.argv[3:])"
)
_CONTRAST = """
(() => {
  const parts = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map(
      (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = parts(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    if (element.closest('svg')) continue;
    const both = [parts(getComputedStyle(element).color), ground(element)].map(light);
    const ratio = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    if (ratio < 4.5) faint.push(walker.currentNode.data.trim() + ' ' + ratio.toFixed(2));
  }
  return faint;
})()
"""


def chromium() -> str | None:
    """The program, if there is one here."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@dataclass
class Look:
    """What was to be seen at an address.

    ``requests`` are all that the page made, ``complaints`` what stood in its console (violations
    of its Content-Security-Policy too), ``width`` how wide it would like to be, ``faint`` the
    texts with less contrast than 4.5 to 1, ``tree`` what a screen reader gets: role and name.
    """

    status: int = 0
    text: str = ""
    html: str = ""
    width: int = 0
    png: bytes = b""
    corner: tuple[int, int, int] = (0, 0, 0)
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    faint: list[str] = field(default_factory=list)
    tree: list[tuple[str, str]] = field(default_factory=list)


class Chromium:
    """One running browser. Each look has a profile of its own."""

    def __init__(self, program: str, directory: Path) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        given = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (theirs_in, theirs_out)]
        os.close(theirs_in)
        os.close(theirs_out)
        wrapped = [sys.executable, "-c", _EXEC, *map(str, given), program]
        self._process = subprocess.Popen(
            [*wrapped, *_FLAGS, f"--user-data-dir={directory}", "about:blank"],
            pass_fds=given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in given:
            os.close(end)
        self._raw = b""
        self._number = 0
        self._events: list[dict[str, Any]] = []

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            self._send("Browser.close", {})
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(PATIENCE)
        os.close(self._out)
        os.close(self._in)

    def look(self, url: str, width: int = 1280, *, height: int = 0, dark: bool = False) -> Look:
        """Open ``url`` in a window ``width`` wide; see all of it, or what is above ``height``."""
        with self._tab() as tab:
            self._events.clear()
            for domain in ("Page", "Network", "Log", "Runtime", "Accessibility"):
                self._call(f"{domain}.enable", {}, tab)
            scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
            self._call("Emulation.setEmulatedMedia", {"features": [scheme]}, tab)
            screen = {
                "width": width,
                "height": 900,
                "deviceScaleFactor": 1,
                "mobile": width < 600,
            }
            self._call("Emulation.setDeviceMetricsOverride", screen, tab)
            self._call("Page.navigate", {"url": url}, tab)
            if not any(map(_is_loaded, self._events)):
                self._until(_is_loaded)
            look = Look(
                text=self._value("document.body.innerText", tab),
                html=self._value("document.documentElement.outerHTML", tab),
                width=self._value("document.documentElement.scrollWidth", tab),
                faint=self._value(_CONTRAST, tab),
                tree=self._tree(tab),
            )
            layout = self._call("Page.getLayoutMetrics", {}, tab)["cssContentSize"]
            look.png = self._picture(width, height or layout["height"], tab)
            look.corner = first_pixel(self._picture(1, 1, tab))
            self._read_events(look)
            return look

    @contextlib.contextmanager
    def _tab(self) -> Iterator[str]:
        context = self._call("Target.createBrowserContext", {})["browserContextId"]
        try:
            blank = {"url": "about:blank", "browserContextId": context}
            target = self._call("Target.createTarget", blank)["targetId"]
            attach = {"targetId": target, "flatten": True}
            yield self._call("Target.attachToTarget", attach)["sessionId"]
        finally:
            self._call("Target.disposeBrowserContext", {"browserContextId": context})

    def _value(self, expression: str, tab: str) -> Any:
        said = {"expression": expression, "returnByValue": True}
        return self._call("Runtime.evaluate", said, tab)["result"]["value"]

    def _picture(self, width: int, height: int, tab: str) -> bytes:
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        what = {"clip": clip, "captureBeyondViewport": True}
        return base64.b64decode(self._call("Page.captureScreenshot", what, tab)["data"])

    def _tree(self, tab: str) -> list[tuple[str, str]]:
        nodes = self._call("Accessibility.getFullAXTree", {}, tab)["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node["ignored"]
        ]

    def _read_events(self, look: Look) -> None:
        for row in self._events:
            method, said = row.get("method"), row.get("params", {})
            if method == "Network.requestWillBeSent":
                look.requests.append(said["request"]["url"])
            elif method == "Network.responseReceived" and said["type"] == "Document":
                look.status = said["response"]["status"]
            elif method == "Log.entryAdded":
                look.complaints.append(said["entry"]["text"])
            elif method in {"Runtime.consoleAPICalled", "Runtime.exceptionThrown"}:
                look.complaints.append(json.dumps(said))

    def _call(self, method: str, params: dict[str, Any], tab: str = "") -> dict[str, Any]:
        number = self._send(method, params, tab)
        answer = self._until(lambda row: row.get("id") == number)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def _send(self, method: str, params: dict[str, Any], tab: str = "") -> int:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if tab:
            message["sessionId"] = tab
        os.write(self._out, json.dumps(message).encode() + b"\0")
        return self._number

    def _until(self, wanted: Any) -> dict[str, Any]:
        """The next message that is ``wanted``; events are remembered."""
        deadline = time.monotonic() + PATIENCE
        while True:
            row = self._next(deadline)
            if "method" in row:
                self._events.append(row)
            if wanted(row):
                return row

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._raw:
            ready, _, _ = select.select([self._in], [], [], max(0, deadline - time.monotonic()))
            assert ready, "Chromium does not answer"
            came = os.read(self._in, 2**16)
            assert came, f"Chromium has ended: {self._process.poll()}"
            self._raw += came
        raw, _, self._raw = self._raw.partition(b"\0")
        return json.loads(raw)


def _is_loaded(row: dict[str, Any]) -> bool:
    return row.get("method") == "Page.loadEventFired"


def pixels(png: bytes) -> bytes:
    """The rows of ``png`` before they are unfiltered: enough to tell a picture from a blank."""
    at, packed = 8, b""
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += length + 12
    return zlib.decompress(packed)


def first_pixel(png: bytes) -> tuple[int, int, int]:
    """Red, green and blue of the pixel at the left above, which no filter changes."""
    raw = pixels(png)
    return raw[1], raw[2], raw[3]
