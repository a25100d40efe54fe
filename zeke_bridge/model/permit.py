"""The one thing that lets an effect happen.

A permit is bound to one action by its digest, works once, for at most a minute, and carries the
open handle that the approval was given for. It does not know what the handle is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Protocol

from zeke_bridge.model.action import Action
from zeke_bridge.model.errors import ChangedError, DeniedError
from zeke_bridge.model.target import Facts
from zeke_bridge.model.verdict import Verdict

MAX_AGE_S = 60.0


class Handle(Protocol):
    """What keeps the approved place open."""

    def close(self) -> None:
        """Let go of it; calling twice is harmless."""
        ...


class Permit:
    """``action`` may be performed once, on ``facts``, for the reason in ``verdict``.

    Made by the consent gate only. Dropping it closes the handle.
    """

    __slots__ = ("_clock", "_handles", "_issued", "action", "facts", "verdict")

    def __init__(
        self,
        action: Action,
        facts: Facts,
        verdict: Verdict,
        handle: Handle,
        clock: Callable[[], float],
    ) -> None:
        self.action = action
        self.facts = facts
        self.verdict = verdict
        self._handles = [handle]
        self._clock = clock
        self._issued = clock()

    def take(self, action: Action | None = None) -> Handle:
        """Use the permit up and return its handle, which the caller closes.

        ``action``, when given, has to be the very action that was approved.

        Raises:
            DeniedError: used already, or for another action.
            ChangedError: older than a minute.
        """
        try:
            # list.pop is one step of the interpreter: of two threads one gets the handle.
            handle = self._handles.pop()
        except IndexError:
            raise DeniedError("This permit was used already; ask for consent again.") from None
        try:
            if action is not None and action.digest() != self.action.digest():
                raise DeniedError("This permit is for another action; ask for consent again.")
            # A clock that was set back makes the age negative: that is no permit either.
            if not 0 <= self._clock() - self._issued <= MAX_AGE_S:
                raise ChangedError("The approval is over a minute old; ask for consent again.")
        except BaseException:
            handle.close()
            raise
        return handle

    def close(self) -> None:
        """Give the permit back unused."""
        with contextlib.suppress(IndexError):
            self._handles.pop().close()

    def __del__(self) -> None:
        # __init__ may have failed before the list was there.
        if hasattr(self, "_handles"):
            self.close()
