"""``terminal/*``: the programs that an agent has started in its session, each by an id.

An id that is not of this session is no id.
"""

from __future__ import annotations

from typing import Any

from zeke_bridge.agents.acp.execution import words
from zeke_bridge.agents.acp.files import absolute
from zeke_bridge.agents.acp.sdk import RequestError, schema
from zeke_bridge.agents.acp.work import REFUSED, Work
from zeke_bridge.agents.effects import Command, Effects, Program
from zeke_bridge.model.ended import Ended

MOST = 32
_OUTPUT_BYTES = 1024 * 1024


class Terminals:
    """Those of one session. ``cwd`` is where a command runs that says nothing else."""

    def __init__(self, effects: Effects, work: Work, cwd: str) -> None:
        self._effects = effects
        self._work = work
        self._cwd = cwd
        self._programs: dict[str, Program] = {}
        self._now: set[str] = set()
        self._starting = 0

    async def create(self, wanted: schema.CreateTerminalRequest) -> dict[str, Any]:
        """Start a program."""
        if len(self._programs) + self._starting >= MOST:
            raise RequestError(REFUSED, f"{MOST} terminals are open: release one of them first.")
        command = self._command(wanted)
        self._starting += 1
        try:
            program = await self._work.do(lambda: self._effects.start(command))
        finally:
            self._starting -= 1
        self._programs[program.id] = program
        self._now.add(program.id)
        return {"terminalId": program.id}

    def output(self, name: str) -> dict[str, Any]:
        """What it has printed so far."""
        printed = self._program(name).output()
        answer: dict[str, Any] = {"output": printed.text, "truncated": printed.truncated}
        if printed.ended is not None:
            answer["exitStatus"] = _status(printed.ended)
        return answer

    async def wait(self, name: str) -> dict[str, Any]:
        """Wait for its end."""
        return _status(await self._program(name).wait())

    async def kill(self, name: str) -> dict[str, Any]:
        """End it; its output stays."""
        await self._program(name).kill()
        return {}

    async def release(self, name: str) -> dict[str, Any]:
        """End it and forget it."""
        program = self._program(name)
        del self._programs[name]
        self._now.discard(name)
        await program.release()
        return {}

    def turn_ended(self) -> None:
        """What runs on is no longer of this turn."""
        self._now.clear()

    async def stop(self) -> None:
        """End what this turn has started; the outputs stay."""
        mine, self._now = self._now, set()
        for name in mine & self._programs.keys():
            await self._programs[name].kill()

    async def aclose(self) -> None:
        """End all of them."""
        programs, self._programs = self._programs, {}
        for program in programs.values():
            await program.release()

    def _program(self, name: str) -> Program:
        program = self._programs.get(name)
        if program is None:
            raise RequestError(-32602, "Invalid params: this session has no such terminal.")
        return program

    def _command(self, wanted: schema.CreateTerminalRequest) -> Command:
        names = [one.name for one in wanted.env or ()]
        if len(set(names)) != len(names) or not all(_is_name(name) for name in names):
            raise RequestError(-32602, "Invalid params: env has a name twice, or one that is none.")
        if not wanted.command or "\0" in "".join([wanted.command, *(wanted.args or ())]):
            raise RequestError(-32602, "Invalid params: command is empty, or has a NUL in it.")
        most = _OUTPUT_BYTES if wanted.output_byte_limit is None else wanted.output_byte_limit
        return Command(
            words(wanted.command, wanted.args),
            self._cwd if wanted.cwd is None else absolute(wanted.cwd, "cwd"),
            tuple((one.name, one.value) for one in wanted.env or ()),
            min(most, _OUTPUT_BYTES),
        )


def _is_name(name: str) -> bool:
    return bool(name) and "=" not in name and "\0" not in name


def _status(ended: Ended) -> dict[str, Any]:
    return {"exitCode": ended.code, "signal": ended.signal}
