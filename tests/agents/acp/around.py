"""What the broker gives an agent, as a recording: effects that happen in memory, and what is said.

around = Around(root)
agent = await around.actor({"prompts": [[{"say": "hello"}]]})
await agent.prompt(Prompt("go"))
around.text, around.says, around.effects.done
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.fakes.child import RealChild
from zeke_bridge.agents.acp.host import connect
from zeke_bridge.agents.acp.pipe import MAX_OPEN
from zeke_bridge.agents.agent import Agent, Question, Reply, Surroundings
from zeke_bridge.agents.child import Launch
from zeke_bridge.agents.effects import (
    Command,
    Declared,
    Ended,
    FileText,
    Found,
    Printed,
    Settling,
    ToolUse,
    Written,
    unheard,
)
from zeke_bridge.agents.registry import Entry
from zeke_bridge.model.errors import DeniedError, StoreError

HERE = Path(__file__).parent
WAIT_S = 30.0


class FakeProgram:
    def __init__(self, effects: RecordingEffects, command: Command) -> None:
        self.id = f"t{len(effects.programs) + 1}"
        self.command = command
        self.over = asyncio.Event()
        self.ended: Ended | None = None
        self.end(Ended(0)) if effects.programs_end else None
        self.released = False

    def end(self, ended: Ended) -> None:
        self.ended = ended
        self.over.set()

    def output(self) -> Printed:
        return Printed(f"ran {' '.join(self.command.argv)}", False, self.ended)

    async def wait(self) -> Ended:
        await self.over.wait()
        assert self.ended is not None
        return self.ended

    async def kill(self) -> None:
        if self.ended is None:
            self.end(Ended(None, "SIGTERM"))

    async def release(self) -> None:
        await self.kill()
        self.released = True


class RecordingEffects:
    """``done`` is all that was wanted, in order. ``deny`` says no to it; ``hold`` lets it wait."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.done: list[tuple[Any, ...]] = []
        self.programs: list[FakeProgram] = []
        self.programs_end = True
        self.deny = False
        self.allows = True
        self.hold: asyncio.Event | None = None
        self.begun = asyncio.Event()
        self.withdrawn = 0
        self.waiting = self.most = 0
        self.full = asyncio.Event()
        """As many wait at once as an agent may have under way."""
        self.written: Callable[[FileText], Written] | None = None
        self.stopped: Written | None = None
        """What is known of a write that is stopped."""
        self.turns_ended = 0

    async def _gate(self, *what: Any) -> None:
        self.done.append(what)
        self.begun.set()
        if self.hold is not None:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            if self.waiting == MAX_OPEN:
                self.full.set()
            try:
                await self.hold.wait()
            except asyncio.CancelledError:
                self.withdrawn += 1
                raise
            finally:
                self.waiting -= 1
        if self.deny:
            raise DeniedError("The person said no.")

    async def read(self, path: str) -> str:
        await self._gate("read", path)
        if path not in self.files:
            raise StoreError("There is no such file.") from FileNotFoundError(path)
        return self.files[path]

    async def write(
        self, files: Sequence[FileText], settled: Settling = unheard
    ) -> Sequence[Written]:
        (file,) = files
        try:
            await self._gate("write", file.path, file.text)
        except asyncio.CancelledError:
            if self.stopped is not None:
                settled(0, self.stopped)
            raise
        made = Written(file.path, "written", "Written.")
        if self.written is not None:
            made = self.written(file)
        else:
            self.files[file.path] = file.text
        settled(0, made)
        return [made]

    async def start(self, command: Command) -> FakeProgram:
        await self._gate("start", command)
        program = FakeProgram(self, command)
        self.programs.append(program)
        return program

    async def declared(self, request: Declared) -> bool:
        await self._gate("declared", request)
        return self.allows

    async def unmediated(self, path: str, added: int, removed: int) -> bool:
        await self._gate("unmediated", path, added, removed)
        return False

    def turn_ended(self) -> None:
        self.turns_ended += 1

    async def names(self, path: str) -> Sequence[str]:
        raise NotImplementedError

    async def search(self, pattern: str, path: str = "", *, most: int = 200) -> Sequence[Found]:
        raise NotImplementedError

    async def diagnostics(self, path: str = "") -> str:
        raise NotImplementedError

    async def changes(self) -> str:
        raise NotImplementedError

    async def commits(self, most: int = 20) -> Sequence[str]:
        raise NotImplementedError

    async def use_tool(self, use: ToolUse) -> None:
        raise NotImplementedError


class Around:
    """``reply`` answers elicitations; ``closed`` are the sentences of an agent's own end."""

    def __init__(self, root: Path) -> None:
        self.root = root / "project"
        self.root.mkdir()
        self.cwd = str(self.root)
        self._base = root
        self.effects = RecordingEffects()
        self.says: list[Mapping[str, Any]] = []
        self.questions: list[Question] = []
        self.reply = Reply("accept", {"name": "x"})
        self.closed: list[str] = []
        self.gone = asyncio.Event()
        self.said = asyncio.Event()
        self.agents: list[Agent] = []
        self.children: list[RealChild] = []
        self.launched: list[Launch] = []
        self.started = asyncio.Event()
        self.script = root / "script.json"

    @property
    def text(self) -> str:
        """The answer."""
        return "".join(
            one["content"]["text"]
            for one in self.says
            if one["sessionUpdate"] == "agent_message_chunk"
        )

    @property
    def notices(self) -> list[str]:
        return [one["text"] for one in self.says if one["sessionUpdate"] == "_zeke/notice"]

    def result(self, name: str) -> Any:
        """What the actor says a step ``as`` this name came to."""
        for line in self.text.splitlines():
            if line.startswith(f"{name} = "):
                return json.loads(line.partition(" = ")[2])
        raise AssertionError(f"no {name} in {self.text!r}")

    def heard(self) -> list[Any]:
        """What a hostile agent has been answered, oldest first."""
        file = self.script.with_name(self.script.name + ".heard")
        return [json.loads(line) for line in file.read_text().splitlines()]

    async def actor(self, script: Mapping[str, Any], **more: Any) -> Agent:
        return await self.open(HERE / "actor.py", script, **more)

    async def hostile(self, answers: Mapping[str, Any], **more: Any) -> Agent:
        return await self.open(HERE / "hostile.py", {"answers": answers}, **more)

    async def open(self, program: Path, script: Mapping[str, Any], **more: Any) -> Agent:
        self.script.write_text(json.dumps(script))
        argv = (sys.executable, str(program), str(self.script))
        entry = more.pop("entry", None) or Entry(
            "tester", "Tester", argv, login="Run `tester login`.", logins={"key": ("TESTER_KEY",)}
        )
        agent = await connect(entry.name, entry, self.surroundings(), **more)
        self.agents.append(agent)
        return agent

    def surroundings(self) -> Surroundings:
        return Surroundings(
            str(self.root),
            self.cwd,
            self.effects,
            self._say,
            self._ask,
            self.start,
            self._closed,
        )

    async def start(self, launch: Launch) -> RealChild:
        self.launched.append(launch)
        errors = self._base / f"errors{len(self.launched)}"
        environment = {**os.environ, "PYTHONPATH": str(HERE.parents[2]), **dict(launch.env)}
        child = await RealChild.start(launch.argv, launch.cwd, environment, errors)
        self.children.append(child)
        self.started.set()
        return child

    async def aclose(self) -> None:
        for agent in self.agents:
            await agent.aclose()
        for child in self.children:
            await child.aclose()

    def _say(self, update: Mapping[str, Any]) -> None:
        self.says.append(update)
        self.said.set()

    async def until(self, text: str) -> None:
        """Wait until the answer has ``text``."""
        async with asyncio.timeout(WAIT_S):
            while text not in self.text:
                self.said.clear()
                await self.said.wait()

    async def _ask(self, question: Question) -> Reply:
        self.questions.append(question)
        self.effects.begun.set()
        if self.effects.hold is not None:
            await self.effects.hold.wait()
        return self.reply

    def _closed(self, reason: str) -> None:
        self.closed.append(reason)
        self.gone.set()
