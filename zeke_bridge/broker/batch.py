"""Which analyses share a call: the pure part. Times are seconds of any one clock.

A task is *expected* from the moment it is submitted, and *ready* when its text may be shown. All
tasks of one audience (model, project, privacy) that come within the window of the first are one
batch; while one of them is still expected (a consent prompt is open) the batch waits for it. What
is more than one call may carry becomes several batches, of which a few are out at a time.
Knows nothing of prompts, calls or tasks beyond their names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from zeke_bridge.model.exchange import (
    Analysis,
    AnalysisKind,
    AnalyzeItem,
    Audience,
    Finding,
    Snippet,
)

MOST_ITEMS = 12
"""Of one call. A core takes more, but a model has to write something for each before it ends."""
MOST_CHARS = 200_000
"""Of the texts of one call, unless it is a single text; about 50 000 tokens."""
MOST_CALLS = 3
"""How many calls of one audience are out at a time."""

Wish = tuple[tuple[AnalysisKind, ...], Snippet]


@dataclass(frozen=True, slots=True)
class Batch:
    """One call: its items, and for each task the items (by kind) that answer it."""

    audience: Audience
    items: tuple[AnalyzeItem, ...]
    tasks: Mapping[str, Mapping[AnalysisKind, str]]


@dataclass(slots=True)
class _Window:
    """Tasks of one audience: None while one is only expected, else what it wants."""

    closes: float
    tasks: dict[str, Wish | None] = field(default_factory=dict)

    def complete(self) -> bool:
        return all(wish is not None for wish in self.tasks.values())


class Batcher:
    """Takes tasks in, gives batches out; every task comes out once or is dropped."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._open: dict[Audience, _Window] = {}
        self._over: dict[Audience, dict[str, Wish]] = {}
        """What waits for calls that are out."""
        self._out: Counter[Audience] = Counter()
        self._room: dict[Audience, int] = {}
        """Characters of a call, where fewer than ``MOST_CHARS`` were too many for the model."""

    def expect(self, task: str, audience: Audience, now: float) -> None:
        """Open a window for ``task`` or put it into the one that is open."""
        window = self._open.setdefault(audience, _Window(now + self._window))
        window.tasks[task] = None

    def ready(self, task: str, kinds: tuple[AnalysisKind, ...], snippet: Snippet) -> None:
        """Say what an expected task wants. One that was dropped stays out."""
        for window in self._open.values():
            if task in window.tasks:
                window.tasks[task] = (kinds, snippet)

    def move(self, task: str, audience: Audience, now: float) -> None:
        """Put a task that was not sent yet where ``audience`` is served; its time stays."""
        for known, window in list(self._open.items()):
            if known != audience and task in window.tasks:
                wish = window.tasks.pop(task)
                if not window.tasks:
                    del self._open[known]
                self._open.setdefault(audience, _Window(window.closes)).tasks[task] = wish
                return
        for known, waiting in list(self._over.items()):
            if known != audience and task in waiting:
                self._open.setdefault(audience, _Window(now)).tasks[task] = waiting.pop(task)
                return

    def drop(self, task: str) -> None:
        """Take a task out; an audience that nobody is left in is forgotten."""
        for audience, window in list(self._open.items()):
            window.tasks.pop(task, None)
            if not window.tasks:
                del self._open[audience]
        for waiting in self._over.values():
            waiting.pop(task, None)

    def next_deadline(self) -> float | None:
        """When ``due`` will next have something, if nothing else happens; None: never."""
        times = [window.closes for window in self._open.values() if window.complete()]
        return min(times, default=None)

    def due(self, now: float) -> list[Batch]:
        """What is to be sent now, and is out until ``ended`` is told of it.

        Those are the tasks whose window is over and complete, in as many batches as may be out.
        """
        for audience, window in list(self._open.items()):
            if window.closes <= now and window.complete():
                del self._open[audience]
                wishes = {task: wish for task, wish in window.tasks.items() if wish is not None}
                self._over.setdefault(audience, {}).update(wishes)
        return [batch for audience in list(self._over) for batch in self._sent(audience)]

    def ended(self, batch: Batch) -> None:
        """Say that the call for ``batch`` is over; what waited for that is due."""
        self._out[batch.audience] -= 1

    def too_long(self, batch: Batch, tasks: Collection[str]) -> bool:
        """Have ``tasks`` of ``batch`` sent again in smaller ones; False when it is one text."""
        items = {item.id: item.snippet for item in batch.items}
        texts = set(items.values())
        if len(texts) < 2:
            return False
        half = sum(len(text.code) for text in texts) // 2
        self._room[batch.audience] = min(half, self._room.get(batch.audience, half))
        again = {
            task: (tuple(wanted), items[next(iter(wanted.values()))])
            for task, wanted in batch.tasks.items()
            if task in tasks
        }
        self._over[batch.audience] = again | self._over.get(batch.audience, {})
        return True

    def _sent(self, audience: Audience) -> list[Batch]:
        waiting = self._over[audience]
        calls = split(waiting, self._room.get(audience, MOST_CHARS))
        batches = [_batch(audience, call) for call in calls[: MOST_CALLS - self._out[audience]]]
        self._out[audience] += len(batches)
        for batch in batches:
            for task in batch.tasks:
                del waiting[task]
        if not waiting:
            del self._over[audience]
        return batches


def split(wishes: Mapping[str, Wish], room: int) -> list[dict[str, Wish]]:
    """``wishes`` in the order they came, as calls of ``MOST_ITEMS`` and ``room`` characters each.

    All that is asked of one text stays together, because the text is sent once then.
    """
    texts: dict[Snippet, dict[str, Wish]] = {}
    for task, (kinds, snippet) in wishes.items():
        texts.setdefault(snippet, {})[task] = (kinds, snippet)
    calls: list[dict[str, Wish]] = []
    items = chars = 0
    for snippet, asked in texts.items():
        more, size = len({kind for kinds, _ in asked.values() for kind in kinds}), len(snippet.code)
        if not calls or items + more > MOST_ITEMS or chars + size > room:
            calls.append({})
            items = chars = 0
        calls[-1] |= asked
        items, chars = items + more, chars + size
    return calls


def _batch(audience: Audience, wishes: Mapping[str, Wish]) -> Batch:
    """Number the items; what several tasks ask alike is one item."""
    items: dict[tuple[AnalysisKind, Snippet], AnalyzeItem] = {}
    tasks: dict[str, dict[AnalysisKind, str]] = {}
    for task, (kinds, snippet) in wishes.items():
        for kind in kinds:
            # Short, because the model has to write every id again.
            fresh = AnalyzeItem(f"{kind}{len(items) + 1}", kind, snippet)
            item = items.setdefault((kind, snippet), fresh)
            tasks.setdefault(task, {})[kind] = item.id
    return Batch(audience, tuple(items.values()), tasks)


def missing(items: tuple[AnalyzeItem, ...], analysis: Analysis) -> tuple[AnalyzeItem, ...]:
    """The items that came back absent or malformed."""
    return tuple(item for item in items if item.id not in analysis.findings)


def share(
    batch: Batch, task: str, findings: Mapping[str, tuple[Finding, ...]]
) -> tuple[tuple[Finding, ...], tuple[AnalysisKind, ...]]:
    """What of all ``findings`` (by item id) is one task's, and the kinds that have no answer."""
    wanted = batch.tasks.get(task, {})
    found = tuple(finding for item in wanted.values() for finding in findings.get(item, ()))
    return found, tuple(kind for kind, item in wanted.items() if item not in findings)
