"""The trust ledger: any content, signed as the ledger signs it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from zeke_bridge.model.errors import DamagedError
from zeke_bridge.store.ledger import dump, parse

HERE = Path("trust.json")


def check(data: bytes) -> None:
    """Raise ``AssertionError`` when reading ``data`` breaks a promise."""
    try:
        parse(data, HERE)
    except DamagedError:
        pass
    else:
        raise AssertionError("a ledger without a signature was believed")
    line = data.replace(b"\n", b" ")
    try:
        projects = parse(line + b"\n" + hashlib.sha256(line).hexdigest().encode() + b"\n", HERE)
    except DamagedError:
        return
    assert parse(dump(projects), HERE) == projects
