"""A file that grows until it is whole, and that an interrupted run leaves for the next one.

Every source of the same file can go on where another stopped, since the bytes are the same.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO


class Partial:
    """``path`` holds the first ``size`` bytes; ``tag`` says which version of a file they are of."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tag = path.with_name(f"{path.name}.tag")

    @property
    def size(self) -> int:
        """How many bytes are there."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def tag(self) -> str:
        """What the server called this version (its ETag); empty when it said nothing."""
        return self._tag.read_text("utf-8") if self._tag.exists() else ""

    @tag.setter
    def tag(self, value: str) -> None:
        self._tag.write_text(value, "utf-8")

    def more(self) -> BinaryIO:
        """The file, open for what follows."""
        return self.path.open("ab")

    def cut(self, size: int) -> None:
        """Drop what comes after ``size``."""
        if self.size > size:
            with self.path.open("r+b") as file:
                file.truncate(size)

    def sha256(self) -> str:
        """The checksum of all bytes that are there."""
        return sha256_of(self.path)

    def discard(self) -> None:
        """Delete it."""
        self.path.unlink(missing_ok=True)
        self._tag.unlink(missing_ok=True)

    def finish(self, target: Path) -> None:
        """Move it to ``target``, which appears whole or not at all."""
        self.path.replace(target)
        self._tag.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
