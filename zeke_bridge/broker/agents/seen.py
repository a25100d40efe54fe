"""The unsaved texts that an agent was shown: what it writes next is meant for those. Pure.

A file that is not here was shown as it is on disk, or not at all.
"""

from __future__ import annotations

import posixpath

MOST_TEXTS = 32


class Seen:
    """Whole texts by the absolute path of their file; of too many the oldest are forgotten."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self.kept_here = False
        """Some text was of a project that keeps it on this machine."""

    def keep(self, path: str, text: str) -> None:
        """The agent takes ``text`` for what stands in the editor's buffer of ``path``."""
        self.forget(path)
        self._texts[posixpath.normpath(path)] = text
        while len(self._texts) > MOST_TEXTS:
            del self._texts[next(iter(self._texts))]

    def forget(self, path: str) -> None:
        """It takes what is on disk for it."""
        self._texts.pop(posixpath.normpath(path), None)

    def text(self, path: str) -> str | None:
        """What was kept last."""
        return self._texts.get(posixpath.normpath(path))
