"""What an agent was allowed to write in its session, so that it is known what it was not. Pure."""

from __future__ import annotations

import hashlib
import posixpath
from collections import defaultdict


class Approved:
    """Texts by the absolute path of their file, however it is spelled, as hashes.

    Those that it declared and was let write are apart until it says that it has written them: many
    agents ask, and then write by themselves.
    """

    def __init__(self) -> None:
        self._known: defaultdict[str, set[str]] = defaultdict(set)
        self._declared: set[tuple[str, str]] = set()
        self.in_turn = False
        """Something was written with a permit in this turn."""

    def add(self, path: str, content: bytes) -> None:
        """``content`` was written to ``path`` with a permit."""
        self.in_turn = True
        self._known[_plain(path)].add(hashlib.sha256(content).hexdigest())

    def declare(self, path: str, digest: str) -> None:
        """A text of this SHA-256 may be written to ``path``, as it was declared."""
        self._declared.add((_plain(path), digest))

    def done(self, path: str, digest: str) -> bool:
        """Whether it has done by itself what it was let; True once."""
        path = _plain(path)
        if (path, digest) not in self._declared:
            return False
        self.in_turn = True
        self._declared.discard((path, digest))
        self._known[path].add(digest)
        return True

    def has(self, path: str, digest: str) -> bool:
        """Whether a text of this SHA-256 was."""
        return digest in self._known.get(_plain(path), ())

    def knows(self, path: str) -> bool:
        """Whether it was ever let write anything there."""
        path = _plain(path)
        return path in self._known or any(path == declared for declared, _ in self._declared)


def _plain(path: str) -> str:
    return posixpath.normpath(path)
