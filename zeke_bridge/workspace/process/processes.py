"""Running commands: the only code that does, and only with a permit.

The file, the directory and everything else are those that were approved, and looked at again
just before. Does not know who asked or why it was allowed.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import ChangedError, DeniedError, ProcessError
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.target import Facts, Target
from zeke_bridge.workspace.files.resolve import Held
from zeke_bridge.workspace.process.environment import child_environment
from zeke_bridge.workspace.process.groups import Groups
from zeke_bridge.workspace.process.leader import Launch, Leader
from zeke_bridge.workspace.process.program import clean_path
from zeke_bridge.workspace.process.terminal import Limits, Terminal

MAX_RUNNING = 64
MAX_OUTPUT = 16 * 1024 * 1024
MAX_SECONDS = 24 * 3600.0


class Looks(Protocol):
    """What the aim of an action really is."""

    def look(self, action: Action) -> Facts:
        """Return the facts; nothing stays open."""
        ...


class Processes:
    """Effects on programs. ``resolver`` is the one the consent gate uses."""

    def __init__(self, resolver: Looks) -> None:
        self._resolver = resolver
        self._groups = Groups()
        self._running: set[Terminal] = set()

    def start(self, permit: Permit, action: Action, limits: Limits = Limits()) -> Terminal:  # noqa: B008
        """Start what ``permit`` is for, which has to be ``action``; call it in an event loop.

        Raises:
            DeniedError: the permit is not for running this, or used.
            ChangedError: the program or the directory is another one than was approved.
            ProcessError: it cannot be started.
        """
        handle = permit.take(action)
        try:
            cwd = permit.facts.cwd
            if action.op is not Op.EXECUTE or not isinstance(handle, Held) or cwd is None:
                raise DeniedError("This permit is for something else; ask for consent again.")
            if not permit.facts.program or len(handle.spots) != 1:
                raise DeniedError("There is no such program outside of the project's directories.")
            if len(self._running) >= MAX_RUNNING:
                raise ProcessError(f"{MAX_RUNNING} programs run already; end one of them first.")
            self._groups.watch()
            place = handle.spots[0].parent
            terminal = self._launch(action, permit.facts, cwd, place, _within(limits))
        finally:
            handle.close()
        self._running.add(terminal)
        terminal.when_done(lambda: self._running.discard(terminal))
        return terminal

    async def aclose(self) -> None:
        """End all that still runs, and what watches over it."""
        try:
            await asyncio.gather(*(terminal.release() for terminal in tuple(self._running)))
        finally:
            self._groups.close()

    def _launch(
        self, action: Action, facts: Facts, cwd: Target, directory: int, limits: Limits
    ) -> Terminal:
        path = clean_path(action.root, os.environ)
        environment = child_environment(os.environ, path, cwd.absolute, action.env)
        launch = Launch(facts.program, action.argv, _way_to(directory, cwd), environment)
        source, sink = os.pipe()
        try:
            held = os.fstat(directory)
            same = cwd.parent == (held.st_dev, held.st_ino)
            if not same or not facts.are_still(self._resolver.look(action)):
                raise ChangedError("The program or its directory changed since you approved it.")
            with self._groups.starting(sink):
                leader = Leader(launch, sink)
                self._groups.add(leader.pid)
        except OSError as error:
            os.close(source)
            reason = f"{facts.program!r} cannot be started: {error.strerror}."
            raise ProcessError(reason) from error
        except BaseException:
            os.close(source)
            raise
        finally:
            os.close(sink)
        return Terminal(leader, source, self._groups, limits)


def _way_to(directory: int, cwd: Target) -> str:
    """Return a path to the very directory that is held, whatever it is called by now."""
    held = Path(f"/proc/self/fd/{directory}")
    return str(held) if held.exists() else cwd.absolute


def _within(limits: Limits) -> Limits:
    """Keep what an agent may wish for within what a broker can bear."""
    return replace(
        limits,
        output_bytes=max(0, min(limits.output_bytes, MAX_OUTPUT)),
        seconds=max(0.0, min(limits.seconds, MAX_SECONDS)),
    )
