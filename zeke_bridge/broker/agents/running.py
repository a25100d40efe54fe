"""Programs that an agent runs: each with a permit, shown while it runs, ended with the session."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

from zeke_bridge.agents.effects import Command, Printed, Program, Say
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.ended import Ended
from zeke_bridge.model.errors import ProcessError, ZekeError
from zeke_bridge.model.permit import Permit
from zeke_bridge.warden.command import command_text
from zeke_bridge.warden.escape import escape, shorten

if TYPE_CHECKING:
    from zeke_bridge.workspace.process.terminal import Terminal

MOST_RUNNING = 16
"""Of one agent's session."""
MOST_SHOWN = 4096
"""Characters of output that are shown at a time."""
_MOST_COMMAND = 800
_SHELL_SIGNS = frozenset(" \t\n|&;<>()$`\\\"'*?[]#~=%{}!")


def without_shell(argv: tuple[str, ...]) -> tuple[str, ...]:
    """``argv``, or a shell that runs it where it is one text that only a shell can read."""
    if len(argv) == 1 and _SHELL_SIGNS & set(argv[0]):
        return ("sh", "-c", argv[0])
    return argv


def execution(owner: Owner, command: Command, note: str = "") -> Action:
    """The action of running ``command``."""
    argv = without_shell(command.argv)
    env, cwd = command.env, command.cwd
    return Action(Op.EXECUTE, owner.root, owner.subject, argv=argv, cwd=cwd, env=env, note=note)


class Programs:
    """Those of one agent's session."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._numbers = itertools.count(1)
        self._running: dict[str, AgentProgram] = {}
        self._starting = 0
        self._closed = False

    async def start(self, command: Command) -> Program:
        """Run it. Raises ``ConsentError`` or ``ProcessError``."""
        alive = {name: program for name, program in self._running.items() if not program.ended}
        self._running = alive
        if len(alive) + self._starting >= MOST_RUNNING:
            raise ProcessError(f"{MOST_RUNNING} programs of yours run already; end one first.")
        action = execution(self._owner, command)
        self._starting += 1
        try:
            permit = await self._owner.editor.authorize(action)
            terminal = await self._started(permit, action, command)
        finally:
            self._starting -= 1
        name = f"terminal-{next(self._numbers)}"
        shown = shorten(command_text(action.argv), _MOST_COMMAND)
        program = AgentProgram(name, terminal, shown, self._owner.say)
        self._running[name] = program
        return program

    async def _started(self, permit: Permit, action: Action, command: Command) -> Terminal:
        from zeke_bridge.workspace.process.terminal import Limits

        editor, result = self._owner.editor, "failed"
        terminal: Terminal | None = None
        try:
            if self._closed:
                raise ProcessError("The session is over, so nothing is started any more.")
            limits = Limits(max(0, command.output_bytes), command.seconds)
            terminal = editor.services.processes.start(permit, action, limits)
            result = "started"
        except ZekeError as error:
            result = error.code
            raise
        finally:
            try:
                await editor.record(permit, result)
            except asyncio.CancelledError:
                # Nobody would be there to end it.
                if terminal is not None:
                    terminal.stop()
                raise
        return terminal

    async def aclose(self) -> None:
        """End all of them."""
        self._closed = True
        programs, self._running = list(self._running.values()), {}
        await asyncio.gather(*(program.release() for program in programs))


class AgentProgram:
    """A ``Program``; what it prints is shown as ``_zeke/terminal`` updates."""

    def __init__(self, name: str, terminal: Terminal, command: str, say: Say) -> None:
        """``command`` is shown, and escaped already."""
        self.id = name
        self.ended = False
        self._terminal = terminal
        self._command = command
        self._say = say
        terminal.on_output(self._tell)
        terminal.when_done(self._over)
        self._tell(terminal.output().text[-MOST_SHOWN:])

    def output(self) -> Printed:
        """What it has printed so far."""
        found = self._terminal.output()
        return Printed(found.text, found.truncated, found.ended)

    async def wait(self) -> Ended:
        """Wait for its end."""
        return await self._terminal.wait()

    async def kill(self) -> None:
        """End it; what it printed stays."""
        await self._terminal.kill()

    async def release(self) -> None:
        """End it and let go of its output."""
        await self._terminal.release()

    def _over(self) -> None:
        self.ended = True
        self._tell("")

    def _tell(self, text: str) -> None:
        update: dict[str, Any] = {
            "sessionUpdate": "_zeke/terminal",
            "terminalId": self.id,
            "command": self._command,
            "output": visible(text),
        }
        found = self._terminal.output().ended if self.ended else None
        if found is not None:
            update["exit"] = {"code": found.code, "signal": found.signal}
        self._say(update)


def visible(text: str) -> str:
    """Lines of output, each escaped; tabs are columns and line ends are lines."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(escape(line.expandtabs()) for line in lines)
