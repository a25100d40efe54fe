"""What became of one mention: the text a model sees, or why it sees none. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from zeke_bridge.model.errors import InputError
from zeke_bridge.model.task import AttachmentKind
from zeke_bridge.warden.escape import escape

MOST_BYTES = 256 * 1024
"""Of one attachment."""
MESSAGE_BYTES = 1024 * 1024
"""Of all attachments of one message."""
State = Literal["sent", "denied", "failed", "empty"]
_TOKEN_CHARS = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One mention; ``text`` counts when it is ``sent``, ``message`` says what a person has to know.

    ``path`` is shown to the model, ``first`` the number of the first line there (0: all of it).
    """

    kind: AttachmentKind
    label: str
    state: State
    message: str = ""
    text: str = ""
    path: str = ""
    first: int = 0
    language: str = ""

    @property
    def tokens(self) -> int:
        """About how many tokens it costs; a model's own count comes with the answer."""
        return -(-len(self.text) // _TOKEN_CHARS)

    def fields(self, turn: int) -> Mapping[str, Any]:
        """As ``task.context`` brings it; every string is escaped."""
        return {
            "turn": turn,
            "kind": self.kind,
            "label": escape(self.label),
            "path": escape(self.path),
            "state": self.state,
            "tokens": self.tokens,
            "message": escape(self.message),
        }


def as_text(content: bytes) -> str:
    r"""``content`` with ``\n`` between lines; a lone ``\r`` ends none, as in Neovim.

    Raises ``InputError`` when it is no text.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("It is not UTF-8 text.") from error
    if "\0" in text:
        raise InputError("It is binary, not text.")
    return text.replace("\r\n", "\n")


def excerpt(text: str, first: int, last: int) -> str:
    """Lines ``first`` to ``last`` (from 1, inclusive) of ``text``; all of it when ``first`` is 0.

    Raises ``InputError`` when there are no such lines.
    """
    if not first:
        return text
    lines = text.removesuffix("\n").split("\n")
    if first > len(lines):
        raise InputError(f"There is no line {first}: it has {len(lines)}.")
    return "\n".join(lines[first - 1 : last])
