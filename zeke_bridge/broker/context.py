"""Answering a question about a project: its names, its history, and a few of its files.

Each file is read with a permit of GhostWarden's. The person is asked about very few of them, and
about no more once they have said no; whatever is left out is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any

from zeke_bridge.broker.relay import relay
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import ConsentError, InputError, ZekeError
from zeke_bridge.model.exchange import ContextAsk, Snippet
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.task import Opened, TaskRequest
from zeke_bridge.warden.escape import escape
from zeke_bridge.workspace.listing import Listing, may_be_named
from zeke_bridge.workspace.relevance import relevant, tree

MOST_OPEN = 8
MOST_FOUND = 5
MOST_ASKED = 3
"""How many of the files may cost a question."""
FILE_CHARS = 16_000
TOTAL_CHARS = 64_000
_LEAST_CHARS = 1_000
_READ_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Shown:
    """A file of which the model sees the beginning: ``lines``, and whether that is all of it."""

    path: str
    lines: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Left:
    """A file that the model does not see, and why."""

    path: str
    why: str


@dataclass(slots=True)
class _Reading:
    """Files being read, until there is no room left for more."""

    session: Session
    root: str
    texts: Mapping[str, str]
    """What stands in the editor, where that is not what is on disk."""
    room: int = TOTAL_CHARS
    questions: int = MOST_ASKED
    snippets: list[Snippet] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    async def take(self, path: str) -> None:
        """Read ``path`` if that may be, or say why it is left out."""
        if self.room < _LEAST_CHARS:
            self.left.append(Left(path, "there is no room for it"))
            return
        action = Action(Op.READ, self.root, path=path)
        asks = self.session.would_ask(action)
        if asks and self.questions <= 0:
            self.left.append(Left(path, "you were not asked about it"))
            return
        self.questions -= asks
        try:
            text = await self._text(path, await self.session.authorize(action))
        except ConsentError as error:
            # Who has said no once does not want to hear the same of the next file.
            self.questions = 0 if asks else self.questions
            self.left.append(Left(path, error.message))
        except ZekeError as error:
            self.left.append(Left(path, error.message))
        else:
            self._show(path, text)

    async def _text(self, path: str, permit: Permit) -> str:
        if path in self.texts:
            await self.session.record(permit, "shown to the model")
            return self.texts[path]
        content = await self.session.read(permit, _READ_LIMIT)
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError("It is no text.") from error
        if "\0" in text:
            raise InputError("It is no text.")
        return text

    def _show(self, path: str, text: str) -> None:
        if not text.strip():
            self.left.append(Left(path, "it is empty"))
            return
        most = min(FILE_CHARS, self.room)
        part = text if len(text) <= most else text[:most].rpartition("\n")[0] or text[:most]
        self.room -= len(part)
        self.snippets.append(Snippet(part, path, PurePosixPath(path).suffix.removeprefix(".")))
        self.shown.append(Shown(path, len(part.splitlines()), part == text))


async def context(session: Session, running: Running) -> Mapping[str, Any]:
    """Stream an answer to the request's question; ``task.sent`` says first what is shown.

    Returns the fields of ``task.done``. Raises ``CoreError``.
    """
    request = running.request
    root = session.root("", request.cwd)
    projects = session.projects
    listing, history = await asyncio.gather(
        asyncio.to_thread(projects.listing, root), asyncio.to_thread(projects.history, root)
    )
    opened = _opened(session, request, root)
    texts = {path: one.text for path, one in opened.items() if one.text is not None}
    reading = _Reading(session, root, texts)
    for path in _chosen(request.instruction, listing, tuple(opened)):
        await reading.take(path)
    ask = ContextAsk(
        session.audience(request),
        request.instruction,
        tree(listing.paths, whole=listing.whole),
        tuple(reading.snippets),
        "\n".join(history),
    )
    running.send(
        "task.sent",
        names=len(listing.paths),
        whole=listing.whole,
        commits=len(history),
        files=[{**asdict(one), "path": escape(one.path)} for one in reading.shown],
        left=[{"path": escape(one.path), "why": one.why} for one in reading.left],
    )
    answer = await relay(session.client().context(ask), running.sink, request.id)
    return {"text": answer.text, **session.receipt(answer.receipt)}


def _opened(session: Session, request: TaskRequest, root: str) -> dict[str, Opened]:
    """The files of this project that are open in the editor, by their path from the root."""
    found: dict[str, Opened] = {}
    for one in request.opened:
        path = session.projects.inside(root, one.path)
        if path and may_be_named(path):
            found.setdefault(path, one)
    return found


def _chosen(question: str, listing: Listing, opened: Sequence[str]) -> list[str]:
    """Open files first, then those that the question seems to be about."""
    first = opened[:MOST_OPEN]
    rest = (path for path in listing.paths if path not in first)
    return [*first, *relevant(question, rest, MOST_FOUND)]
