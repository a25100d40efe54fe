"""One editor as the consent gate sees it.

Does not judge actions and knows no files; what the person said is in its ``SessionMemory``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from zeke_bridge.broker.consent.memory import SessionMemory
from zeke_bridge.broker.consent.prompts import PromptQueue
from zeke_bridge.model.grant import Rules


class Neighbours(Protocol):
    """The other editors of the broker, as one of them needs to know them."""

    def host(self, root: str) -> ConsentSession | None:
        """An editor of this project that can ask its person, or None."""
        ...

    def changed(self, root: str, session: ConsentSession | None = None) -> None:
        """What ``:ZekeConsents`` shows of the project, or of ``session``, is no longer that."""
        ...

    def reconsider(self, root: str) -> None:
        """What decides in this project has changed: some questions may need no answer now."""
        ...


class Alone:
    """No neighbours."""

    def host(self, root: str) -> ConsentSession | None:
        """Nobody."""
        return None

    def changed(self, root: str, session: ConsentSession | None = None) -> None:
        """Nobody looks."""

    def reconsider(self, root: str) -> None:
        """Nobody asks."""


@dataclass(eq=False, slots=True)
class ConsentSession:
    """``rules`` are replaced when settings change.

    ``prompts`` is None for a connection that cannot ask (a script). ``notify(level, message)``
    tells the person something; it never raises.
    """

    id: str
    rules: Rules
    notify: Callable[[str, str], None]
    prompts: PromptQueue | None = None
    runtimepath: tuple[str, ...] = ()
    memory: SessionMemory = field(default_factory=SessionMemory)
    neighbours: Neighbours = field(default_factory=Alone)

    def host(self, root: str) -> ConsentSession | None:
        """Return whose person is asked about the project at ``root``; None: nobody is there."""
        return self if self.prompts is not None else self.neighbours.host(root)

    def denied(self, root: str) -> frozenset[tuple[str, str]]:
        """Return what the person who would be asked has refused for the session.

        A script that comes again and again is refused as often as its person was asked.
        """
        own = self.memory.denied(root)
        host = self.host(root)
        return own if host is self or host is None else own | host.memory.denied(root)

    def notify_once(self, root: str, file_hash: str, text: str) -> None:
        """Warn of ``text``, once for this state of the project's file."""
        if (root, file_hash, text) not in self.memory.told:
            self.memory.told.add((root, file_hash, text))
            self.notify("warn", text)

    def close(self) -> None:
        """Deny what waits: the editor is gone."""
        if self.prompts is not None:
            self.prompts.gone()
