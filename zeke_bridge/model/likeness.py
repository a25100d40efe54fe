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
    them when it is three letters long or more. Whether letters are large or small is no difference.
    """
    said = word.casefold()
    known: dict[str, list[str]] = {}
    for name in sorted(names):
        known.setdefault(name.casefold(), []).append(name)
    near = difflib.get_close_matches(said, known, n=most, cutoff=least)
    if len(said) >= _PART:
        near += sorted((name for name in known if said in name), key=len)
    found = [name for one in near for name in known[one]]
    return list(dict.fromkeys(found))[:most]
