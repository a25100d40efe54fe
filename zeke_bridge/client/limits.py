"""How long the client waits for a core."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to connect; between two reads of an answer; for the whole of a quick question.

    A core that works sends a comment every few seconds, so silence means that it hangs.
    """

    connect: float = 5.0
    silence: float = 60.0
    quick: float = 10.0
