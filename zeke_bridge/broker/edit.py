"""Editing a range: a proposed patch, reviewed by the person, then consented to, then applied.

Nothing reaches the disk before the gate has given a permit for exactly these bytes. A buffer with
unsaved changes is never written over: the patch goes into the buffer and stays there, unsaved.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from zeke_bridge.broker.relay import relay
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Mail, Running
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import ChangedError, InputError, PatchError, TimedOutError
from zeke_bridge.model.exchange import CodeAsk, Receipt
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.task import Buffer
from zeke_bridge.workspace.patch import (
    Patch,
    apply,
    counts,
    encode,
    propose,
    rebase,
    render,
    select,
)

# An editor answers this without asking its person, but may stand at a hit-enter prompt.
READY_LIMIT_S = 30.0


async def edit(session: Session, running: Running) -> Mapping[str, Any]:
    """Propose, review, consent, apply. Returns the fields of ``task.done``.

    Raises ``ConsentError``, ``CoreError``, ``PatchError`` (the answer does not fit the text).
    """
    return await rewrite(session, running, running.request.instruction)


async def rewrite(session: Session, running: Running, instruction: str) -> Mapping[str, Any]:
    """The same, as ``instruction`` says."""
    buffer = running.request.buffer
    if buffer is None:
        raise InputError("There is no buffer to edit.")
    source = await session.source(running.request)
    ask = CodeAsk(source.audience, "refactor", source.snippet, instruction)
    answer = await relay(session.client().code(ask), running.sink, running.request.id)
    patch = propose(answer.text, buffer.text, buffer.start_line, buffer.end_line)
    return await Review(session, running, buffer, patch, answer.receipt).until_settled()


class Review:
    """The conversation about one patch, until it is applied or rejected."""

    def __init__(
        self, session: Session, running: Running, buffer: Buffer, patch: Patch, receipt: Receipt
    ) -> None:
        self._session = session
        self._running = running
        self._buffer = buffer
        self._patch = patch
        self._receipt = receipt

    async def until_settled(self) -> Mapping[str, Any]:
        """Show the diff and do what the person says; the fields of ``task.done``."""
        self._show()
        while True:
            mail = await self._running.mail.get()
            match mail.name:
                case "edit.reject":
                    return self._done(written=False, hunks=[], message="Rejected.", rejected=True)
                case "edit.rebase":
                    self._rebase(mail)
                case "edit.accept":
                    done = await self._accept(mail)
                    if done is not None:
                        return done
                case _:
                    continue

    def _show(self, note: str = "") -> None:
        self._running.send(
            "task.patch",
            path=self._buffer.path,
            changedtick=self._buffer.changedtick,
            hunks=_plain(self._patch),
            note=note,
        )

    def _rebase(self, mail: Mail) -> None:
        current = mail.fields["buffer"]
        self._patch = rebase(self._patch, self._buffer.text, current.text)
        self._buffer = replace(current, path=self._buffer.path)
        self._show("The text changed meanwhile; this is the new diff.")

    async def _accept(self, mail: Mail) -> Mapping[str, Any] | None:
        """Ask for consent and apply; None when the buffer has changed and a new diff is due."""
        chosen = self._chosen(mail)
        base = self._buffer.text.split("\n")
        content = encode(
            apply(base, chosen.hunks), self._buffer.eol, self._buffer.final_eol, self._buffer.bom
        )
        if not self._buffer.path:
            sentence = "Applied to the buffer; it has no file name, so nothing was written."
            return await self._apply(chosen, None, content, sentence)
        try:
            permit = await self._session.authorize(self._action(chosen, content))
            try:
                return await self._apply(chosen, permit, content, "")
            finally:
                permit.close()
        except ChangedError as error:
            # The editor looks at the file again and asks for a new diff, or gives up.
            self._running.send("task.changed", message=error.message)
            return None

    async def _apply(
        self, chosen: Patch, permit: Permit | None, content: bytes, sentence: str
    ) -> Mapping[str, Any] | None:
        self._running.send("task.apply")
        ready = await self._ready()
        if not ready.fields.get("fits"):
            if permit is not None:
                await self._session.record(permit, "not used, the buffer changed")
            return None
        if permit is None:
            return self._done(written=False, hunks=_plain(chosen), message=sentence)
        if ready.fields.get("modified"):
            await self._session.record(permit, "applied to the buffer, unsaved")
            sentence = "Applied to the buffer, which has unsaved changes; save it with :w."
            return self._done(written=False, hunks=_plain(chosen), message=sentence)
        await self._session.write(permit, content)
        return self._done(written=True, hunks=_plain(chosen), message="")

    async def _ready(self) -> Mail:
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                while True:
                    mail = await self._running.mail.get()
                    if mail.name == "edit.ready":
                        return mail
        except TimeoutError as error:
            raise TimedOutError(
                "Neovim did not answer in time; nothing was written. Run the edit again."
            ) from error

    def _chosen(self, mail: Mail) -> Patch:
        numbers = mail.fields.get("hunks")
        if numbers is None:
            return self._patch
        if not numbers or not all(1 <= number <= len(self._patch.hunks) for number in numbers):
            raise PatchError("There is no such hunk in this diff.")
        return select(self._patch, tuple(numbers))

    def _action(self, chosen: Patch, content: bytes) -> Action:
        buffer = self._buffer
        base = encode(buffer.text.split("\n"), buffer.eol, buffer.final_eol, buffer.bom)
        added, removed = counts(chosen)
        return Action(
            Op.WRITE,
            self._session.root(buffer.path),
            path=buffer.path,
            content_sha256=hashlib.sha256(content).hexdigest(),
            # A modified buffer is not what is on the disk, and is not written there either.
            base_sha256="" if buffer.modified else hashlib.sha256(base).hexdigest(),
            added=added,
            removed=removed,
            diff=render(chosen, buffer.text),
        )

    def _done(
        self, *, written: bool, hunks: list[Any], message: str, **more: Any
    ) -> dict[str, Any]:
        return {
            "written": written,
            "hunks": hunks,
            "message": message,
            **more,
            **self._session.receipt(self._receipt),
        }


def _plain(patch: Patch) -> list[dict[str, Any]]:
    return [
        {"start_line": hunk.start_line, "old": list(hunk.old), "new": list(hunk.new)}
        for hunk in patch.hunks
    ]
