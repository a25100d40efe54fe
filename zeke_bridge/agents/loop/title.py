"""Titles of tool calls: our own words around a model's, which are escaped and shortened."""

from __future__ import annotations

from zeke_bridge.warden.escape import shorten

_LONGEST = 100


def title(words: str, said: str) -> str:
    """``words`` and then what the model said."""
    return f"{words} {shorten(said, _LONGEST)}" if said else words
