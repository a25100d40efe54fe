"""What GhostWarden answers: a verdict, and what a person can choose at the prompt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ruling(StrEnum):
    """``ask_once`` offers only *once* and *deny*."""

    ALLOW = "allow"
    ASK = "ask"
    ASK_ONCE = "ask_once"
    DENY = "deny"


class Risk(StrEnum):
    """Computed and shown; it never lowers a verdict."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Choice(StrEnum):
    """What a person can answer."""

    ONCE = "once"
    SESSION = "session"
    PROJECT = "project"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``step`` names the step of the order of decision that decided; ``reason`` is a sentence.

    ``target`` is the canonical target: a path relative to the root when inside it, else absolute;
    ``to`` the same of a rename's new path; ``grant`` the id of the grant or the text of the rule
    that decided, else empty. ``reason`` and ``target`` hold nothing unescaped from outside but
    the canonical path itself.
    """

    ruling: Ruling
    risk: Risk
    step: str
    reason: str
    target: str
    grant: str = ""
    to: str = ""
