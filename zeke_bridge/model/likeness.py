"""Which known name a person may have meant by a word that is not one. Pure.

A name that is far from the word is no help, so there may be none. The front has the same rule in
its own terms (`lua/zeke/config.lua`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LEAST = 0.6
"""How alike they must be, as ``difflib`` counts: 1 is the same word."""
_PART = 3


def likest(word: str, names: Iterable[str], most: int = 1, least: float = LEAST) -> list[str]:
    """At most ``most`` of ``names``, the likest first: those that are alike, or have ``word`` in
    them when it is three letters long or more.
    """
    known = sorted(names)
    near = difflib.get_close_matches(word, known, n=most, cutoff=least)
    if len(word) >= _PART:
        near += sorted((name for name in known if word in name), key=len)
    return list(dict.fromkeys(near))[:most]
