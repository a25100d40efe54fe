"""``[caching]``.

Format::

    [caching]
    enabled = true
    ttl_seconds = 3600
    max_size_mb = 100
    similar = false                    # also compare meanings, with the model `embedder`
    [caching.rules]
    code_explanation = 7200            # another time for one kind of work, in seconds
"""

from __future__ import annotations

import re

from zeke_bridge.config.ghostllm.names import qualified
from zeke_bridge.config.ghostllm.roster import Roster
from zeke_bridge.config.ghostllm.schema import Caching, Routes
from zeke_bridge.config.ghostllm.tasks import cache_classes, cache_words
from zeke_bridge.config.section import Section
from zeke_bridge.model.errors import InputError

_KEYS = ("enabled", "ttl_seconds", "max_size_mb", "rules", "similar", "embedder")
_MB = 1024 * 1024
_MOST_MB = 1024 * 1024
_LONGEST = 366 * 86400.0
_UNITS = {"": 1, "K": 1024, "M": _MB, "G": 1024 * _MB}
_SIZE = re.compile(r"(\d{1,15}) ?(?:([KMG]?)I?B)?", re.ASCII)


def read_caching(section: Section, roster: Roster, routes: Routes) -> Caching:
    """What ``section`` says; ``routes`` knows the user's own names."""
    section.only(_KEYS)
    usual = Caching()
    ttl = section.number("ttl_seconds", most=_LONGEST)
    size = section.number("max_size_mb", most=_MOST_MB)
    return Caching(
        section.flag("enabled", usual.enabled),
        usual.ttl if ttl is None else ttl,
        usual.max_bytes if size is None else int(size * _MB),
        _rules(section.section("rules")),
        section.flag("similar", usual.similar),
        _embedder(section, roster, routes),
    )


def size_in_bytes(text: str) -> int:
    """``500MB``, ``64 kB`` or plain bytes. Raises ``InputError``."""
    found = _SIZE.fullmatch(text.strip().upper())
    size = int(found[1]) * _UNITS[found[2] or ""] if found else 0
    if found is None or size > _MOST_MB * _MB:
        raise InputError(f"{text[:40]!r} is no size: write it like 500MB.")
    return size


def _rules(section: Section) -> dict[str, float]:
    for key in section:
        if not cache_classes(key):
            section.document.known(section.where, key, cache_words())
    rules: dict[str, float] = {}
    for key in section:
        seconds = section.number(key, most=_LONGEST)
        for task in cache_classes(key):
            if seconds is not None:
                rules.setdefault(task, seconds)
    return rules


def _embedder(section: Section, roster: Roster, routes: Routes) -> str:
    if name := section.text("embedder"):
        own = (*routes.aliases, *routes.groups)
        where = (*section.where, "embedder")
        found = routes.leaves(qualified(section.document, where, name, roster, own))
        if len(found) > 1:
            # Vectors of one model say nothing to another.
            raise section.wrong("embedder", "is a group of several models: name one of them.")
        return found[0]
    if section.flag("similar", False):
        raise section.wrong("similar", "needs an embedder: name the model that compares meanings.")
    return ""
