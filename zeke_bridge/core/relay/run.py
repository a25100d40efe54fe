"""One question and the models it is tried on, one after another.

Before the first byte a failure is tried again, or leads to the next candidate; after it, the
failure is the client's, because a half answer cannot be taken back. Does not know HTTP toward the
client, what a task's prompt says, nor the cache.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from random import SystemRandom
from typing import Any

from zeke_bridge.config.ghostllm import LOCAL
from zeke_bridge.core.limits.limiter import Limited
from zeke_bridge.core.limits.spending import limited, standing
from zeke_bridge.core.order import Aim, Order
from zeke_bridge.core.pace import Pace
from zeke_bridge.core.providers.base import Body, Chunk
from zeke_bridge.core.providers.retry import pause
from zeke_bridge.core.records.entry import CANCELLED, FAULTS, OK, Entry
from zeke_bridge.core.relay.setup import Setup
from zeke_bridge.core.relay.state import State
from zeke_bridge.core.relay.tally import Tally
from zeke_bridge.core.routing.need import Need
from zeke_bridge.core.routing.plan import Ask, Candidate, Plan, Wanted, plan, unknown
from zeke_bridge.model.errors import (
    AuthError,
    BadAnswerError,
    ContextError,
    CoreError,
    NoModelError,
    ProviderError,
    RateLimitError,
    TimedOutError,
    UnknownModelError,
    UnreachableError,
    ZekeError,
)
from zeke_bridge.model.exchange import Cost, Route, Tried, Usage

_CHOSEN = "chosen"
_chance = SystemRandom().random
_TOOLS = Need(tools=True)
# What says that the provider is ill, and not the question.
_ILL = (UnreachableError, TimedOutError, BadAnswerError, ProviderError)
# What another provider may well do better. What is refused as a question is refused there too.
_MOVES_ON = (*_ILL, RateLimitError, AuthError, UnknownModelError, ContextError, NoModelError)


class Run:
    """``chunks`` or ``whole`` does the work, once; the rest says how far it has come."""

    def __init__(
        self, order: Order, need: Need, setup: Setup, state: State, *, request_id: str, pace: Pace
    ) -> None:
        self.order = order
        self.request_id = request_id
        self.aim = Aim("", "")
        self.tally = Tally(keep=(order.keep or setup.log is not None) and not order.whole)
        self.cost = Cost()
        self.need = need
        self._setup = setup
        self._state = state
        self._breakers = state.breakers
        self._pace = pace
        self._tried: list[Tried] = []
        self._failed: list[str] = []
        self._failures: list[CoreError] = []
        self._waiting: deque[Candidate] = deque()
        self._attempt = 0
        self._chosen = False
        self._asked = False
        self._took: int | None = None
        self._charged = 0
        self.payers = 0
        """How many wait for the answer, or have."""
        self.detour = False
        """Whether somebody else might have answered at another moment."""
        self.enough = False
        """Whether who reads has all it needs, so that to leave early is no loss."""
        self._reason = ""
        self._task = order.task

    @property
    def route(self) -> Route:
        """Why this model."""
        return Route(self._task, self._reason, tuple(self._tried))

    @property
    def at_once(self) -> bool:
        """Whether the answer comes in one piece, by ``whole``; else it comes by ``chunks``."""
        return self.order.whole or self.order.kind == "embed"

    async def chunks(self) -> AsyncGenerator[list[Chunk], None]:
        """The answer's events, as ``Provider.stream`` gives them. Raises a ``CoreError``."""
        with self._under_way():
            await self._begin()
            while True:
                try:
                    async with contextlib.aclosing(self._streamed()) as pieces:
                        async for chunks in pieces:
                            self._chose()
                            yield chunks
                    self._breakers.succeeded(self.aim.provider, self.aim.model)
                    return
                except CoreError as error:
                    failure = error
                await self._go_on(failure)

    async def whole(self) -> Body:
        """The whole answer. Raises a ``CoreError``."""
        with self._under_way():
            await self._begin()
            while True:
                try:
                    answer = await self._answered()
                    self._chose()
                    self._breakers.succeeded(self.aim.provider, self.aim.model)
                    return answer
                except CoreError as error:
                    failure = error
                await self._go_on(failure)

    @contextlib.contextmanager
    def _under_way(self) -> Iterator[None]:
        """While entered, the work goes on; what became of it is noted at the end."""
        status = CANCELLED
        with self._setup.in_use(), self._state.metrics.running():
            try:
                yield
                status = OK
            except Exception as error:
                status = error.code if isinstance(error, ZekeError) else CoreError.code
                raise
            finally:
                self._note(OK if self.enough else status)

    async def _begin(self) -> None:
        found = await self._plan()
        self._tried, self._task, self._reason = list(found.passed), found.task, found.reason
        self._waiting = deque(found.candidates)
        self._next()

    def _next(self) -> None:
        """Aim at the next candidate."""
        self._point(self._waiting.popleft(), bool(self._failures))
        self._attempt = 1
        self._breakers.begun(self.aim.provider, self.aim.model, time.monotonic())

    def _chose(self) -> None:
        """Note that the model aimed at has answered."""
        if not self._chosen:
            self._chosen = True
            self._tried.append(Tried(self.aim.id, _CHOSEN))

    async def _go_on(self, error: CoreError) -> None:
        """After ``error``, wait until the same model may be asked again, or aim at the next one.

        A model is asked again only when there is no other, because that takes time. Raises
        ``error``, or the first of all failures, when nothing is left to be tried.
        """
        self._blame(error)
        wait = None if self._waiting or self.tally.began else self._wait(error)
        if wait is not None:
            self._asked = False
            await self._pace.pause(wait)
            self._attempt += 1
            self._breakers.begun(self.aim.provider, self.aim.model, time.monotonic())
            return
        self._tried.append(Tried(self.aim.id, error.code.replace("_", " ")))
        self._failures.append(error)
        self.detour = True
        if self._asked and error.code in FAULTS:
            self._failed.append(self.aim.provider)
        if self.tally.began or not isinstance(error, _MOVES_ON):
            raise error
        if not self._waiting:
            raise self._last()
        self._next()

    def _wait(self, error: CoreError) -> float | None:
        """Seconds until the next attempt, None when there is none.

        Silence has already taken as long as a person may wait, and where nobody listens nobody will
        a moment later; a broken connection is worth one more. Our own limits say when to come back.
        """
        again = self._asked and not isinstance(error, TimedOutError)
        if not again or (isinstance(error, UnreachableError) and self._attempt > 1):
            return None
        left = self._setup.patience - self._pace.seconds
        return pause(error, self._attempt, _chance(), left)

    async def _plan(self) -> Plan:
        order, setup = self.order, self._setup
        await setup.ready()
        who, state = order.audience, self._state
        costs, book = setup.config.costs, state.book
        if limited(costs, order.client) and not who.local_only:
            # Others may write in the same book.
            await book.look()
        running, now = state.pledges.dollars, time.time()
        stands = standing(costs, order.client, now, book.spent, book.spent_by, running=running)
        # Only among the models of a group is anything drawn.
        lot = _chance() if setup.config.routes.groups else 0.0
        local, blocked = who.local_only, stands.blocked
        wanted = Wanted(who.model, order.task, local, self.need, blocked, stands.soon, lot)
        failed: dict[str, CoreError] = {}
        health = self._breakers.resting(time.monotonic())
        while True:
            offers = setup.offers(failed, health)
            try:
                step = plan(wanted, offers, setup.config.routes, setup.traits, setup.absent)
            except NoModelError:
                if failed and failed.keys() == setup.providers.keys():
                    # Nobody could say what they have: why not says more than that.
                    raise next(iter(failed.values())) from None
                if not health:
                    raise
                # Nothing else is there: better to ask an ill one than nobody.
                health = {}
                continue
            if not isinstance(step, Ask):
                ill = set(health.values())
                passed_over = any(row.outcome in ill for row in step.passed)
                self.detour = passed_over or bool(blocked)
                return step
            failed |= await setup.learn(step.providers)

    def _point(self, candidate: Candidate, again: bool) -> None:
        provider = self._setup.providers[candidate.provider]
        fills = self.order.kind == "fill" and provider.fills(candidate.model)
        traits = self._setup.traits(candidate.provider, candidate.model)
        small = candidate.provider == LOCAL or bool(traits.small)
        toolless = bool(traits.missing(_TOOLS, candidate.provider, candidate.model))
        self.aim = Aim(candidate.provider, candidate.model, small, fills, toolless)
        if again:
            before = self._tried[-1]
            self._reason = f"{before.candidate} failed ({before.outcome}). {candidate.reason}"

    async def _streamed(self) -> AsyncGenerator[list[Chunk], None]:
        provider, fields = self._setup.providers[self.aim.provider], self._fields()
        stream = provider.fill if self.aim.fills else provider.stream
        with self._asking():
            async with contextlib.aclosing(stream(fields)) as pieces:
                async for chunks in pieces:
                    self.tally.take(chunks)
                    yield chunks

    async def _answered(self) -> Body:
        provider, fields = self._setup.providers[self.aim.provider], self._fields()
        ask = provider.embed if self.order.kind == "embed" else provider.answer
        with self._asking():
            answer = await ask(fields)
            self.tally.take_whole(answer)
            return answer

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """While entered, the model aimed at is being asked, within its limits."""
        limiter = self._state.limiter
        self._asked = False
        lease = limiter.admit(self._limited(), self.need.tokens, time.monotonic())
        self._asked = True
        self._pledge()
        try:
            yield
        except CoreError:
            raise
        except BaseException:
            # Who had enough got its answer; who left says nothing about the provider.
            end = self._breakers.succeeded if self.enough else self._breakers.left
            end(self.aim.provider, self.aim.model)
            raise
        finally:
            limiter.settle(lease, self.guess().total_tokens, time.monotonic())

    def _pledge(self) -> None:
        asked = self.need.prompt
        most = Usage(asked, max(0, self.need.tokens - asked), self.need.tokens)
        cost = self._setup.cost(self.aim.provider, self.aim.model, most)
        self._state.pledges.pledge(self.request_id, self.order.client.id, cost.total_cost)

    def guess(self) -> Usage:
        """What it has taken so far, by the provider's count or by ours."""
        return self.tally.spent(self.need.prompt)

    def charge(self) -> int:
        """How many tokens one of the ``payers`` is to pay for: one pays for all, and nobody before
        it has ended while others wait.
        """
        self.payers -= 1
        took = self._took
        if took is None:
            took = 0 if self.payers else self._spent(CANCELLED).total_tokens
        due, self._charged = took - self._charged, took
        return due

    def _limited(self) -> list[Limited]:
        """What the configuration limits of this provider and this model."""
        config = self._setup.config
        provider, model = config.providers.get(self.aim.provider), config.models.get(self.aim.id)
        names: list[Limited] = []
        if provider is not None:
            names.append(("provider", provider.name, provider.rates))
        if model is not None:
            names.append(("model", model.name, model.rates))
        return names

    def _fields(self) -> dict[str, Any]:
        """The request's fields, over what the configuration says of this model."""
        own = self._setup.config.models.get(self.aim.id)
        fields = self.order.fields(self.aim)
        return {**own.defaults, **fields} if own else fields

    def _blame(self, error: CoreError) -> None:
        """Hold the failure against the provider or its model, if it is theirs."""
        provider, model, breakers = self.aim.provider, self.aim.model, self._breakers
        if not self._asked:
            breakers.left(provider, model)
            return
        told = getattr(error, "retry_after", None) is not None
        if told or (isinstance(error, _ILL) and _is_illness(error)):
            breakers.failed(provider, model, error, time.monotonic(), _chance())
        else:
            # The provider did its part.
            breakers.succeeded(provider, model)

    def _last(self) -> CoreError:
        """The error for a client whose every candidate failed: the first one's, in its words."""
        first = self._failures[0]
        if isinstance(first, UnknownModelError):
            failed = [tried.candidate for tried in self._tried[-len(self._failures) :]]
            return unknown(failed[0], self._setup.offers({}, {}), failed)
        return first

    def _spent(self, status: str) -> Usage:
        """What it took. Who failed before anything came took nothing; who fell silent may have."""
        silent = self._asked and status in {OK, CANCELLED, TimedOutError.code}
        return self.guess() if silent or self.tally.began else Usage()

    def _note(self, status: str) -> None:
        usage, aim, tally = self._spent(status), self.aim, self.tally
        self._took = usage.total_tokens
        self.cost = self._setup.cost(aim.provider, aim.model, usage)
        entry = Entry(
            time=time.time(),
            request_id=self.request_id,
            client=self.order.client.id,
            project=self.order.audience.project,
            provider=aim.provider,
            model=aim.model,
            task=self._task,
            reason=self._reason,
            status=status,
            usage=usage,
            cost=self.cost.total_cost,
            saved=0.0,
            seconds=tally.seconds,
            first_token=tally.first,
            cached=False,
            streamed=not self.order.whole,
            failed=tuple(dict.fromkeys(self._failed)),
            priced=self.cost.known,
        )
        self._state.note(entry)
        self._state.pledges.lift(self.request_id)
        if self._setup.log is not None and aim.provider:
            self._setup.log.write(
                self.request_id,
                self._fields(),
                tally.everything(),
                provider=aim.provider,
                status=status,
                seconds=round(tally.seconds, 3),
                cost=entry.cost if entry.priced else None,
            )


def _is_illness(error: CoreError) -> bool:
    """Whether it says that the provider is ill; some failures are of the question."""
    return error.retryable or isinstance(error, BadAnswerError)
