"""JSON read strictly: no duplicate keys, no NaN, nothing that exhausts the parser."""

from __future__ import annotations

import json
from typing import Any


class StrictError(ValueError):
    """The text is not what it has to be; the message says why in a few words."""


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs, as a hook of ``json``. Raises ``StrictError``."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise StrictError("a key is there twice")
    return found


def constant(name: str) -> Any:
    """No value at all, as a hook of ``json``. Raises ``StrictError``."""
    raise StrictError(f"{name} is not JSON")


# Made once: it takes longer than to read a line.
_DECODER = json.JSONDecoder(object_pairs_hook=unique, parse_constant=constant)


def loads(content: bytes) -> Any:
    """Parse ``content`` as UTF-8 JSON.

    Raises:
        StrictError: not UTF-8, not JSON, or lax JSON.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise StrictError("it is not UTF-8") from None
    if text.startswith("\ufeff"):
        raise StrictError("it begins with a byte order mark")
    try:
        return _DECODER.decode(text)
    except StrictError:
        raise
    except (ValueError, RecursionError) as error:
        # ValueError also stands for a number of thousands of digits, RecursionError for depth.
        raise StrictError(f"it is not JSON ({type(error).__name__})") from None
