"""Whose hands they are: one agent in one project of one editor, and where it is told what it did.

An agent names paths from the project or from ``/``; a file of a project inside this one is judged
as of that one, whose own refusals bind.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from zeke_bridge.agents.effects import Say, Written
from zeke_bridge.agents.refusal import MOST_REASON
from zeke_bridge.broker.agents.seen import Seen
from zeke_bridge.broker.session import Session
from zeke_bridge.model.action import Action, Op, Subject
from zeke_bridge.warden.escape import escape, shorten
from zeke_bridge.warden.form import path_problem

_MOST_PATH = 400


@dataclass(frozen=True, slots=True)
class Owner:
    """``name`` is the agent, ``id`` its session as the editor knows it; ``seen`` it was shown."""

    editor: Session
    root: str
    subject: Subject
    name: str
    id: str
    say: Say
    seen: Seen = field(default_factory=Seen, compare=False)

    def absolute(self, path: str) -> str:
        """``path`` from ``/``, literally."""
        return str(PurePosixPath(self.root, path))

    def home(self, path: str) -> str:
        """The project that an action on ``path`` is judged in."""
        if path_problem(path):
            return self.root
        projects, absolute = self.editor.projects, self.absolute(path)
        inside = projects.inside(self.root, absolute)
        if inside and not projects.belongs(self.root, inside):
            return self.editor.root(absolute)
        return self.root

    def shown(self, path: str) -> str:
        """How a person is shown ``path``: from the root, where that leads there."""
        if path_problem(path):
            return shorten(path, _MOST_PATH)
        inside = self.editor.projects.inside(self.root, self.absolute(path))
        return escape(inside or posixpath.normpath(self.absolute(path)))

    def action(self, op: Op, path: str, **fields: Any) -> Action:
        """An effect on a file that the agent wants."""
        home = self.home(path)
        literal = path if home == self.root else self.absolute(path)
        return Action(op, home, self.subject, path=literal, **fields)

    def tell_file(self, path: str, state: str, added: int, removed: int, reason: str = "") -> None:
        """Have the editor show that a file was touched; ``path`` is escaped already."""
        fields = {"path": path, "state": state, "added": added, "removed": removed}
        why = {"reason": shorten(reason, MOST_REASON)} if reason else {}
        self.say({"sessionUpdate": "_zeke/file", **fields, **why})

    def tell_written(self, written: Sequence[Written]) -> None:
        """The same of what was wanted; a file that had the text already is not touched."""
        for one in written:
            if one.state != "same":
                self.tell_file(one.path, one.state, one.added, one.removed, one.reason)

    def tell_on_disk(self, path: str) -> None:
        """Have the editor know that a file, from ``/``, was written and nobody looked at it."""
        told = {"path": path, "name": self.shown(path)}
        who = {"agent": escape(self.name), "session": self.id}
        self.editor.sink.send("file.written", {**told, **who})
