"""Editing a range: a proposed patch, reviewed by the person, then consented to, then applied.

A reason that the person gives for what they reject goes back to the model, with what they took.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from zeke_bridge.broker.relay import relay
from zeke_bridge.broker.review import Base, Change, Patched, Settled
from zeke_bridge.broker.review.base import of_buffer
from zeke_bridge.broker.review.span import follow
from zeke_bridge.broker.review.summary import instruction as told
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running
from zeke_bridge.model.errors import InputError, PatchError
from zeke_bridge.model.exchange import CodeAsk
from zeke_bridge.model.task import Buffer
from zeke_bridge.workspace.patch import propose


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
    rewriting = Rewriting(session, running, buffer, instruction)
    root = session.root(buffer.path, running.request.cwd)
    change = Change(session, running, root, again=rewriting.again)
    await change.until_settled([await rewriting.proposed(instruction)])
    return {**change.fields(), **rewriting.receipt}


class Rewriting:
    """One range of one text that a model rewrites, until the person has no reason to ask again."""

    def __init__(
        self, session: Session, running: Running, buffer: Buffer, instruction: str
    ) -> None:
        self._session = session
        self._running = running
        self._buffer = buffer
        self._base = of_buffer(buffer)
        self._instruction = instruction
        self._rounds: list[Sequence[Settled]] = []
        self.receipt: Mapping[str, Any] = {}
        """Of the last answer, as fields of ``task.done``."""

    async def proposed(self, instruction: str) -> Patched:
        """The model's patch for the range as it is. Raises as ``edit`` does."""
        session, request, buffer = self._session, self._running.request, self._buffer
        source = await session.source(replace(request, buffer=buffer))
        ask = CodeAsk(source.audience, "refactor", source.snippet, instruction)
        answer = await relay(session.client().code(ask), self._running.sink, request.id)
        self.receipt = session.receipt(answer.receipt)
        patch = propose(answer.text, buffer.text, buffer.start_line, buffer.end_line)
        return Patched(buffer.file, self._base, patch)

    async def again(
        self, settled: Sequence[Settled], texts: Mapping[int, Base]
    ) -> Sequence[Patched]:
        """The next proposal, for the text as the person left it."""
        base = next(iter(texts.values()), settled[0].base)
        if not base.exists:
            raise PatchError("The file is not there any more, so nothing more is proposed.")
        self._follow(base)
        self._rounds.append(settled)
        return [await self.proposed(told(self._instruction, self._rounds))]

    def _follow(self, base: Base) -> None:
        """Go on with ``base``, and with the range where it is now."""
        old = self._buffer
        first, last = follow(old.start_line, old.end_line, old.text, base.text)
        self._base = base
        self._buffer = replace(
            old, text=base.text, start_line=first, end_line=last, modified=base.modified
        )
