"""The running tasks of one editor: started, cancelled, ended, each with exactly one ending.

Every task that was started ends with ``task.done`` or ``task.failed``. Knows nothing of what a
task does; that is a coroutine function handed in.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zeke_bridge.broker.ports import EventSink
from zeke_bridge.model.errors import InputError, ZekeError
from zeke_bridge.model.task import TaskRequest

log = logging.getLogger(__name__)

# Nobody has so many commands running; a script gone wild might.
MAX_TASKS = 64


@dataclass(frozen=True, slots=True)
class Mail:
    """What the person said to a running task: ``name`` as in ``edit.accept``, and its fields."""

    name: str
    fields: Mapping[str, Any]


class Running:
    """One task from the inside: its request, where its events go, and its mail."""

    def __init__(self, request: TaskRequest, sink: EventSink) -> None:
        self.request = request
        self.sink = sink
        self.mail: asyncio.Queue[Mail] = asyncio.Queue()
        self.lasting: dict[str, Callable[[], Any]] = {}
        """Fields of ``task.failed`` that say what is done and stays, whatever became of the rest;
        left out when empty."""

    def send(self, name: str, /, **fields: Any) -> None:
        """Send an event of this task to its editor."""
        self.sink.send(name, {"id": self.request.id, **fields})


Job = Callable[[Running], Awaitable[Mapping[str, Any]]]
"""Does the work and returns the fields of ``task.done``; raises ``ZekeError``."""


class TaskTable:
    """All tasks of one editor by their id."""

    def __init__(self, sink: EventSink, changed: Callable[[], None]) -> None:
        """``changed`` is called whenever the number of tasks has."""
        self._sink = sink
        self._changed = changed
        self._running: dict[str, tuple[Running, asyncio.Task[None]]] = {}

    def __len__(self) -> int:
        return len(self._running)

    def describe(self) -> list[dict[str, str]]:
        """Id and kind of every running task, oldest first."""
        return [
            {"id": running.request.id, "kind": running.request.kind.value}
            for running, _ in self._running.values()
        ]

    def submit(self, request: TaskRequest, job: Job, **told: str) -> asyncio.Task[None]:
        """Start ``job`` for ``request``; raises ``InputError`` for an id in use or too many.

        ``told`` are fields of ``task.started`` besides. What is returned ends with the task, and
        never with an error of the job.
        """
        if request.id in self._running:
            raise InputError(f"A task {request.id} is running already.")
        if len(self._running) >= MAX_TASKS:
            raise InputError(f"{MAX_TASKS} tasks are running already: `:ZekeCancel` ends them.")
        running = Running(request, self._sink)
        running.send("task.started", kind=request.kind.value, **told)
        task = asyncio.get_running_loop().create_task(self._run(running, job))
        self._running[request.id] = (running, task)
        task.add_done_callback(lambda ended: self._ended(running, ended))
        self._changed()
        return task

    def deliver(self, task_id: str, mail: Mail) -> bool:
        """Put ``mail`` into the box of a task; False when there is no such task."""
        found = self._running.get(task_id)
        if found is None:
            return False
        found[0].mail.put_nowait(mail)
        return True

    def cancel(self, task_id: str | None = None) -> int:
        """Cancel one task or all; returns how many there were."""
        chosen = [
            task
            for known, (_, task) in self._running.items()
            if task_id is None or known == task_id
        ]
        for task in chosen:
            task.cancel()
        return len(chosen)

    async def over(self, task_id: str, limit_s: float) -> bool:
        """Wait until there is no such task, and its ending is sent; False: not in time."""
        found = self._running.get(task_id)
        if found is None:
            return True
        done, _ = await asyncio.wait({found[1]}, timeout=limit_s)
        return bool(done)

    async def close(self) -> None:
        """Cancel everything and wait until it has ended."""
        tasks = [task for _, task in self._running.values()]
        self.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, running: Running, job: Job) -> None:
        kind = running.request.kind.value
        try:
            fields = await job(running)
            running.send("task.done", kind=kind, **fields)
        except ZekeError as error:
            log.info("task failed", extra={"fields": {"kind": kind, "code": error.code}})
            _fail(running, error.code, error.message, error.retryable)
        except Exception:
            log.exception("task broke", extra={"fields": {"kind": kind}})
            sentence = "Zeke itself failed here; :ZekeLog has the details."
            _fail(running, "internal", sentence)

    def _ended(self, running: Running, ended: asyncio.Task[None]) -> None:
        # A task that is cancelled before its first step never enters _run.
        self._running.pop(running.request.id, None)
        if ended.cancelled():
            _fail(running, "cancelled", "Cancelled.")
        self._changed()


def _fail(running: Running, code: str, message: str, retryable: bool = False) -> None:
    lasting = {name: value for name, found in running.lasting.items() if (value := found())}
    running.send("task.failed", **lasting, code=code, message=message, retryable=retryable)
