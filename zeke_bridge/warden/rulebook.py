"""The person's rules and the places of this machine, compiled once for many decisions."""

from __future__ import annotations

from functools import lru_cache

from zeke_bridge.model.grant import Rules
from zeke_bridge.model.target import Places
from zeke_bridge.warden.lists import folded_places
from zeke_bridge.warden.match import Patterns


class Rulebook:
    """What a decision looks up beside the action; made by ``compile_rules``."""

    __slots__ = (
        "git_dirs",
        "is_no_project",
        "never",
        "on_runtimepath",
        "patterns",
        "rules",
        "unreadable",
    )

    def __init__(self, rules: Rules, places: Places) -> None:
        self.rules = rules
        self.patterns = Patterns(rules.auto_approve_patterns)
        self.never = folded_places((*places.never, *places.unreadable))
        self.unreadable = folded_places(places.unreadable)
        self.git_dirs = folded_places(places.git_dirs)
        self.on_runtimepath = places.on_runtimepath
        self.is_no_project = places.is_no_project


@lru_cache(maxsize=64)
def compile_rules(rules: Rules, places: Places = Places()) -> Rulebook:  # noqa: B008 - frozen
    """Return the rulebook for ``rules`` at ``places``; the same values give the same book."""
    return Rulebook(rules, places)
