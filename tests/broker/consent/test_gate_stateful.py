"""Gate, queue and memory against a small reference model, over whole sessions of one person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.fakes.consent_model import ALLOW, BUSY, DAY, DENY, SECRET, Model
from zeke_bridge.broker.consent.desk import ConsentDesk
from zeke_bridge.broker.consent.gate import ConsentGate
from zeke_bridge.broker.consent.prompts import PromptQueue
from zeke_bridge.broker.consent.session import ConsentSession
from zeke_bridge.broker.consent.tracking import Tracking
from zeke_bridge.model.action import Action, Op, Subject
from zeke_bridge.model.errors import BusyError, ChangedError, DeniedError
from zeke_bridge.model.grant import Grant, Rules
from zeke_bridge.model.permit import MAX_AGE_S, Permit
from zeke_bridge.model.target import Facts, Target
from zeke_bridge.warden.grants import GrantIndex, ProjectMemory
from zeke_bridge.warden.prompt import Prompt

ROOT = "/p"
SUBJECTS = (Subject(), Subject("agent", "claude", "f" * 64))
PATHS = ("a.py", "b.py", SECRET)
OPS = (Op.READ, Op.WRITE, Op.DELETE)
PATIENCE = 30.0


class Handle:
    def close(self) -> None:
        """Nothing is open."""


class Everything:
    """A resolver for which every file is there, and an audit log that keeps everything."""

    def __init__(self) -> None:
        self.lines: list[Mapping[str, Any]] = []

    def hold(self, action: Action) -> tuple[Facts, Handle]:
        path = action.path
        target = Target(path, f"{ROOT}/{path}", inside=True, kind="regular", nlink=1)
        return Facts(target), Handle()

    def append(self, time: float, *lines: Mapping[str, Any], limit_s: float = 5.0) -> None:
        self.lines += lines

    def recent(self, root: str, limit: int) -> list[dict[str, Any]]:
        return []

    def tracking(self, root: str) -> str:
        return "none"

    def exclude(self, root: str) -> None:
        raise AssertionError


class Store:
    """The project's file, trusted, in memory."""

    def __init__(self) -> None:
        self.grants: dict[str, Grant] = {}

    def load(self, root: str) -> ProjectMemory:
        listed = tuple(self.grants.values())
        return ProjectMemory("trusted", "h", listed, GrantIndex(listed))

    def remember(
        self, root: str, op: Op, subject: str, target: str, *, days: int, now: float
    ) -> Grant:
        name = f"project-{op}-{subject[:5]}-{target}"
        grant = Grant(name, "project", op, subject, target, now, now + days * DAY)
        self.grants[name] = grant
        return grant

    def revoke(self, root: str, ids: Iterable[str]) -> int:
        return sum(self.grants.pop(name, None) is not None for name in ids)

    def trust(self, root: str, file_hash: str) -> None:
        raise AssertionError

    reject = trust


class World:
    """The editor's screen, its clock, and the neighbourhood of one."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0
        self.shown: list[tuple[str, Prompt]] = []
        self.queue = PromptQueue(self)

    def now(self) -> float:
        return self.time

    def show(self, prompt_id: str, prompt: Prompt, position: int, total: int) -> None:
        self.shown.append((prompt_id, prompt))

    def close(self, prompt_id: str, outcome: str) -> None:
        assert self.shown[-1][0] == prompt_id

    def host(self, root: str) -> None:
        return None

    def changed(self, root: str, session: ConsentSession | None = None) -> None:
        """Nobody looks."""

    def reconsider(self, root: str) -> None:
        asyncio.get_running_loop().call_soon(self.queue.review, (root,))


class GateMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.world, self.store, self.everything = World(), Store(), Everything()
        tracking = Tracking(self.everything)
        self.gate = ConsentGate(
            self.everything, self.store, self.everything, self.world, tracking=tracking
        )
        self.desk = ConsentDesk(self.store, self.everything, tracking)
        self.session = ConsentSession(
            "1", Rules(), lambda *_: None, self.world.queue, neighbours=self.world
        )
        self.model = Model(self.world.time)
        self.tasks: list[asyncio.Task[Permit]] = []
        self.permits: list[Permit] = []
        self.collected: set[int] = set()

    def teardown(self) -> None:
        async def end() -> None:
            self.world.queue.gone()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            await asyncio.get_running_loop().shutdown_default_executor()

        self.loop.run_until_complete(end())
        self.loop.close()

    def settle(self) -> None:
        """Let the real one get as far as the model did, and compare the outcomes."""

        async def catch_up() -> None:
            for number in self.model.settled.keys() - self.collected:
                await asyncio.wait([self.tasks[number]], timeout=PATIENCE)
            await asyncio.sleep(0)

        self.loop.run_until_complete(catch_up())
        for number in sorted(self.model.settled.keys() - self.collected):
            self.collected.add(number)
            assert self.outcome(number) == self.model.settled[number]
        pending = {number for one in self.model.waiting for number in one.waiters}
        assert {n for n, task in enumerate(self.tasks) if not task.done()} == pending

    def outcome(self, number: int) -> str:
        task = self.tasks[number]
        assert task.done()
        error = task.exception()
        if error is None:
            self.permits.append(task.result())
            return ALLOW
        assert isinstance(error, DeniedError | BusyError)
        return BUSY if isinstance(error, BusyError) else DENY

    @rule(
        op=st.sampled_from(OPS),
        path=st.sampled_from(PATHS),
        subject=st.sampled_from(SUBJECTS),
        content=st.integers(0, 9),
        times=st.sampled_from([1, 1, 2, 12]),
    )
    def ask(self, op: Op, path: str, subject: Subject, content: int, times: int) -> None:
        for number in range(times):
            # Twelve different texts, or one text twice.
            text = f"{content + (number if times > 2 else 0):064}"
            action = Action(
                op,
                ROOT,
                subject=subject,
                path=path,
                content_sha256=text,
                base_sha256="b" * 64 if op is Op.DELETE else "",
            )

            async def start(wanted: Action = action) -> None:
                self.tasks.append(asyncio.ensure_future(self.gate.authorize(wanted, self.session)))
                await asyncio.sleep(0)

            self.loop.run_until_complete(start())
            self.model.ask(len(self.tasks) - 1, action)
        self.settle()

    @precondition(lambda self: self.model.waiting)
    @rule(choice=st.sampled_from(["once", "session", "project", "deny", "deny", "always"]))
    def answer(self, choice: str) -> None:
        async def say() -> bool:
            return self.world.queue.answer(self.world.shown[-1][0], choice)

        counted = self.loop.run_until_complete(say())
        assert counted == bool(self.model.answer(self.model.waiting[:1], choice))
        self.settle()

    @precondition(lambda self: len(self.model.waiting) > 1)
    @rule(
        data=st.data(),
        choice=st.sampled_from(["once", "session", "project", "deny"]),
    )
    def answer_several(self, data: st.DataObject, choice: str) -> None:
        numbers = data.draw(st.sets(st.integers(0, len(self.model.waiting) - 1)))
        ids = [self.world.queue.waiting()[number].id for number in numbers]

        async def say() -> int:
            return len(self.world.queue.answer_listed(ids, choice))

        counted = self.loop.run_until_complete(say())
        chosen = [self.model.waiting[number] for number in sorted(numbers)]
        assert counted == self.model.answer(chosen, choice)
        self.settle()

    @rule(number=st.integers(0, 20))
    def answer_an_old_one(self, number: int) -> None:
        old = [name for name, _ in self.world.shown if name not in self.waiting_ids()]
        if old:
            assert not self.world.queue.answer(old[number % len(old)], "project")
            assert not self.world.queue.answer_listed([old[number % len(old)]], "project")

    @precondition(lambda self: len(self.model.waiting) > 1)
    @rule()
    def answer_a_hidden_one_as_if_it_were_shown(self) -> None:
        assert not self.world.queue.answer(self.world.queue.waiting()[1].id, "once")

    @precondition(lambda self: self.model.waiting)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        question = data.draw(st.sampled_from(self.model.waiting))
        number = question.waiters.pop()

        async def cancel() -> None:
            self.tasks[number].cancel()
            await asyncio.wait([self.tasks[number]], timeout=PATIENCE)

        self.loop.run_until_complete(cancel())
        assert self.tasks[number].cancelled()
        if not question.waiters:
            self.model.waiting.remove(question)
            self.model.turn()
        self.settle()

    @precondition(lambda self: self.model.session or self.model.project or self.model.refused)
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        memory = self.session.memory
        known: list[Grant | Any] = [*memory.grants(ROOT).grants, *self.store.grants.values()]
        known += memory.refusals(ROOT)
        if not known:
            return
        chosen = data.draw(st.sampled_from(known))
        if isinstance(chosen, Grant):
            key = (chosen.op, chosen.subject, chosen.target)
            if chosen.scope == "session":
                self.model.session.remove(key)
            else:
                del self.model.project[key]
        else:
            del self.model.refused[(chosen.op, chosen.target)]

        async def take_back() -> int:
            count = await self.desk.revoke(self.session, ROOT, [chosen.id])
            self.world.queue.review([ROOT])
            return count

        assert self.loop.run_until_complete(take_back()) == 1
        self.model.review()
        self.settle()

    @rule(seconds=st.sampled_from([1, 59, 61, DAY, 31 * DAY]))
    def time_passes(self, seconds: int) -> None:
        self.world.time += seconds
        self.model.now = self.world.time

    @rule(
        name=st.sampled_from(["enable_consent", "auto_approve_read", "auto_approve_write"]),
        value=st.booleans(),
    )
    def switch(self, name: str, value: bool) -> None:
        self.model.rules = self.session.rules = replace(self.session.rules, **{name: value})

        async def tell() -> None:
            self.world.queue.review([ROOT])

        self.loop.run_until_complete(tell())
        self.model.review()
        self.settle()

    @precondition(lambda self: self.permits)
    @rule(index=st.integers(0, 50), late=st.booleans())
    def use(self, index: int, late: bool) -> None:
        permit = self.permits.pop(index % len(self.permits))
        if late:
            self.time_passes(int(MAX_AGE_S) + 1)
        fresh = self.world.time - permit._issued <= MAX_AGE_S
        if fresh:
            permit.take(permit.action).close()
        else:
            with pytest.raises(ChangedError):
                permit.take(permit.action)
        with pytest.raises(DeniedError, match="used already"):
            permit.take(permit.action)

    def waiting_ids(self) -> list[str]:
        return [item.id for item in self.world.queue.waiting()]

    @invariant()
    def the_same_questions_wait(self) -> None:
        waiting = self.world.queue.waiting()
        assert [item.prompt.digest for item in waiting] == [
            question.action.digest() for question in self.model.waiting
        ]
        assert [item.shown for item in waiting] == [one.shown for one in self.model.waiting]
        assert len(self.world.shown) == self.model.prompts

    @invariant()
    def the_same_is_remembered(self) -> None:
        held = {
            (grant.op, grant.subject, grant.target)
            for grant in self.session.memory.grants(ROOT).grants
        }
        assert held == self.model.session
        project = {
            (grant.op, grant.subject, grant.target): grant.expires
            for grant in self.store.grants.values()
        }
        assert project == self.model.project

    @invariant()
    def every_permit_has_its_line(self) -> None:
        lines = [line for line in self.everything.lines if line["verdict"] == "allow"]
        allowed = [n for n in self.collected if self.model.settled[n] == ALLOW]
        assert len(lines) == len(allowed)


TestGate = GateMachine.TestCase
TestGate.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
