"""The questions of one editor: one shown at a time, first come first shown, never replaced.

An answer counts once, for the prompt that is shown or for one the person picked from the list,
and only if it was offered. Does not know what is asked about; that is a ``Matter``.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
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


class Matter(Protocol):
    """What a question is about."""

    @property
    def root(self) -> str:
        """The project."""
        ...

    @property
    def subject(self) -> str:
        """Who asks, as grants name it."""
        ...

    @property
    def since(self) -> float:
        """When it was asked, in seconds since the epoch."""
        ...

    def turn(self) -> Prompt | None:
        """The question's turn has come: what to show, or None when there is nothing to ask."""
        ...

    def stands(self) -> bool:
        """Whether it still has to be asked."""
        ...

    def hear(self, choice: Choice) -> None:
        """The person's answer, before anybody who waits for it goes on. Must not raise."""
        ...


class Ending(StrEnum):
    """How a question ended without an answer of the person."""

    SETTLED = "settled"
    """The policy no longer wants to ask."""
    EXPIRED = "expired"
    GONE = "gone"
    UNSHOWN = "unshown"
    """The editor could not put it on the screen: nobody has said no."""


Answer = Choice | Ending


@dataclass(frozen=True, slots=True)
class Waiting:
    """One waiting question, for lists; a hidden one as it was when it was asked."""

    id: str
    prompt: Prompt
    shown: bool
    root: str
    since: float


@dataclass(frozen=True, slots=True)
class Answered:
    """``matter`` is the one that was asked about: for an equal question, that of the first."""

    answer: Answer
    matter: Matter


@dataclass(slots=True, eq=False)
class _Question:
    id: str
    matter: Matter
    prompt: Prompt
    done: asyncio.Future[Answer]
    waiters: int = 0
    shown: bool = False


class PromptQueue:
    """The prompts of one editor connection.

    ``changed`` is called with the project of a question whenever one has come or gone.
    """

    def __init__(
        self,
        asker: Asker,
        *,
        limit_s: float = LIMIT_S,
        changed: Callable[[str], None] = lambda root: None,
    ) -> None:
        self._asker = asker
        self._limit_s = limit_s
        self._changed = changed
        self._questions: list[_Question] = []
        self._timer: asyncio.TimerHandle | None = None
        self._served = 0
        self._held = False
        self._gone = False

    def __len__(self) -> int:
        return len(self._questions)

    def waiting(self) -> tuple[Waiting, ...]:
        """Return what waits, the shown one first."""
        return tuple(
            Waiting(item.id, item.prompt, item.shown, item.matter.root, item.matter.since)
            for item in self._questions
        )

    async def ask(self, prompt: Prompt, matter: Matter) -> Answered:
        """Wait for the person's answer; equal questions (by digest) are asked once.

        Cancelling the last waiter withdraws it.

        Raises:
            BusyError: the subject has too many questions waiting.
        """
        if self._gone:
            return Answered(Ending.GONE, matter)
        question = self._find(prompt, matter)
        question.waiters += 1
        try:
            return Answered(await asyncio.shield(question.done), question.matter)
        finally:
            question.waiters -= 1
            if question.waiters == 0 and not question.done.done():
                self._end(question, Ending.GONE, "withdrawn")

    def answer(self, prompt_id: str, choice: str) -> bool:
        """Take the answer to the prompt that is shown; False when it does not count.

        ``unshown`` denies it, too, and nobody is remembered to have said so.
        """
        question = self._questions[0] if self._questions else None
        if question is None or not question.shown or question.id != prompt_id:
            return False
        if choice == Ending.UNSHOWN:
            self._end(question, Ending.UNSHOWN, "withdrawn")
            return True
        return self._answer(question, choice)

    def answer_listed(self, ids: Collection[str], choice: str) -> frozenset[str]:
        """Take one answer to several questions, shown or not; returns those for which it counts.

        None of them is shown in between, and what did not offer ``choice`` stays.
        """
        chosen = [question for question in self._questions if question.id in ids]
        with self._nothing_shown():
            return frozenset(item.id for item in chosen if self._answer(item, choice))

    def review(self, roots: Collection[str]) -> None:
        """End the questions of these projects that need no answer any more."""
        with self._nothing_shown():
            for question in list(self._questions):
                if question.matter.root in roots and not _stands(question):
                    self._end(question, Ending.SETTLED, "withdrawn")

    def gone(self) -> None:
        """Deny all that waits: the connection is lost. Nothing can be asked afterwards."""
        self._gone = True
        while self._questions:
            self._end(self._questions[-1], Ending.GONE, "deny")

    def _answer(self, question: _Question, choice: str) -> bool:
        if choice not in question.prompt.choices:
            return False
        picked = Choice(choice)
        question.matter.hear(picked)
        self._end(question, picked, picked.value)
        return True

    @contextmanager
    def _nothing_shown(self) -> Iterator[None]:
        """Leave the screen alone while several questions end; then comes the next."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self._next()

    def _find(self, prompt: Prompt, matter: Matter) -> _Question:
        for known in self._questions:
            if known.prompt.digest == prompt.digest:
                return known
        asker = _asker(matter.subject)
        same = sum(_asker(known.matter.subject) == asker for known in self._questions)
        if same >= MAX_WAITING:
            raise BusyError(
                f"{MAX_WAITING} questions of {prompt.subject} wait already; answer them first."
            )
        done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        question = _Question(secrets.token_hex(8), matter, prompt, done)
        self._questions.append(question)
        self._next()
        self._changed(matter.root)
        return question

    def _next(self) -> None:
        """Show the first question, unless one is shown; skip those that need no answer."""
        while self._questions and not self._questions[0].shown and not self._held:
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

    def _drop(self, question: _Question, answer: Answer) -> None:
        self._questions.remove(question)
        if not question.done.done():
            question.done.set_result(answer)
        self._changed(question.matter.root)


def _asker(subject: str) -> str:
    """Who asks, for counting: of those who only call themselves something, all are one."""
    return "" if subject.endswith(":") else subject


def _refreshed(question: _Question) -> Prompt | None:
    try:
        return question.matter.turn()
    except Exception:
        # Whoever waits judges again and gets the error for itself.
        return None


def _stands(question: _Question) -> bool:
    try:
        return question.matter.stands()
    except Exception:
        return False
