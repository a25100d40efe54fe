"""Reading what is mentioned in one conversation, each file with a permit of GhostWarden's.

What a person named is asked about wherever that has to be; of what stands in a list or a diff only
a few files are, and none after a no. A text that comes from an editor is as secret as its file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from zeke_bridge.broker.attachments.diff import Diff
from zeke_bridge.broker.attachments.part import (
    MESSAGE_BYTES,
    MOST_BYTES,
    Part,
    as_text,
    excerpt,
)
from zeke_bridge.broker.attachments.questions import Questions
from zeke_bridge.broker.session import Session
from zeke_bridge.model.action import ASSISTANT, Subject
from zeke_bridge.model.errors import ChangedError, ConsentError, InputError, ZekeError
from zeke_bridge.model.task import Attachment

# A range of a file is small, the file may not be.
_READ_LIMIT = 8 * 1024 * 1024
_LISTED = frozenset({"quickfix", "diagnostics"})
_TOO_LONG = {
    "file": "It is over 256 KiB: name lines of it, as in @file:src/a.py:1-200.",
    "buffer": "It is over 256 KiB: select lines of it and use @selection.",
}


@dataclass(slots=True)
class _Text:
    """A text that a model may see, and the path by which it is called."""

    text: str
    path: str = ""


class Reading:
    """One turn's worth of reading for ``subject``; ``cwd`` is where its person is."""

    def __init__(self, session: Session, cwd: str, subject: Subject = ASSISTANT) -> None:
        self._session = session
        self._cwd = cwd
        self._subject = subject
        self._questions = Questions(session)

    async def take(self, attachments: Sequence[Attachment]) -> list[Part]:
        """What became of each attachment of one message, in order. Never raises ``ZekeError``."""
        parts: list[Part] = []
        room = MESSAGE_BYTES
        for given in attachments:
            part = await self._part(given)
            size = len(part.text.encode())
            if size > room:
                why = "There is no room for it: a message takes 1 MiB of attachments."
                part = replace(part, state="failed", message=why, text="")
            else:
                room -= size
            parts.append(part)
        return parts

    async def _part(self, given: Attachment) -> Part:
        part = Part(given.kind, given.label, "sent", first=given.first, language=given.language)
        try:
            if given.kind == "diff":
                return await self._diff(given, part)
            found = await self._text(given)
        except ZekeError as error:
            no = isinstance(error, ConsentError) and not isinstance(error, ChangedError)
            return replace(part, state="denied" if no else "failed", message=error.message)
        part = replace(part, path=found.path)
        if not found.text.strip():
            return replace(part, state="empty", message="There is no text in it.")
        if len(found.text.encode()) > MOST_BYTES:
            why = _TOO_LONG.get(given.kind, "It is over 256 KiB: mention less of it.")
            return replace(part, state="failed", message=why)
        return replace(part, text=found.text)

    async def _text(self, given: Attachment) -> _Text:
        """Raises ``ConsentError``, ``StoreError`` or ``InputError``."""
        text = None if given.text is None else _checked(given.text)
        if not given.path:
            # A buffer without a name: the person typed it here and mentioned it here.
            return _Text(text or "")
        action = self._session.reading(given, self._cwd, self._subject)
        if text is None and not self._session.exists(action.root, action.path):
            raise InputError("There is no such file.")
        if given.kind in _LISTED:
            permit = await self._questions.authorize(action)
        else:
            permit = await self._session.authorize(action)
        path = permit.verdict.target
        if text is not None:
            await self._session.record(permit, "shown to the model")
            return _Text(text, path)
        whole = as_text(await self._session.read(permit, _READ_LIMIT))
        return _Text(excerpt(whole, given.first, given.last), path)

    async def _diff(self, given: Attachment, part: Part) -> Part:
        root = self._session.root(given.path, self._cwd)
        diff = Diff(self._session, root, self._questions, self._subject)
        await diff.take()
        part = replace(part, language="diff", first=0, message=diff.left())
        if not diff.lines:
            why = diff.left() or "Nothing has changed since the last commit."
            return replace(part, state="failed" if diff.left() else "empty", message=why)
        return replace(part, text="\n".join(diff.lines))


def _checked(text: str) -> str:
    """``text`` from an editor. Raises ``InputError`` when it is none."""
    return as_text(text.encode("utf-8", "surrogateescape"))
