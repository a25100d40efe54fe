"""The parts of a command, as they were found in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zeke_bridge.warden.command.effect import Effect

Kind = Literal["command", "redirection", "assignment", "here-doc", "function"]


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the prompt. ``text`` is as it was written and not escaped.

    ``depth``: how many programs or substitutions it lies in. ``piped``: what another program
    prints goes into it. ``effects`` are in the order of ``Effect``.
    """

    depth: int
    kind: Kind
    text: str
    effects: tuple[Effect, ...] = ()
    piped: bool = False


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Reading:
    """All that was found in one command.

    ``programs`` are the names of what it runs, where they can be seen. ``complete`` is False when
    some of it could not be read. ``problem`` is a sentence when it is too long or too tangled to
    be shown to anybody; then it is denied, and the rest is empty.
    """

    parts: tuple[Part, ...] = ()
    programs: tuple[str, ...] = ()
    complete: bool = True
    problem: str = ""

    def effects(self) -> tuple[Effect, ...]:
        """Everything that matters in any part, in the order of ``Effect``."""
        found = {effect for part in self.parts for effect in part.effects}
        return ordered(found)

    def is_sure(self) -> bool:
        """Say whether ``programs`` are all that can run, as far as words tell."""
        return self.complete and not {Effect.OUTPUT, Effect.DYNAMIC}.intersection(self.effects())


def ordered(effects: set[Effect]) -> tuple[Effect, ...]:
    """Return ``effects`` with the weightiest first."""
    return tuple(effect for effect in Effect if effect in effects)
