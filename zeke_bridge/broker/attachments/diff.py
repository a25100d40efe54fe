"""What changed in a project since its last commit, of those files that a model may read.

Git names the files and says what they were; what they are is read with a permit, file by file.
Files whose very names are nobody's business are counted and not named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from zeke_bridge.broker.attachments.part import MOST_BYTES, as_text
from zeke_bridge.broker.attachments.questions import Questions
from zeke_bridge.broker.session import Session
from zeke_bridge.model.action import ASSISTANT, Action, Op, Subject
from zeke_bridge.model.errors import DeniedError, ZekeError
from zeke_bridge.warden.escape import escape
from zeke_bridge.workspace.changes import Changed
from zeke_bridge.workspace.listing import may_be_named
from zeke_bridge.workspace.patch import Patch, render
from zeke_bridge.workspace.patch.difference import hunks

_READ_LIMIT = 1024 * 1024
_MOST_NAMED = 5


class Diff:
    """One reading of the working tree at ``root``; ``lines`` are those of a unified diff."""

    def __init__(
        self, session: Session, root: str, questions: Questions, subject: Subject = ASSISTANT
    ) -> None:
        self.lines: list[str] = []
        self._session = session
        self._root = root
        self._questions = questions
        self._subject = subject
        self._room = MOST_BYTES
        self._kept = 0
        self._why: list[str] = []

    async def take(self) -> None:
        """Read everything. Raises ``ConsentError`` or ``InputError`` when there is no diff."""
        if not await self._session.may_tell_history(self._root):
            raise DeniedError("Reading .git is denied or has to be asked about: there is no diff.")
        found = await asyncio.to_thread(self._session.projects.changes, self._root)
        for changed in found.files:
            await self._add(changed)
        if found.odd:
            self._why.append(f"{found.odd} links or submodules are left out")
        if not found.whole:
            self._why.append("there are more changed files than could be listed")

    def left(self) -> str:
        """What is left out and why, as one sentence; empty when nothing is."""
        why = self._why[:_MOST_NAMED]
        if len(self._why) > _MOST_NAMED:
            why.append(f"{len(self._why) - _MOST_NAMED} more are left out")
        if self._kept:
            files = "1 file is" if self._kept == 1 else f"{self._kept} files are"
            why.append(f"{files} secret, protected or another project's and left out")
        return f"{'; '.join(why)}." if why else ""

    async def _add(self, changed: Changed) -> None:
        path = changed.path
        if not may_be_named(path) or not self._session.projects.belongs(self._root, path):
            self._kept += 1
            return
        try:
            was, now = await self._texts(changed)
        except ZekeError as error:
            self._why.append(f"{escape(path)}: {error.message.removesuffix('.')}")
            return
        lines = await asyncio.to_thread(lambda: list(_unified(changed, was, now)))
        size = sum(len(line.encode()) + 1 for line in lines)
        if size > self._room:
            self._why.append(f"{escape(path)}: there is no room for it")
            return
        self._room -= size
        self.lines += lines

    async def _texts(self, changed: Changed) -> tuple[str, str]:
        """What the file was and what it is. Raises ``ZekeError``."""
        action = Action(Op.READ, self._root, self._subject, path=changed.path)
        permit = await self._questions.authorize(action)
        if changed.deleted:
            await self._session.record(permit, "shown to the model")
            now = b""
        else:
            now = await self._session.read(permit, _READ_LIMIT)
        committed = self._session.projects.committed
        was = await asyncio.to_thread(committed, self._root, changed.was, _READ_LIMIT)
        return as_text(was), as_text(now)


def _unified(changed: Changed, was: str, now: str) -> Iterator[str]:
    """The lines of a unified diff; none when nothing but the file's mode or last line end differs.

    ``was`` and ``now`` are empty where there is no file.
    """
    old, new = was.removesuffix("\n").split("\n"), now.removesuffix("\n").split("\n")
    shown = escape(changed.path)
    if not changed.was:
        yield from ("--- /dev/null", f"+++ b/{shown}", f"@@ -0,0 +1,{len(new)} @@")
        yield from (f"+{line}" for line in new)
    elif changed.deleted:
        yield from (f"--- a/{shown}", "+++ /dev/null", f"@@ -1,{len(old)} +0,0 @@")
        yield from (f"-{line}" for line in old)
    elif found := hunks(old, new):
        yield from (f"--- a/{shown}", f"+++ b/{shown}")
        most = len(old) + len(new) + len(found)
        yield from render(Patch(found), "\n".join(old), max_lines=most)
