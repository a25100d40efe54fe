"""The questions of one editor: one shown at a time, first come first shown, never replaced.

An answer counts once, for the prompt that is shown, and only if it was offered. Does not know
what is asked about; the gate hands in how a prompt is made when its turn comes.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from zeke_bridge.model.errors import BusyError
from zeke_bridge.model.verdict import Choice
from zeke_bridge.warden.prompt import Prompt

LIMIT_S = 120.0
MAX_WAITING = 8


class Asker(Protocol):
    """Where prompts of one editor are shown. Fire and forget: nothing is waited for."""

    def show(self, prompt_id: str, prompt: Prompt, position: int, total: int) -> None:
        """Show ``prompt`` as number ``position`` of ``total``; its answer comes by the id."""
        ...

    def close(self, prompt_id: str, outcome: str) -> None:
        """Take the prompt away: ``once|session|project|deny|withdrawn|expired``."""
        ...


class Ending(StrEnum):
    """How a question ended without an answer of the person."""

    SETTLED = "settled"
    """When its turn came the policy no longer wanted to ask."""
    EXPIRED = "expired"
    GONE = "gone"


Answer = Choice | Ending


@dataclass(frozen=True, slots=True)
class Waiting:
    """One waiting question, for lists: ``prompt`` as it was when it was asked."""

    id: str
    prompt: Prompt
    shown: bool


@dataclass(slots=True, eq=False)
class _Question:
    id: str
    key: str
    subject: str
    prompt: Prompt
    refresh: Callable[[], Prompt | None]
    heard: Callable[[Choice], None]
    done: asyncio.Future[Answer]
    waiters: int = 0
    shown: bool = False


class PromptQueue:
    """The prompts of one editor connection.

    ``changed`` is called with the number of waiting questions whenever it has changed.
    """

    def __init__(
        self,
        asker: Asker,
        *,
        limit_s: float = LIMIT_S,
        changed: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._asker = asker
        self._limit_s = limit_s
        self._changed = changed
        self._questions: list[_Question] = []
        self._timer: asyncio.TimerHandle | None = None
        self._served = 0
        self._gone = False

    def __len__(self) -> int:
        return len(self._questions)

    def waiting(self) -> tuple[Waiting, ...]:
        """Return what waits, the shown one first."""
        return tuple(Waiting(item.id, item.prompt, item.shown) for item in self._questions)

    async def ask(
        self,
        prompt: Prompt,
        subject: str,
        refresh: Callable[[], Prompt | None],
        heard: Callable[[Choice], None],
    ) -> Answer:
        """Wait for the person's answer; equal questions (by digest) are asked once.

        ``refresh`` is called when the turn comes and gives the prompt to show, or None when
        there is nothing to ask any more. ``heard`` is called with an answer before anybody who
        waits goes on, once for each question. Cancelling the last waiter withdraws it.

        Raises:
            BusyError: ``subject`` has too many questions waiting.
        """
        if self._gone:
            return Ending.GONE
        question = self._find(prompt, subject, refresh, heard)
        question.waiters += 1
        try:
            return await asyncio.shield(question.done)
        finally:
            question.waiters -= 1
            if question.waiters == 0 and not question.done.done():
                self._end(question, Ending.GONE, "withdrawn")

    def answer(self, prompt_id: str, choice: str) -> bool:
        """Take the person's answer; False when it does not count."""
        question = self._questions[0] if self._questions else None
        if question is None or not question.shown or question.id != prompt_id:
            return False
        if choice not in question.prompt.choices:
            return False
        picked = Choice(choice)
        question.heard(picked)
        self._end(question, picked, picked.value)
        return True

    def gone(self) -> None:
        """Deny all that waits: the connection is lost. Nothing can be asked afterwards."""
        self._gone = True
        while self._questions:
            self._end(self._questions[-1], Ending.GONE, "deny")

    def _find(
        self,
        prompt: Prompt,
        subject: str,
        refresh: Callable[[], Prompt | None],
        heard: Callable[[Choice], None],
    ) -> _Question:
        for known in self._questions:
            if known.key == prompt.digest:
                return known
        if sum(known.subject == subject for known in self._questions) >= MAX_WAITING:
            raise BusyError(
                f"{MAX_WAITING} questions of {prompt.subject} wait already; answer them first."
            )
        done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        prompt_id = secrets.token_hex(8)
        question = _Question(prompt_id, prompt.digest, subject, prompt, refresh, heard, done)
        self._questions.append(question)
        self._next()
        self._changed(len(self._questions))
        return question

    def _next(self) -> None:
        """Show the first question, unless one is shown; skip those that need no answer."""
        while self._questions and not self._questions[0].shown:
            question = self._questions[0]
            fresh = _refreshed(question)
            if fresh is None:
                self._drop(question, Ending.SETTLED)
                continue
            question.prompt, question.shown = fresh, True
            self._served += 1
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._limit_s, self._expire, question)
            position, total = self._served, self._served + len(self._questions) - 1
            self._asker.show(question.id, fresh, position, total)
        if not self._questions:
            self._served = 0

    def _expire(self, question: _Question) -> None:
        if question in self._questions:
            self._end(question, Ending.EXPIRED, "expired")

    def _end(self, question: _Question, answer: Answer, outcome: str) -> None:
        self._drop(question, answer)
        if question.shown:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._asker.close(question.id, outcome)
        if not self._gone:
            self._next()
        self._changed(len(self._questions))

    def _drop(self, question: _Question, answer: Answer) -> None:
        self._questions.remove(question)
        if not question.done.done():
            question.done.set_result(answer)


def _refreshed(question: _Question) -> Prompt | None:
    try:
        return question.refresh()
    except Exception:
        # Whoever waits judges again and gets the error for itself.
        return None
