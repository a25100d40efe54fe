"""What all files of one round of a change have in common."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from zeke_bridge.broker.review.base import Base
from zeke_bridge.broker.review.disk import look
from zeke_bridge.broker.review.settled import Settled
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.action import Subject
from zeke_bridge.warden.escape import escape


@dataclass(frozen=True, slots=True)
class Scene:
    """``versions`` numbers the patches of all rounds; ``files`` is how many this round has.

    ``home`` is the project that names are counted from. ``told``: whether a model may hear later
    what was changed, and how that was before. ``hear`` is told of each file as it is settled.
    """

    session: Session
    running: Running
    root: str
    home: str
    subject: Subject
    versions: Iterator[int]
    round: int
    files: int
    hear: Callable[[Settled], None]
    told: bool = False

    def absolute(self, path: str) -> str:
        """``path``, which may be counted from the root, from ``/``; empty stays empty."""
        return str(PurePosixPath(self.root, path)) if path else ""

    def name(self, path: str) -> str:
        """How a person is shown ``path``."""
        if not path:
            return ""
        absolute = self.absolute(path)
        inside = self.session.projects.inside(self.home, absolute)
        return escape(inside or posixpath.normpath(absolute))

    async def look(self, path: str) -> Base:
        """What is on disk. Raises ``ConsentError``, ``StoreError`` or ``InputError``."""
        use = "shown to the model" if self.told else "shown to the person"
        name = self.name(path)
        return await look(self.session, self.root, path, self.subject, name=name, use=use)
