"""Why something did not happen that could have: the person, or GhostWarden, did not want it.

ACP calls a tool call ``failed`` then, as if it were broken. What it really came to is told beside
that, under ``_meta``, where ACP has room for what it does not know
(https://agentclientprotocol.com/protocol/extensibility). Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from zeke_bridge.agents.effects import Written
from zeke_bridge.model.errors import BusyError, DeniedError, ZekeError
from zeke_bridge.warden.escape import shorten

MOST_REASON = 300


@dataclass(frozen=True, slots=True)
class Refusal:
    """``rejected`` or taken ``partly`` in a review, or ``denied``; ``undecided``: it was stopped.

    ``reason`` is the person's own, or GhostWarden's sentence; it may be empty.
    """

    state: Literal["rejected", "denied", "partly", "undecided"]
    reason: str = ""

    def meta(self) -> dict[str, Any]:
        """``_meta`` of a tool call's update; it is shown, and escaped."""
        return {"zeke": {"state": self.state, "reason": shorten(self.reason, MOST_REASON)}}


def of_written(written: Written) -> Refusal | None:
    """What was refused of a file; None where nothing was, or where it failed."""
    state = written.state
    match state:
        case "rejected" | "denied" | "partly" | "undecided":
            return Refusal(state, written.reason)
        case _:
            return None


def of_error(error: ZekeError) -> Refusal | None:
    """What an effect was refused by; None for what broke."""
    return Refusal("denied", error.message) if isinstance(error, DeniedError | BusyError) else None
