"""The pure batcher, by example and against a model."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from zeke_bridge.broker.batch import Batcher, missing, share
from zeke_bridge.model.exchange import (
    ANALYSIS_KINDS,
    Analysis,
    AnalysisKind,
    Audience,
    Finding,
    Receipt,
    Snippet,
)

HERE = Audience("auto", "p1")
THERE = Audience("auto", "p2")
PRIVATE = Audience("auto", "p1", local_only=True)
CODE = Snippet("x = 1")


def _finding(kind: AnalysisKind, line: int = 1) -> Finding:
    return Finding(kind, line, "info", "m")


def test_three_within_the_window_are_one_batch() -> None:
    batcher = Batcher(0.15)
    for at, kind in enumerate(ANALYSIS_KINDS):
        batcher.expect(kind, HERE, at * 0.01)
        batcher.ready(kind, (kind,), CODE)
    assert batcher.due(0.149) == []
    assert batcher.next_deadline() == 0.15
    (batch,) = batcher.due(0.15)
    assert [item.kind for item in batch.items] == list(ANALYSIS_KINDS)
    assert batcher.due(99) == []
    assert batcher.next_deadline() is None


def test_audiences_never_mix() -> None:
    batcher = Batcher(0)
    for task, audience in (("a", HERE), ("b", THERE), ("c", PRIVATE)):
        batcher.expect(task, audience, 0)
        batcher.ready(task, ("quality",), CODE)
    assert {batch.audience for batch in batcher.due(0)} == {HERE, THERE, PRIVATE}


def test_a_task_whose_audience_became_smaller_goes_with_that() -> None:
    batcher = Batcher(0.1)
    for task in ("a", "b", "c"):
        batcher.expect(task, HERE, 0)
    batcher.ready("b", ("quality",), CODE)
    batcher.move("b", PRIVATE)
    batcher.move("a", PRIVATE)
    batcher.move("c", HERE)
    batcher.move("nobody", PRIVATE)
    batcher.ready("a", ("quality",), CODE)
    batcher.ready("c", ("quality",), CODE)
    found = {batch.audience: set(batch.tasks) for batch in batcher.due(0.1)}
    assert found == {HERE: {"c"}, PRIVATE: {"a", "b"}}
    batcher.move("a", HERE)
    assert batcher.due(9) == []


def test_an_open_prompt_holds_the_batch_up() -> None:
    batcher = Batcher(0.1)
    batcher.expect("asked", HERE, 0)
    batcher.expect("free", HERE, 0)
    batcher.ready("free", ("quality",), CODE)
    assert batcher.due(50) == []
    assert batcher.next_deadline() is None
    batcher.expect("late", HERE, 50)
    batcher.ready("late", ("security",), CODE)
    batcher.ready("asked", ("performance",), CODE)
    (batch,) = batcher.due(50)
    assert set(batch.tasks) == {"asked", "free", "late"}


def test_a_denied_one_lets_the_others_go() -> None:
    batcher = Batcher(0.1)
    batcher.expect("asked", HERE, 0)
    batcher.expect("free", HERE, 0)
    batcher.ready("free", ("quality",), CODE)
    batcher.drop("asked")
    batcher.ready("asked", ("security",), CODE)
    (batch,) = batcher.due(1)
    assert set(batch.tasks) == {"free"}


def test_what_is_asked_alike_is_asked_once() -> None:
    batcher = Batcher(0)
    for task in "ab":
        batcher.expect(task, HERE, 0)
        batcher.ready(task, ("quality",), CODE)
    (batch,) = batcher.due(0)
    assert len(batch.items) == 1
    findings = {batch.items[0].id: (_finding("quality"),)}
    assert share(batch, "a", findings) == share(batch, "b", findings)


def test_what_is_missing_is_named_and_the_rest_is_shared() -> None:
    batcher = Batcher(0)
    batcher.expect("t", HERE, 0)
    batcher.ready("t", ("quality", "security"), CODE)
    (batch,) = batcher.due(0)
    first, second = batch.items
    analysis = Analysis({first.id: (_finding("quality", 3),)}, Receipt())
    assert missing(batch.items, analysis) == (second,)
    assert share(batch, "t", analysis.findings) == ((_finding("quality", 3),), ("security",))


class Gathering(RuleBasedStateMachine):
    """Every task comes out exactly once or is dropped, and only when its window is over."""

    def __init__(self) -> None:
        super().__init__()
        self.batcher = Batcher(10)
        self.now = 0.0
        self.next = 0
        self.expected: dict[str, Audience] = {}
        self.ready: dict[str, Audience] = {}
        self.came: set[str] = set()

    @rule(audience=st.sampled_from([HERE, THERE, PRIVATE]))
    def expect(self, audience: Audience) -> None:
        self.next += 1
        task = str(self.next)
        self.batcher.expect(task, audience, self.now)
        self.expected[task] = audience

    @rule(data=st.data(), kind=st.sampled_from(ANALYSIS_KINDS))
    def becomes_ready(self, data: st.DataObject, kind: AnalysisKind) -> None:
        if self.expected:
            task = data.draw(st.sampled_from(sorted(self.expected)))
            self.batcher.ready(task, (kind,), CODE)
            self.ready[task] = self.expected.pop(task)

    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        there = sorted(self.expected | self.ready)
        if there:
            task = data.draw(st.sampled_from(there))
            self.batcher.drop(task)
            self.expected.pop(task, None)
            self.ready.pop(task, None)

    @rule(seconds=st.integers(0, 12))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        for batch in self.batcher.due(self.now):
            assert batch.audience not in self.expected.values()
            for task in batch.tasks:
                assert self.ready.pop(task) == batch.audience
                assert task not in self.came
                self.came.add(task)

    @invariant()
    def a_ready_audience_has_a_deadline(self) -> None:
        waiting = set(self.ready.values()) - set(self.expected.values())
        assert (self.batcher.next_deadline() is not None) == bool(waiting)


TestGathering = Gathering.TestCase
