"""One place in the order of what to ask: a candidate, something passed over, or a gap to fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zeke_bridge.core.routing.hindrance import Hindrance
from zeke_bridge.model.errors import CoreError


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that can be asked; ``reason`` is a sentence on why it stands where it stands."""

    provider: str
    model: str
    local: bool
    reason: str

    @property
    def id(self) -> str:
        """Its full name."""
        return f"{self.provider}:{self.model}"


@dataclass(frozen=True, slots=True)
class Slot:
    """``name`` is what was looked at.

    A ``hindrance`` comes with the ``error`` for who asked for this alone. With ``ask``, the lists
    of these providers would settle what is only guessed here.
    """

    name: str
    candidate: Candidate | None = None
    hindrance: Hindrance | None = None
    error: Callable[[], CoreError] | None = None
    ask: tuple[str, ...] = ()
