"""Analyses on their way: gathered for a window, sent as one call, handed out again.

The decisions are those of ``broker.batch``; here are the clock, the call and those who wait. One
collector serves all editors of one routing core.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from zeke_bridge.broker.batch import Batch, Batcher, missing, share
from zeke_bridge.broker.ports import ModelClient
from zeke_bridge.model.errors import BadAnswerError, ContextError, ZekeError
from zeke_bridge.model.exchange import (
    Analysis,
    AnalysisKind,
    AnalyzeAsk,
    AnalyzeItem,
    Audience,
    Finding,
    Receipt,
    Snippet,
)


@dataclass(frozen=True, slots=True)
class Found:
    """One task's part: its findings, the kinds that got no answer, and the call it was part of.

    ``call`` counts the upstream calls of this collector from 1; tasks that shared one have the
    same number.
    """

    findings: tuple[Finding, ...]
    unanswered: tuple[AnalysisKind, ...]
    receipt: Receipt
    call: int


@dataclass(slots=True)
class _Waiting:
    """Somebody's future, the call that will answer it once it has gone, and who may see it."""

    answer: asyncio.Future[Found]
    audience: Callable[[], Audience]
    call: asyncio.Task[None] | None = None


class Collector:
    """Gathers what tasks want analyzed, and asks the core once for each window, if one call holds
    it.
    """

    def __init__(self, client: ModelClient, window: float) -> None:
        """``window`` in seconds."""
        self._client = client
        self._batcher = Batcher(window)
        self._waiting: dict[str, _Waiting] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._calls = 0

    async def analyze(
        self,
        task: str,
        audience: Callable[[], Audience],
        kinds: tuple[AnalysisKind, ...],
        snippet: Callable[[], Awaitable[Snippet]],
    ) -> Found:
        """What is found for ``task`` (a name unique among all editors).

        ``snippet`` gives the text once it may be shown; while it takes its time (a prompt is
        open) the window waits. ``audience`` says who may see it and is asked again whenever
        something is sent: a project can be closed to other machines while a prompt is open.
        Cancelling takes the task out; a call that nobody waits for any more is cancelled with
        it. Raises ``ConsentError`` or ``CoreError``.
        """
        loop = asyncio.get_running_loop()
        waiting = self._waiting[task] = _Waiting(loop.create_future(), audience)
        self._batcher.expect(task, audience(), loop.time())
        try:
            self._batcher.ready(task, kinds, await snippet())
            self._look()
            return await waiting.answer
        finally:
            del self._waiting[task]
            self._batcher.drop(task)
            self._look()
            self._leave(waiting.call)

    def _look(self) -> None:
        """Send what is due, and come back when the next batch is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        for task, waiting in self._waiting.items():
            self._batcher.move(task, waiting.audience(), loop.time())
        for batch in self._batcher.due(loop.time()):
            call = loop.create_task(self._send(batch))
            call.add_done_callback(partial(self._ended, batch))
            for task in batch.tasks:
                self._waiting[task].call = call
        deadline = self._batcher.next_deadline()
        if deadline is not None:
            self._timer = loop.call_at(deadline, self._look)

    def _ended(self, batch: Batch, _call: asyncio.Task[None]) -> None:
        self._batcher.ended(batch)
        self._look()

    def _leave(self, call: asyncio.Task[None] | None) -> None:
        if call is not None and all(one.call is not call for one in self._waiting.values()):
            call.cancel()

    async def _send(self, batch: Batch) -> None:
        self._calls += 1
        number = self._calls
        try:
            analysis = await self._ask(batch)
        except ContextError as error:
            if not self._batcher.too_long(batch, self._waiting):
                self._answer(batch, error)
        except ZekeError as error:
            self._answer(batch, error)
        except Exception as error:
            self._answer(batch, BadAnswerError("The analysis failed; :ZekeLog has the details."))
            raise error
        else:
            for task in batch.tasks:
                self._settle(task, _found(batch, task, analysis, number))

    async def _ask(self, batch: Batch) -> Analysis:
        """One call for all items, and one more, once, for each that it left out."""
        analysis = await self._client.analyze(AnalyzeAsk(batch.audience, batch.items))
        findings = dict(analysis.findings)
        for item in missing(batch.items, analysis):
            audience = self._audience(batch, item)
            if audience is not None:
                again = await self._client.analyze(AnalyzeAsk(audience, (item,)))
                findings |= again.findings
        return replace(analysis, findings=findings)

    def _audience(self, batch: Batch, item: AnalyzeItem) -> Audience | None:
        """Who may see ``item`` now; None when nobody waits for it any more."""
        for task, wanted in batch.tasks.items():
            if task in self._waiting and item.id in wanted.values():
                return self._waiting[task].audience()
        return None

    def _answer(self, batch: Batch, error: ZekeError) -> None:
        for task in batch.tasks:
            self._settle(task, error)

    def _settle(self, task: str, outcome: Found | ZekeError) -> None:
        waiting = self._waiting.get(task)
        if waiting is None or waiting.answer.done():
            return
        if isinstance(outcome, ZekeError):
            waiting.answer.set_exception(outcome)
        else:
            waiting.answer.set_result(outcome)


def _found(batch: Batch, task: str, analysis: Analysis, number: int) -> Found:
    findings, unanswered = share(batch, task, analysis.findings)
    return Found(findings, unanswered, analysis.receipt, number)
