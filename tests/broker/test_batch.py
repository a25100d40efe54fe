"""The pure batcher, by example and against a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from zeke_bridge.broker.batch import (
    MOST_CALLS,
    MOST_CHARS,
    MOST_ITEMS,
    Batch,
    Batcher,
    Wish,
    missing,
    share,
    split,
)
from zeke_bridge.model.exchange import (
    ANALYSIS_KINDS,
    Analysis,
    AnalysisKind,
    Audience,
    Finding,
    Receipt,
    Snippet,
)
from zeke_bridge.wire.zeke.analyze import MAX_ITEMS

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
    batcher.move("b", PRIVATE, 0)
    batcher.move("a", PRIVATE, 0)
    batcher.move("c", HERE, 0)
    batcher.move("nobody", PRIVATE, 0)
    batcher.ready("a", ("quality",), CODE)
    batcher.ready("c", ("quality",), CODE)
    found = {batch.audience: set(batch.tasks) for batch in batcher.due(0.1)}
    assert found == {HERE: {"c"}, PRIVATE: {"a", "b"}}
    batcher.move("a", HERE, 9)
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


def _waiting(count: int, size: int = 5) -> Batcher:
    """``count`` files whose window is over, all kinds wanted of each."""
    batcher = Batcher(0)
    for number in range(count):
        batcher.expect(str(number), HERE, 0)
        batcher.ready(str(number), ANALYSIS_KINDS, Snippet("x" * size, f"{number}.py"))
    return batcher


@pytest.mark.parametrize("count", [11, 48])
def test_more_than_one_call_holds_goes_in_several_a_few_at_a_time(count: int) -> None:
    batcher = _waiting(count)
    out, seen = batcher.due(0), list[str]()
    assert len(out) <= MOST_CALLS
    assert batcher.due(0) == []
    while out:
        batch = out.pop(0)
        assert len(batch.items) <= MOST_ITEMS <= MAX_ITEMS
        seen += batch.tasks
        batcher.ended(batch)
        out += batcher.due(0)
        assert len(out) <= MOST_CALLS
    assert seen == [str(number) for number in range(count)]


def test_what_waits_for_a_call_can_be_dropped_and_moved() -> None:
    batcher = _waiting(40)
    out = batcher.due(0)
    batcher.drop("39")
    batcher.move("38", PRIVATE, 0)
    (moved,) = batcher.due(0)
    assert (moved.audience, set(moved.tasks)) == (PRIVATE, {"38"})
    for batch in out:
        batcher.ended(batch)
    rest = {task for batch in batcher.due(0) for task in batch.tasks}
    assert rest.isdisjoint({"38", "39"})


def test_what_a_model_cannot_read_at_once_is_sent_in_smaller_calls() -> None:
    batcher = _waiting(4, size=1000)
    (batch,) = batcher.due(0)
    assert batcher.too_long(batch, {"0", "1", "2"})
    batcher.ended(batch)
    halves = batcher.due(0)
    assert [set(half.tasks) for half in halves] == [{"0", "1"}, {"2"}]
    assert not batcher.too_long(halves[1], {"2"})
    assert batcher.too_long(halves[0], {"0", "1"})
    for half in halves:
        batcher.ended(half)
    assert [set(one.tasks) for one in batcher.due(0)] == [{"0"}, {"1"}]


_TEXTS = st.builds(lambda size, name: Snippet("x" * size, name), st.integers(1, 900), st.text("ab"))
_KINDS = st.lists(st.sampled_from(ANALYSIS_KINDS), min_size=1, unique=True).map(tuple)


@given(st.dictionaries(st.text("0123456789"), st.tuples(_KINDS, _TEXTS)), st.integers(1, 2000))
def test_split_keeps_everything_and_every_limit(wishes: dict[str, Wish], room: int) -> None:
    calls = split(wishes, room)
    assert {task: wish for call in calls for task, wish in call.items()} == wishes
    assert sum(map(len, calls)) == len(wishes)
    texts = [{snippet for _, snippet in call.values()} for call in calls]
    assert sum(map(len, texts)) == len(set().union(*texts))
    for call, inside in zip(calls, texts, strict=True):
        assert call
        assert len({(kind, text) for kinds, text in call.values() for kind in kinds}) <= MOST_ITEMS
        assert len(inside) == 1 or sum(len(text.code) for text in inside) <= room


@given(st.dictionaries(st.text("0123456789"), st.tuples(_KINDS, _TEXTS), max_size=4))
def test_what_one_call_holds_is_one_call(wishes: dict[str, Wish]) -> None:
    assert len(split(wishes, MOST_CHARS)) == bool(wishes)


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
        self.out: list[Batch] = []

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
            size = data.draw(st.sampled_from([1, MOST_CHARS // 2, MOST_CHARS]))
            self.batcher.ready(task, (kind,), Snippet("x" * size))
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
        self.look()

    @rule(data=st.data())
    def a_call_ends(self, data: st.DataObject) -> None:
        if self.out:
            at = data.draw(st.integers(0, len(self.out) - 1))
            self.batcher.ended(self.out.pop(at))
            self.look()

    def look(self) -> None:
        for batch in self.batcher.due(self.now):
            self.out.append(batch)
            for task in batch.tasks:
                assert self.ready.pop(task) == batch.audience
                assert task not in self.came
                self.came.add(task)

    @invariant()
    def a_few_calls_are_out(self) -> None:
        for audience in (HERE, THERE, PRIVATE):
            assert sum(batch.audience == audience for batch in self.out) <= MOST_CALLS

    @invariant()
    def who_is_ready_has_a_deadline_or_waits_for_a_call(self) -> None:
        if self.batcher.next_deadline() is None:
            for audience in set(self.ready.values()) - set(self.expected.values()):
                assert sum(batch.audience == audience for batch in self.out) == MOST_CALLS


TestGathering = Gathering.TestCase
