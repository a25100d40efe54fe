"""A remembered approval, and a remembered refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from zeke_bridge.model.action import Op


@dataclass(frozen=True, slots=True)
class Grant:
    """``op`` on exactly ``target`` by exactly ``subject`` (its key) until ``expires``.

    ``created`` and ``expires`` are seconds since the epoch, UTC; ``expires`` None holds as long
    as the scope does. ``target`` is the canonical path relative to the root, or for ``execute``
    and ``network`` a canonical text (see ``warden.grants``).
    """

    id: str
    scope: Literal["session", "project"]
    op: Op
    subject: str
    target: str
    created: float
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the person configured; nothing inside a project can widen it."""

    enable_consent: bool = True
    auto_approve_read: bool = True
    auto_approve_write: bool = False
    auto_approve_patterns: tuple[str, ...] = ()
    project_grant_days: int = 30

    def asking(self) -> Rules:
        """Return these rules without anything that allows by itself."""
        return replace(
            self,
            enable_consent=True,
            auto_approve_read=False,
            auto_approve_write=False,
            auto_approve_patterns=(),
        )
