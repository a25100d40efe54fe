"""The token that clients of ``zeke mcp --http`` have to show: made once, kept privately."""

from __future__ import annotations

import secrets
from pathlib import Path

from zeke_bridge.model.errors import StoreError
from zeke_bridge.store.paths import private_dir, read_private, replace_file

_NAME = "mcp-token"
_LONGEST = 200
_SHORTEST = 32


def kept_token(state: Path) -> tuple[str, Path, bool]:
    """The token, its file in ``state``, and whether it was made just now.

    Raises ``StoreError`` for a file that others could have read or written, or with no token in it.
    """
    path = private_dir(state) / _NAME
    found = read_private(path, _LONGEST, shared_reading=False)
    if found is not None:
        token = found.decode("ascii", "replace").strip()
        if len(token) < _SHORTEST or not token.isascii() or not token.isprintable():
            raise StoreError(f"{path} holds no token: remove it, and a new one is made.")
        return token, path, False
    token = secrets.token_urlsafe(32)
    try:
        replace_file(path, f"{token}\n".encode())
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}.") from error
    return token, path, True
