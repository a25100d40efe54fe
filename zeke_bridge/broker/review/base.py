r"""The text that a patch is for, and how lines of it become the bytes of a file. Pure.

Lines are those that Neovim shows: a final line end is no line, and of a file whose every line
ends in ``\r\n`` no line holds the ``\r``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from zeke_bridge.model.errors import InputError
from zeke_bridge.model.task import Buffer
from zeke_bridge.workspace.patch import encode
from zeke_bridge.workspace.patch.octets import BOM


@dataclass(frozen=True, slots=True)
class Base:
    """``lines`` as they were in a buffer at ``changedtick``, or on disk when that is None.

    No lines at all: there is no such file yet, and no ``digest``, which is the SHA-256 of these
    lines as a file. A ``modified`` buffer may hold other lines than the disk, until it is saved.
    """

    lines: tuple[str, ...] = ()
    eol: str = "\n"
    final_eol: bool = True
    bom: bool = False
    changedtick: int | None = None
    modified: bool = False
    digest: str = ""

    @property
    def exists(self) -> bool:
        """Whether there is anything that a patch could change."""
        return bool(self.lines)

    @property
    def text(self) -> str:
        r"""The lines joined by ``\n``."""
        return "\n".join(self.lines)

    def encode(self, lines: Sequence[str]) -> bytes:
        """The bytes of a file that has ``lines`` instead. Raises ``PatchError``."""
        return encode(lines, self.eol, self.final_eol, self.bom)


def of_buffer(buffer: Buffer) -> Base:
    """What an editor has. Raises ``PatchError`` for text that no file can hold."""
    lines = tuple(buffer.text.split("\n"))
    written = encode(lines, buffer.eol, buffer.final_eol, buffer.bom)
    return Base(
        lines,
        buffer.eol,
        buffer.final_eol,
        buffer.bom,
        buffer.changedtick,
        buffer.modified,
        hashlib.sha256(written).hexdigest(),
    )


def of_content(content: bytes, name: str = "What is there") -> Base:
    """What is on disk. Raises ``InputError``, which names it, when it is no UTF-8 text."""
    digest = hashlib.sha256(content).hexdigest()
    bom = content.startswith(BOM)
    try:
        text = content.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(_NO_TEXT.format(name)) from error
    if "\0" in text:
        raise InputError(_NO_TEXT.format(name))
    final_eol = text.endswith("\n") or not text
    lines = text.removesuffix("\n").split("\n")
    ended = lines if final_eol else lines[:-1]
    if text and ended and all(line.endswith("\r") for line in ended):
        lines = [line.removesuffix("\r") for line in ended] + lines[len(ended) :]
        return Base(tuple(lines), "\r\n", final_eol, bom, digest=digest)
    return Base(tuple(lines), "\n", final_eol, bom, digest=digest)


NOTHING = Base()
"""There is no file yet."""

_NO_TEXT = "{} is no UTF-8 text, so it is not changed line by line."
