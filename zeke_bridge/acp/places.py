"""Where on this machine the text of a resource comes from, by its URI (RFC 3986 and 8089).

Takes each meaning that a URI may have, for clients differ in what they escape: a place too many
keeps text here, one too few lets it go. Knows no files. Pure.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote

from zeke_bridge.agents.acp.sdk import RequestError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HERE = ("", "localhost")


def places(uri: str, cwd: str) -> tuple[str, ...]:
    """Absolute paths, one of which is the file of ``uri``; none for what is no file.

    A ``uri`` without a scheme is a path, from ``cwd`` unless it is absolute. Raises
    ``RequestError`` for one that says it is a file and does not say which.
    """
    scheme = _SCHEME.match(uri)
    if scheme is None:
        return _meanings(uri if uri.startswith("/") else f"{cwd}/{uri}")
    rest = uri[scheme.end() :]
    if scheme[1].lower() == "file":
        return _meanings(_local(rest))
    # Such as those of Zed, ``zed:///agent/skill?path=…``.
    query = rest.partition("?")[2].partition("#")[0]
    named = parse_qs(query, errors="surrogateescape").get("path", [])
    return tuple(path for path in named if path.startswith("/") and "\0" not in path)


def _local(rest: str) -> str:
    """The path of a ``file:`` URI, as it is written there."""
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        if host.lower() not in _HERE:
            raise RequestError(
                -32602, "Invalid params: a file: URI names another machine, or no absolute path."
            )
        rest = slash + path
    if not rest.startswith("/"):
        raise RequestError(-32602, "Invalid params: a file: URI has no absolute path.")
    return rest


def _meanings(written: str) -> tuple[str, ...]:
    """``written`` as a path and as a URI's, with and without what follows a path there."""
    bare = re.split(r"[?#]", written, maxsplit=1)[0]
    forms = [form for one in (bare, written) for form in (_decoded(one), one)]
    if any("\0" in form for form in forms):
        raise RequestError(-32602, "Invalid params: a URI holds what no path can.")
    return tuple(dict.fromkeys(forms))


def _decoded(path: str) -> str:
    return unquote(path, errors="surrogateescape")
