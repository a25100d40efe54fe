"""One proposed change: all its files at once, and again for as long as the person gives reasons.

Files do not wait for each other; a round ends when each of its files is settled. A reason goes
back to whoever proposed the change once a round, and what they propose then is the next round.
"""

from __future__ import annotations

import asyncio
import itertools
import posixpath
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from typing import Any

from zeke_bridge.broker.review.base import Base, of_buffer
from zeke_bridge.broker.review.draft import (
    Carried,
    Draft,
    Patched,
    Proposed,
    Unfit,
    carried,
    empty,
    known,
    whole,
)
from zeke_bridge.broker.review.file import READY_LIMIT_S, FileReview
from zeke_bridge.broker.review.scene import Scene
from zeke_bridge.broker.review.settled import Settled, plain
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.action import ASSISTANT, Subject
from zeke_bridge.model.errors import InputError, PatchError, TimedOutError, ZekeError
from zeke_bridge.model.task import Buffer
from zeke_bridge.warden.escape import shorten

Again = Callable[[Sequence[Settled], Mapping[int, Base]], Awaitable[Sequence[Proposed]]]
"""What to propose next: from what became of every file, and what now stands in those (by their
number) whose text came from a buffer. Raises ``ZekeError`` when there is nothing to propose."""


class Change:
    """A change under review, in one editor. Every file of it is judged as of the project ``root``.

    ``subject`` is who wants it; ``home`` is the project of whoever is shown the names, else that of
    the editor where ``root`` is in it. Without ``again`` a reason goes nowhere. ``hear`` is told of
    each file of each round as it is settled.
    """

    def __init__(
        self,
        session: Session,
        running: Running,
        root: str,
        *,
        subject: Subject = ASSISTANT,
        home: str = "",
        again: Again | None = None,
        hear: Callable[[Settled], None] = lambda _settled: None,
    ) -> None:
        self._session = session
        self._running = running
        self._root = root
        self._home = home or _around(session, root)
        self._subject = subject
        self._again = again
        self._hear = hear
        self._versions = itertools.count(1)
        self._rounds: list[list[FileReview]] = []
        self._open: dict[str, Base] = {}
        """Files by their path that a buffer had when the last round ended."""
        running.lasting["settled"] = self._entries

    async def until_settled(self, proposed: Sequence[Proposed]) -> Sequence[Settled]:
        """Show every file, do what the person says, and go on while they give reasons.

        Returns what became of each file of the last round. A file that is denied or that cannot
        be written is settled as such, and the others go on. Raises what ``again`` raises, and
        ``ZekeError`` when the text for it cannot be had; what is settled by then stays.
        """
        while True:
            settled = await self._round(proposed)
            if self._again is None or not any(one.reason for one in settled):
                return settled
            texts = await self._texts(settled)
            self._open = {
                one.path: texts[one.file]
                for one in settled
                if one.file in texts and texts[one.file].changedtick is not None
            }
            proposed = await self._again(settled, texts)

    def settled(self) -> Sequence[Settled]:
        """What became of those files of the last round that are settled by now."""
        return self._settled(self._rounds[-1:])

    def in_doubt(self) -> set[int]:
        """Those files of the last round that were being written, and nobody knows the end."""
        reviews = self._rounds[-1] if self._rounds else []
        return {
            number
            for number, review in enumerate(reviews, 1)
            if review.writing and review.settled is None
        }

    def fields(self) -> dict[str, Any]:
        """The fields of ``task.done`` about it, once it is settled."""
        last = self.settled()
        entries = self._entries()
        fields: dict[str, Any] = {
            "round": len(self._rounds),
            "files": entries,
            "written": any(entry["state"] == "written" for entry in entries),
            "rejected": all(one.state == "rejected" for one in last),
            "message": "",
        }
        if len(last) == 1:
            fields["hunks"] = plain(last[0].accepted.hunks)
            fields["message"] = last[0].message
        return fields

    def _entries(self) -> list[dict[str, Any]]:
        return [one.entry() for one in self._settled(self._rounds)]

    @staticmethod
    def _settled(rounds: Sequence[Sequence[FileReview]]) -> list[Settled]:
        reviews = itertools.chain.from_iterable(rounds)
        return [review.settled for review in reviews if review.settled is not None]

    async def _round(self, proposed: Sequence[Proposed]) -> list[Settled]:
        number = len(self._rounds) + 1
        reviews = await self._reviews(self._scene(number, len(proposed)), proposed)
        self._rounds.append(reviews)
        for review in reviews:
            review.show()
        async with asyncio.TaskGroup() as group:
            delivering = group.create_task(self._deliver(reviews, number))
            talks = [group.create_task(review.until_settled()) for review in reviews]
            settled = [await talk for talk in talks]
            delivering.cancel()
        return settled

    def _scene(self, number: int, files: int) -> Scene:
        return Scene(
            self._session,
            self._running,
            self._root,
            self._home,
            self._subject,
            self._versions,
            number,
            files,
            self._hear,
            told=self._again is not None,
        )

    async def _reviews(self, scene: Scene, proposed: Sequence[Proposed]) -> list[FileReview]:
        reviews: list[FileReview] = []
        seen: set[str] = set()
        for number, one in enumerate(proposed, 1):
            problem: ZekeError | None = None
            try:
                draft = await self._draft(scene, one, seen)
            except ZekeError as error:
                lost = (
                    empty("", shorten(one.path, 80)) if isinstance(one, Unfit) else empty(one.path)
                )
                draft, problem = lost, error
            reviews.append(FileReview(scene, number, draft, problem))
        return reviews

    async def _draft(self, scene: Scene, proposed: Proposed, seen: set[str]) -> Draft:
        """What to show of one file. Raises ``ZekeError`` when that cannot be."""
        if isinstance(proposed, Unfit):
            raise PatchError(proposed.why)
        path = posixpath.normpath(scene.absolute(proposed.path)) if proposed.path else ""
        if path and path in seen:
            name = scene.name(proposed.path)
            raise PatchError(f"{name} is in this change twice; only the first one counts.")
        seen.add(path)
        if isinstance(proposed, Patched):
            return known(proposed)
        there = proposed.now if isinstance(proposed, Carried) else self._open.get(path)
        there = there or await scene.look(proposed.path)
        return carried(proposed, there) if isinstance(proposed, Carried) else whole(proposed, there)

    async def _deliver(self, reviews: Sequence[FileReview], number: int) -> None:
        """Hand every mail of this round to the file it is about; what is late is dropped."""
        while True:
            mail = await self._running.mail.get()
            file = mail.fields.get("file", 1)
            if mail.fields.get("round", number) == number and 1 <= file <= len(reviews):
                reviews[file - 1].deliver(mail)

    async def _texts(self, settled: Sequence[Settled]) -> dict[int, Base]:
        """What now stands in the files whose text came from a buffer, by their number."""
        wanted = {one.file: one for one in settled if one.base.changedtick is not None}
        for one in wanted.values():
            self._running.send("task.text", round=one.round, file=one.file)
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                buffers = await self._buffers(set(wanted))
        except TimeoutError as error:
            raise TimedOutError(
                "Neovim did not send the text in time, so nothing more is proposed; "
                "what was accepted stays."
            ) from error
        return {
            file: of_buffer(buffer) if buffer else await self._reread(wanted[file])
            for file, buffer in buffers.items()
        }

    async def _reread(self, one: Settled) -> Base:
        """What is on disk, where the buffer is gone."""
        if not one.path:
            raise InputError("The buffer is gone, so nothing more is proposed for it.")
        return await self._scene(one.round, 1).look(one.path)

    async def _buffers(self, files: Set[int]) -> dict[int, Buffer | None]:
        """The editor's answers; None where a buffer is gone."""
        found: dict[int, Buffer | None] = {}
        while files - found.keys():
            mail = await self._running.mail.get()
            if mail.name == "edit.text" and (file := mail.fields.get("file", 1)) in files:
                found[file] = mail.fields.get("buffer")
        return found


def _around(session: Session, root: str) -> str:
    """The editor's project where ``root`` is in it; no model is told where on the disk one is."""
    project = session.project()
    return project if session.projects.inside(project, root) else root
