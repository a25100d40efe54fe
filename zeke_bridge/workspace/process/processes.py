"""Running commands: the only code that does, and only with a permit.

The file, the directory and everything else are those that were approved, and looked at again
just before. Does not know who asked or why it was allowed.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace

from zeke_bridge.model.action import Action
from zeke_bridge.model.errors import ProcessError
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.target import Places
from zeke_bridge.workspace.process.approved import Approved, Looks, taken
from zeke_bridge.workspace.process.bound import Bound, bound, bound_rules, in_bounds
from zeke_bridge.workspace.process.child import Child
from zeke_bridge.workspace.process.containment import Contain
from zeke_bridge.workspace.process.containment.rules import Rule
from zeke_bridge.workspace.process.environment import child_environment
from zeke_bridge.workspace.process.groups import Groups
from zeke_bridge.workspace.process.image import open_image
from zeke_bridge.workspace.process.leader import Ends, Launch, Leader
from zeke_bridge.workspace.process.program import clean_path
from zeke_bridge.workspace.process.terminal import Limits, Terminal

MAX_RUNNING = 64
MAX_OUTPUT = 1024 * 1024
"""Bytes. What is no text takes 14 ms to be read out at that size, and the broker waits."""
MAX_SECONDS = 24 * 3600.0
GRACE_S = 2.0


class Processes:
    """Effects on programs. ``resolver`` is the one the consent gate uses.

    ``own`` are the person's own places of Zeke, which no program in bounds can read.
    """

    def __init__(self, resolver: Looks, own: Places = Places()) -> None:  # noqa: B008
        self._resolver = resolver
        self._own = own
        self._groups = Groups()
        self._running: set[Terminal | Child] = set()
        self._closed = False

    def start(self, permit: Permit, action: Action, limits: Limits = Limits()) -> Terminal:  # noqa: B008
        """Start what ``permit`` is for, which has to be ``action``; call it in an event loop.

        Raises:
            DeniedError: the permit is not for running this, or used.
            ChangedError: the program or the directory is another one than was approved.
            ProcessError: it cannot be started.
        """
        with taken(permit, action) as approved, ExitStack() as theirs, ExitStack() as ours:
            source, sink = _pipe(ours, theirs)
            environment = self._environment(approved, {})
            leader = self._lead(approved, environment, Ends(sink, sink))
            ours.pop_all()
        terminal = Terminal(leader, source, self._groups, _within(limits))
        self._keep(terminal)
        return terminal

    async def open(
        self,
        permit: Permit,
        action: Action,
        environment: Mapping[str, str],
        *,
        contain: Contain | None = None,
    ) -> Child:
        """Start what ``permit`` is for, to be spoken to by its pipes.

        ``environment`` are variables of the person's that it gets besides; their values go
        nowhere else. With ``contain`` it is kept in bounds, or not started.

        Raises:
            DeniedError: the permit is not for running this, or used.
            ChangedError: the program or the directory is another one than was approved.
            ProcessError: it cannot be started, or not in bounds.
        """
        with taken(permit, action) as approved:
            if contain is None:
                return await self._opened(approved, environment)
            temporary = await asyncio.to_thread(tempfile.mkdtemp, prefix="zeke-bound-")
            try:
                where = (action.root, contain, self._own, temporary)
                rules = await asyncio.to_thread(bound_rules, *where)
                child = await self._opened(approved, {"TMPDIR": temporary, **environment}, rules)
            except BaseException:
                shutil.rmtree(temporary, ignore_errors=True)
                raise
        child.when_done(lambda: _forget(temporary))
        return child

    async def aclose(self) -> None:
        """End all that still runs, and what watches over it; nothing is started any more."""
        self._closed = True
        try:
            await asyncio.gather(*map(_end, tuple(self._running)))
        finally:
            self._groups.close()

    async def _opened(
        self, approved: Approved, extra: Mapping[str, str], rules: Sequence[Rule] = ()
    ) -> Child:
        """Start it and take its pipes; with ``rules``, in bounds."""
        environment = self._environment(approved, extra)
        report, within = -1, None
        with ExitStack() as theirs, ExitStack() as ours:
            output, sink = _pipe(ours, theirs)
            errors, error_sink = _pipe(ours, theirs)
            source, into = _pipe(theirs, ours)
            if rules:
                report, report_sink = _pipe(ours, theirs)
                within = Bound(rules, report_sink)
            leader = self._lead(approved, environment, Ends(sink, error_sink, source), within)
            ours.pop_all()
        child = Child(leader, self._groups, errors, GRACE_S)
        self._keep(child)
        try:
            await child.connect(output, into)
            if within is not None:
                await bound(report, approved.facts.program)
        except BaseException as error:
            child.abandon()
            if isinstance(error, Exception):
                await child.aclose()
            raise
        return child

    def _lead(
        self,
        approved: Approved,
        environment: Mapping[str, str],
        ends: Ends,
        within: Bound | None = None,
    ) -> Leader:
        if self._closed:
            raise ProcessError("Zeke is ending, so nothing is started any more.")
        if len(self._running) >= MAX_RUNNING:
            raise ProcessError(f"{MAX_RUNNING} programs run already; end one of them first.")
        self._groups.watch()
        facts = approved.facts
        try:
            with ExitStack() as held:
                approved.look_again(self._resolver)
                image = open_image(facts.program, facts.program_mark)
                held.callback(image.close)
                argv = approved.action.argv
                launch = Launch(image.executable(), argv, approved.way(), environment)
                if within is not None:
                    launch = in_bounds(launch, image, within, held)
                with self._groups.starting(ends.output):
                    leader = Leader(launch, ends)
                    self._groups.add(leader.pid)
        except OSError as error:
            reason = f"{facts.program!r} cannot be started: {error.strerror}."
            raise ProcessError(reason) from error
        return leader

    def _keep(self, running: Terminal | Child) -> None:
        self._running.add(running)
        running.when_done(lambda: self._running.discard(running))

    @staticmethod
    def _environment(approved: Approved, extra: Mapping[str, str]) -> dict[str, str]:
        """All that it gets; what was shown and approved wins."""
        action = approved.action
        path = clean_path(action.root, os.environ)
        kept = child_environment(os.environ, path, approved.cwd.absolute, ())
        return {**kept, **extra, **dict(action.env)}


def _pipe(reads: ExitStack, writes: ExitStack) -> tuple[int, int]:
    """Return a pipe; each of its ends is closed with its side."""
    source, sink = os.pipe()
    reads.callback(os.close, source)
    writes.callback(os.close, sink)
    return source, sink


async def _end(running: Terminal | Child) -> None:
    await (running.aclose() if isinstance(running, Child) else running.release())


def _forget(temporary: str) -> None:
    """Remove a directory of any size, in a thread; there is nobody to tell that it failed."""
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, lambda: shutil.rmtree(temporary, ignore_errors=True))


def _within(limits: Limits) -> Limits:
    """Keep what an agent may wish for within what a broker can bear."""
    return replace(
        limits,
        output_bytes=max(0, min(limits.output_bytes, MAX_OUTPUT)),
        seconds=max(0.0, min(limits.seconds, MAX_SECONDS)),
    )
