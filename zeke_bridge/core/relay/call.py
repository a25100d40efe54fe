"""One client's question: its place in the cache and in flight, and the receipt for its answer."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Protocol

from zeke_bridge.core.cache.control import Control
from zeke_bridge.core.cache.kept import Kept
from zeke_bridge.core.cache.question import Question
from zeke_bridge.core.cache.replay import replay
from zeke_bridge.core.limits.limiter import Lease, Limited
from zeke_bridge.core.limits.remaining import Remaining
from zeke_bridge.core.limits.spending import standing
from zeke_bridge.core.order import Order
from zeke_bridge.core.providers.base import Body, Chunk
from zeke_bridge.core.records import log
from zeke_bridge.core.records.entry import CANCELLED, OK, Entry
from zeke_bridge.core.relay.run import Run
from zeke_bridge.core.relay.setup import Setup
from zeke_bridge.core.relay.state import State
from zeke_bridge.core.routing.need import need_of
from zeke_bridge.model.errors import BadAnswerError, RateLimitError, ZekeError
from zeke_bridge.model.exchange import Cost, Receipt, Route, Usage
from zeke_bridge.wire.openai import usage_of

_NOTHING = Usage()
_FREE = Cost()
_KEPT = "The same was answered before: it was kept."


class Common(Protocol):
    """What all calls of one relay share."""

    setup: Setup
    """What counts for the next question; another one after each change."""
    state: State
    runs: dict[str, Run]
    """What is being asked now, by the key that equal questions share."""
    changes: int
    """How often ``setup`` has become another one."""


class Call:
    """``stream`` or ``whole`` once, then ``receipt``. Every method raises a ``ZekeError``."""

    def __init__(self, order: Order, relay: Common) -> None:
        self.request_id = f"zk-{secrets.token_hex(8)}"
        log.request_id.set(self.request_id)
        self.cached = False
        self._order = order
        self._need = need_of(order.asked, order.kind)
        self._relay = relay
        self._pace = relay.setup.pace()
        self._run: Run | None = None
        self._kept: Kept | None = None
        self._usage: Usage | None = None
        self._enough = False
        self._changes = relay.changes

    async def whole(self) -> Body:
        """The whole answer, for an order that is ``whole``."""
        lease = self._admit()
        try:
            question = self._cacheable()
            if question is not None and (kept := await self._known(question)):
                return kept.answer
            if question is None or not self._shareable:
                run = self._use(self._new_run())
                return await self._whole(run, question)
            answer: Body | None = None
            async with contextlib.aclosing(self._joined(question)) as pieces:
                async for chunks in pieces:
                    answer = chunks[-1].body
        finally:
            self._settle(lease)
        if answer is None:
            raise BadAnswerError("There was no answer: try again.")
        return answer

    async def stream(self) -> AsyncGenerator[list[Chunk], None]:
        """The answer's events as they come; closing it cancels the work nobody else waits for."""
        lease = self._admit()
        try:
            question = self._cacheable()
            if question is not None and (kept := await self._known(question)):
                yield [Chunk("", kept.answer)] if self._order.whole else replay(kept)
                return
            if question is None or not self._shareable:
                run = self._use(self._new_run())
                pieces = self._running(run, question)
            else:
                pieces = self._joined(question)
            async with contextlib.aclosing(pieces):
                async for chunks in pieces:
                    yield chunks
        finally:
            self._settle(lease)

    def useless(self) -> None:
        """Say that the answer makes no sense: it is not given a second time."""
        self._relay.state.cache.drop(self._question())

    def enough(self) -> None:
        """Say that what has come is all that is needed: then to leave early is no failure."""
        self._enough = True
        if self._run is not None:
            self._run.enough = True

    def receipt(self, usage: Usage | None = None) -> Receipt:
        """What the answer carries; ``usage`` as the answer itself counted it."""
        run, kept = self._run, self._kept
        counted = usage or self._usage or (run.guess() if run else Usage())
        costs, book = self._relay.setup.config.costs, self._relay.state.book
        now = time.time()
        budget = standing(costs, self._order.client, now, book.spent, book.spent_by).budget
        if kept is not None:
            route = Route(self._order.task, _KEPT)
            return Receipt(
                kept.model, kept.provider, route, counted, Cost(), True, self.request_id, budget
            )
        if run is None:
            return Receipt(request_id=self.request_id, budget=budget)
        route, cost = run.route, run.cost
        if self.cached:
            route = replace(route, reason=f"{route.reason} It was being asked already.".strip())
            cost = Cost()
        return Receipt(
            run.aim.model,
            run.aim.provider,
            route,
            counted,
            cost,
            self.cached,
            self.request_id,
            budget,
        )

    def remaining(self) -> Remaining:
        """What its client may still ask this minute."""
        return self._relay.state.limiter.remaining(self._names(), time.monotonic())

    def _admit(self) -> Lease:
        """Count the question against the limits on how much may be asked."""
        limiter = self._relay.state.limiter
        try:
            return limiter.admit(self._names(), self._need.tokens, time.monotonic())
        except RateLimitError as error:
            self._relay.state.note(self._entry(error.code))
            raise

    def _settle(self, lease: Lease) -> None:
        """Count what it has really taken."""
        spent = self._run.charge() if self._run is not None else 0
        self._relay.state.limiter.settle(lease, spent, time.monotonic())

    @property
    def _shareable(self) -> bool:
        """Whether the answer to an equal question may be given, and this one to others."""
        return self._order.lookup and self._order.keep

    def _cacheable(self) -> Question | None:
        """The question as the cache sees it, if the cache may see it at all."""
        order = self._order
        return self._question() if order.lookup or order.keep else None

    async def _known(self, question: Question) -> Kept | None:
        """The answer that was kept for this question, or for one that means the same."""
        cache = self._relay.state.cache
        kept = cache.find(question, time.time())
        # Comparing meanings sends the text to a model, which may be anywhere.
        if kept is None and not self._order.audience.local_only:
            kept = await cache.find_similar(question, time.time())
        if kept is not None:
            self._found(kept)
        return kept

    def _names(self) -> list[Limited]:
        client = self._order.client
        everyone: Limited = ("core", "", self._relay.setup.config.rates)
        return [everyone, ("client", client.id, client.rates)]

    async def _joined(self, question: Question) -> AsyncGenerator[list[Chunk], None]:
        """The answer to the first of equal questions, which may be this one."""
        order, relay = self._order, self._relay
        flights = relay.state.flights
        # Who asks after a change does not want what was asked before it.
        key = f"{relay.changes}:{order.kind}:{order.whole}:{question.exact}"
        # Work that everybody has left is not gone at once; it is not joined any more.
        self.cached = key in flights
        if not self.cached:
            relay.runs[key] = self._new_run()
        run = self._use(relay.runs[key])
        status = CANCELLED
        try:
            started = self._flying(run, question, key)
            # The work itself begins only in a moment, and its providers must stay open.
            with relay.setup.in_use():
                async with contextlib.aclosing(flights.join(key, lambda: started)) as pieces:
                    async for chunks in pieces:
                        yield chunks
            status = OK
        except ZekeError as error:
            status = error.code
            raise
        finally:
            if key not in flights and relay.runs.get(key) is run:
                # Work that was left before it began does not say so itself.
                del relay.runs[key]
            if self.cached:
                self._shared(run, OK if self._enough else status)

    def _new_run(self) -> Run:
        relay = self._relay
        # What is answered under one configuration is nothing to keep under the next.
        self._changes = relay.changes
        return Run(
            self._order,
            self._need,
            relay.setup,
            relay.state,
            request_id=self.request_id,
            pace=self._pace,
        )

    def _use(self, run: Run) -> Run:
        """Wait for ``run``, and pay for it unless somebody else does."""
        self._run = run
        run.payers += 1
        return run

    async def _flying(
        self, run: Run, question: Question, key: str
    ) -> AsyncGenerator[list[Chunk], None]:
        """The run's answer, for everybody who asks under ``key``."""
        runs, begins = self._relay.runs, not run.at_once
        try:
            async with contextlib.aclosing(self._running(run, question)) as pieces:
                async for chunks in pieces:
                    yield chunks
                    if begins:
                        begins = False
                        # The beginning goes out first: if all came with it, the books are next.
                        await asyncio.sleep(0)
        finally:
            if runs.get(key) is run:
                del runs[key]

    async def _running(
        self, run: Run, question: Question | None
    ) -> AsyncGenerator[list[Chunk], None]:
        """The run's answer; in one piece it is a chunk without text."""
        if run.at_once:
            yield [Chunk("", await self._whole(run, question))]
            return
        async with contextlib.aclosing(run.chunks()) as pieces:
            async for chunks in pieces:
                yield chunks
        self._ended(run, question)

    async def _whole(self, run: Run, question: Question | None) -> Body:
        answer = await run.whole()
        self._ended(run, question)
        return answer

    def _ended(self, run: Run, question: Question | None) -> None:
        """Keep the run's answer, when it may be kept."""
        relay = self._relay
        self._usage = run.tally.usage
        # An answer by way of a failure is not what the next one should get.
        if question is None or not self._order.keep or run.detour or relay.changes != self._changes:
            return
        answer = run.tally.answer()
        if answer is not None:
            now = time.time()
            kept = Kept(answer, run.aim.provider, run.aim.model, run.cost, now)
            relay.state.cache.keep(question, kept, now)

    def _question(self) -> Question:
        order, who = self._order, self._order.audience
        # Vectors are no text that could be given again.
        keep = order.keep and order.kind != "embed"
        control = Control(order.lookup and order.kind != "embed", keep, order.max_age)
        return Question(
            order.client.id,
            who.project,
            who.model,
            order.task,
            who.local_only,
            order.asked,
            control,
        )

    def _found(self, kept: Kept) -> None:
        self._kept, self.cached = kept, True
        self._usage = usage_of(kept.answer)
        usage = self._usage or Usage()
        self._relay.state.note(self._entry(OK, kept.provider, kept.model, usage, kept.cost))

    def _shared(self, run: Run, status: str) -> None:
        """Note what came of a question that another one was asked for."""
        aim, usage, saved = run.aim, _NOTHING, _FREE
        if status == OK:
            usage, saved = run.tally.spent(0), run.cost
        self._relay.state.note(self._entry(status, aim.provider, aim.model, usage, saved))

    def _entry(
        self,
        status: str,
        provider: str = "",
        model: str = "",
        usage: Usage = _NOTHING,
        saved: Cost = _FREE,
    ) -> Entry:
        """What became of a question for which nobody was asked."""
        order = self._order
        return Entry(
            time=time.time(),
            request_id=self.request_id,
            client=order.client.id,
            project=order.audience.project,
            provider=provider,
            model=model,
            task=order.task,
            reason=_KEPT if status == OK else "",
            status=status,
            usage=usage,
            cost=0.0,
            saved=saved.total_cost,
            seconds=self._pace.seconds,
            first_token=None,
            cached=status == OK,
            streamed=not order.whole,
            priced=saved.known,
        )
