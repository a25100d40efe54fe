"""Answering a question about a project: its names, its history, and a few of its files.

Each file is read with a permit of GhostWarden's. The person is asked about very few of them, and
about no more once they have said no; whatever is left out is said. Names and commits are shown
as far as GhostWarden would let their files be read without a question: it has no question about
names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
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


@dataclass(frozen=True, slots=True)
class _Told:
    """Names and commits that the model sees; ``kept``: what it does not, and why."""

    names: tuple[str, ...]
    whole: bool
    commits: tuple[str, ...]
    kept: list[str]


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
        if not self.session.projects.belongs(self.root, path):
            self.left.append(Left(path, "it belongs to another project"))
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

    Returns the fields of ``task.done``. Raises ``CoreError``, and ``AuditError`` when it cannot be
    written down what is shown.
    """
    # No buffer: the project asked about is the one its person is in.
    request = replace(running.request, buffer=None)
    root = session.root("", request.cwd)
    listing = await asyncio.to_thread(session.projects.listing, root)
    opened = _opened(session, request, root)
    texts = {path: one.text for path, one in opened.items() if one.text is not None}
    reading = _Reading(session, root, texts)
    for path in _chosen(request.instruction, listing, tuple(opened)):
        await reading.take(path)
    told = await _told(session, root, listing)
    ask = ContextAsk(
        session.audience(request),
        request.instruction,
        tree(told.names, whole=told.whole),
        tuple(reading.snippets),
        "\n".join(told.commits),
    )
    running.send(
        "task.sent",
        names=len(told.names),
        whole=told.whole,
        commits=len(told.commits),
        kept=told.kept,
        files=[{**asdict(one), "path": escape(one.path)} for one in reading.shown],
        left=[{"path": escape(one.path), "why": one.why} for one in reading.left],
    )
    answer = await relay(session.client().context(ask), running.sink, request.id)
    return {"text": answer.text, **session.receipt(answer.receipt)}


async def _told(session: Session, root: str, listing: Listing) -> _Told:
    """What may be told of the project itself, and it is in the audit log. Raises ``AuditError``."""
    names = await session.open_names(root, listing.paths)
    kept = []
    missing = len(listing.paths) - len(names)
    if missing:
        count = "1 file name" if missing == 1 else f"{missing} file names"
        kept.append(f"{count}: reading such a file is denied or has to be asked about")
    commits: tuple[str, ...] = ()
    if await session.may_tell_history(root):
        commits = await asyncio.to_thread(session.projects.history, root)
    else:
        kept.append("the commits: reading .git is denied or has to be asked about")
    if names or commits:
        await session.record_names(root, len(names), len(commits))
    # That there are more is said of names alone, and only where some are told.
    return _Told(names, listing.whole or not names, commits, kept)


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
