"""What an agent was allowed to write in its session, so that it is known what it was not. Pure."""

from __future__ import annotations

import hashlib
from collections import defaultdict


class Approved:
    """Texts by the absolute path of their file, as hashes."""

    def __init__(self) -> None:
        self._known: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, path: str, content: bytes) -> None:
        """``content`` was written to ``path`` with a permit."""
        self._known[path].add(hashlib.sha256(content).hexdigest())

    def has(self, path: str, digest: str) -> bool:
        """Whether a text of this SHA-256 was."""
        return digest in self._known.get(path, ())

    def knows(self, path: str) -> bool:
        """Whether anything was written there at all."""
        return path in self._known
