"""Paths as a model writes them, in one spelling. Does not judge whether they may be touched."""

from __future__ import annotations

import posixpath


def plain(path: str, root: str) -> str:
    """``path`` from the root when it lies below it, without detours; the root itself is ``""``."""
    tidy = posixpath.normpath(path.strip() or ".")
    base = posixpath.normpath(root)
    if tidy == base:
        return ""
    tidy = tidy.removeprefix(f"{base.rstrip('/')}/")
    return "" if tidy == "." else tidy


def whole(path: str, root: str) -> str:
    """``path`` as an absolute one."""
    return posixpath.join(root, plain(path, root)).rstrip("/") or "/"
