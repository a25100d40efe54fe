"""``[server]`` and ``[logs]``.

Format::

    [server]
    host = "127.0.0.1"
    port = 8080
    master_key = "${GHOSTLLM_MASTER_KEY}"
    origins = ["https://chat.example.org"]    # pages that may ask from a browser
    [logs]
    level = "info"
    requests = false                          # keep what was asked and answered
    redact = true
    directory = "~/ghostllm-requests"
"""

from __future__ import annotations

import re
from pathlib import Path

from zeke_bridge.config.document import nearest
from zeke_bridge.config.ghostllm.schema import Logs, Serving
from zeke_bridge.config.section import Section

LEVELS = ("error", "warning", "info", "debug")
_SAME = {"warn": "warning", "critical": "error", "fatal": "error", "trace": "debug"}
_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}", re.ASCII)
_ORIGIN = re.compile(r"https?://[^/?#\s]+", re.ASCII)
_SHORTEST_KEY = 16


def read_serving(section: Section) -> Serving:
    """What ``section`` says."""
    section.only(("host", "port", "master_key", "origins"))
    usual = Serving()
    host = section.text("host", usual.host)
    if not _HOST.fullmatch(host):
        raise section.wrong("host", "must be an address or a name, such as 127.0.0.1.")
    port = section.whole("port", 0, 65535)
    return Serving(
        host,
        usual.port if port is None else port,
        read_master_key(section),
        _origins(section),
    )


def read_listen(section: Section, key: str) -> Serving:
    """``host:port`` at ``key``; ``:port`` alone is this machine."""
    usual = Serving()
    text = section.text(key)
    if not text:
        return usual
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or usual.host
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise section.wrong(key, "must be like 127.0.0.1:8080.")
    if not _HOST.fullmatch(host):
        raise section.wrong(key, "must be like 127.0.0.1:8080.")
    return Serving(host, int(port))


def read_master_key(section: Section) -> str:
    """The key that opens everything; empty when there is none.

    A variable that is not set is an error here: without the key anybody might come in.
    """
    key = section.text("master_key").strip()
    if "master_key" in section and not key:
        raise section.wrong("master_key", "is empty: leave it out, or set it.")
    if key and (not key.isascii() or not key.isprintable() or " " in key):
        raise section.wrong("master_key", "must be printable ASCII without spaces.")
    if key and len(key) < _SHORTEST_KEY:
        section.note("master_key", f"is short: {_SHORTEST_KEY} letters or more are hard to guess.")
    return key


def read_logs(section: Section) -> Logs:
    """What ``section`` says."""
    section.only(("level", "requests", "redact", "directory"))
    usual = Logs()
    directory = section.text("directory")
    return Logs(
        read_level(section, "level"),
        section.flag("requests", usual.requests),
        section.flag("redact", usual.redact),
        _directory(section, directory) if directory else None,
    )


def read_level(section: Section, key: str) -> str:
    """How much is logged, in any case and under the names that others have for it."""
    text = section.text(key, Logs().level).lower()
    level = _SAME.get(text, text)
    if level not in LEVELS:
        raise section.wrong(key, f"is not known{nearest(level, LEVELS)}")
    return level


def _directory(section: Section, text: str) -> Path:
    path = Path(text)
    if text == "~" or text.startswith("~/"):
        path = Path.home() / text[2:]
    if not path.is_absolute() or not text.isprintable():
        raise section.wrong("directory", "must be a whole path, such as ~/requests.")
    return path


def _origins(section: Section) -> tuple[str, ...]:
    origins = section.texts("origins")
    for number, origin in enumerate(origins):
        if not _ORIGIN.fullmatch(origin):
            where = (*section.where, "origins", number)
            raise section.document.wrong(where, "must be like https://host.")
    return tuple(dict.fromkeys(origin.lower() for origin in origins))
