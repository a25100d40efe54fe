"""The bytes of a file that has certain lines."""

from __future__ import annotations

from collections.abc import Sequence

from zeke_bridge.model.errors import PatchError

BOM = b"\xef\xbb\xbf"


def encode(
    lines: Sequence[str], eol: str = "\n", final_eol: bool = True, bom: bool = False
) -> bytes:
    """UTF-8, ``eol`` between the lines and, with ``final_eol``, after the last one.

    No line, or one empty line, is an empty file, as Neovim shows and writes one. Raises
    ``PatchError`` when a line cannot be written as UTF-8.
    """
    text = eol.join(lines)
    if text and final_eol:
        text += eol
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise PatchError("The text holds characters that no UTF-8 file can hold.") from error
    return BOM + content if bom else content
