"""Which tool call of an agent failed because we refused what it needed.

An agent names no tool call when it wants a file or a program. The one is meant that is open and
names the same file or command, else the only one that is open and names none, else the first that
fails and names it. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zeke_bridge.agents.acp.calls import Calls
from zeke_bridge.agents.refusal import Refusal

_MOST = 100
_SHELL_WORDS = 3


@dataclass(frozen=True, slots=True)
class Need:
    """What was asked for: the file at ``path`` (absolute), or the command ``argv``."""

    path: str = ""
    argv: tuple[str, ...] = ()


class Refusals:
    """Those of one session."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._of_call: dict[str, Refusal] = {}
        self._loose: list[tuple[Need, Refusal]] = []

    def add(self, wanted: Need, refusal: Refusal | None) -> None:
        """``wanted`` was refused, if there is a ``refusal``."""
        if refusal is None:
            return
        running = self._calls.running()
        meant = [name for name in running if self._names(name, wanted)]
        if not meant and len(running) == 1 and self._says_nothing(running[0], wanted):
            meant = running
        if meant:
            self.decided(meant[-1], refusal)
        else:
            self._loose = [*self._loose, (wanted, refusal)][-_MOST:]

    def decided(self, call: str, refusal: Refusal | None) -> None:
        """The person was asked about ``call`` itself; None: they said yes."""
        self._of_call.pop(call, None)
        if refusal is not None:
            self._of_call[call] = refusal
        for old in list(self._of_call)[:-_MOST]:
            del self._of_call[old]

    def of(self, update: Mapping[str, Any]) -> Refusal | None:
        """What the call of ``update`` came to, if that says now that it failed."""
        if update.get("status") != "failed":
            return None
        call = update["toolCallId"]
        known = self._of_call.pop(call, None)
        if known is not None:
            return known
        for entry in self._loose:
            if self._names(call, entry[0]):
                self._loose.remove(entry)
                return entry[1]
        return None

    def turn_begins(self) -> None:
        """What fails now fails by something else."""
        self._of_call.clear()
        self._loose.clear()

    def _names(self, call: str, wanted: Need) -> bool:
        said = self._calls.declared({"toolCallId": call})
        if wanted.argv:
            return bool(said.argv) and _line(said.argv) == _line(wanted.argv)
        return wanted.path in said.paths or wanted.path in _strings(said.raw.get("rawInput"))

    def _says_nothing(self, call: str, wanted: Need) -> bool:
        said = self._calls.declared({"toolCallId": call})
        return not (said.argv if wanted.argv else said.paths)


def _line(argv: tuple[str, ...]) -> str:
    """The command as an agent may have told it: what a shell is given, or all of its words."""
    if len(argv) == _SHELL_WORDS and argv[1] in ("-c", "-lc"):
        return argv[2]
    return " ".join(argv)


def _strings(raw: Any) -> tuple[str, ...]:
    values = raw.values() if isinstance(raw, Mapping) else ()
    return tuple(value for value in values if isinstance(value, str))
