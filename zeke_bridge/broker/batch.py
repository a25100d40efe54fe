"""Which analyses share a call: the pure part. Times are seconds of any one clock.

A task is *expected* from the moment it is submitted, and *ready* when its text may be shown. All
tasks of one audience (model, project, privacy) that come within the window of the first are one
batch; while one of them is still expected (a consent prompt is open) the batch waits for it.
Knows nothing of prompts, calls or tasks beyond their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zeke_bridge.model.exchange import (
    Analysis,
    AnalysisKind,
    AnalyzeItem,
    Audience,
    Finding,
    Snippet,
)


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
    tasks: dict[str, tuple[tuple[AnalysisKind, ...], Snippet] | None] = field(default_factory=dict)

    def complete(self) -> bool:
        return all(wish is not None for wish in self.tasks.values())


class Batcher:
    """Takes tasks in, gives batches out; every task comes out once or is dropped."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._open: dict[Audience, _Window] = {}

    def expect(self, task: str, audience: Audience, now: float) -> None:
        """Open a window for ``task`` or put it into the one that is open."""
        window = self._open.setdefault(audience, _Window(now + self._window))
        window.tasks[task] = None

    def ready(self, task: str, kinds: tuple[AnalysisKind, ...], snippet: Snippet) -> None:
        """Say what an expected task wants. One that was dropped stays out."""
        for window in self._open.values():
            if task in window.tasks:
                window.tasks[task] = (kinds, snippet)

    def move(self, task: str, audience: Audience) -> None:
        """Put a task that was not sent yet where ``audience`` is served; its time stays."""
        for known, window in list(self._open.items()):
            if known == audience or task not in window.tasks:
                continue
            wish = window.tasks.pop(task)
            if not window.tasks:
                del self._open[known]
            self._open.setdefault(audience, _Window(window.closes)).tasks[task] = wish
            return

    def drop(self, task: str) -> None:
        """Take a task out; an audience that nobody is left in is forgotten."""
        for audience, window in list(self._open.items()):
            window.tasks.pop(task, None)
            if not window.tasks:
                del self._open[audience]

    def next_deadline(self) -> float | None:
        """When ``due`` will next have something, if nothing else happens; None: never."""
        times = [window.closes for window in self._open.values() if window.complete()]
        return min(times, default=None)

    def due(self, now: float) -> list[Batch]:
        """The batches whose window is over and whose tasks are all ready; they are gone then."""
        batches = []
        for audience, window in list(self._open.items()):
            if window.closes <= now and window.complete():
                del self._open[audience]
                batches.append(_batch(audience, window))
        return batches


def _batch(audience: Audience, window: _Window) -> Batch:
    """Number the items; what several tasks ask alike is one item."""
    items: dict[tuple[AnalysisKind, Snippet], AnalyzeItem] = {}
    tasks: dict[str, dict[AnalysisKind, str]] = {}
    for task, wish in window.tasks.items():
        kinds, snippet = wish if wish is not None else ((), Snippet(""))
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
