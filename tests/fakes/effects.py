"""``Effects`` over a directory with nobody to ask: what an agent wants is done, or refused as told."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

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
    WrittenState,
    unheard,
)
from zeke_bridge.model.errors import DeniedError, StoreError


@dataclass
class FakeProgram:
    """Ran to its end when it was started, or waits for ever when it is ``held``."""

    id: str
    text: str
    code: int | None
    held: bool = False
    truncated: bool = False
    ended: Ended | None = None
    released: bool = False

    def output(self) -> Printed:
        return Printed(self.text, self.truncated, self.ended)

    async def wait(self) -> Ended:
        if self.held:
            await asyncio.Event().wait()
        return self.ended or Ended(self.code)

    async def kill(self) -> None:
        self.ended = Ended(None, "SIGKILL")

    async def release(self) -> None:
        self.released = True


@dataclass
class FakeEffects:
    """``denied`` names methods that are refused, ``states`` what becomes of a write by its path.

    ``holds`` names methods that never return; ``reached`` is set when one of them is called, or
    a write comes to a path of ``waiting``, on which nobody decides.
    """

    root: Path
    denied: set[str] = field(default_factory=set)
    states: dict[str, WrittenState] = field(default_factory=dict)
    holds: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    programs: dict[str, FakeProgram] = field(default_factory=dict)
    said: str = ""
    not_saved: str = ""
    asked: list[tuple[str, object]] = field(default_factory=list)
    writes: list[list[str]] = field(default_factory=list)
    most_at_once: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    _now: int = 0

    async def _ask(self, what: str, about: object) -> None:
        self.asked.append((what, about))
        if what in self.holds:
            self.reached.set()
            await asyncio.Event().wait()
        if what in self.denied:
            raise DeniedError(f"The person denied {what}.")

    async def read(self, path: str) -> str:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            await self._ask("read", path)
            await asyncio.sleep(0)
            try:
                return (self.root / path).read_text()
            except OSError as error:
                raise StoreError(f"There is no file {path}.") from error
        finally:
            self._now -= 1

    async def write(
        self, files: Sequence[FileText], settled: Settling = unheard
    ) -> Sequence[Written]:
        self.writes.append([file.path for file in files])
        await self._ask("write", tuple(file.path for file in files))
        found: list[Written] = []
        for number, file in enumerate(files):
            if file.path in self.waiting:
                self.reached.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    settled(number, Written(file.path, "undecided", "Nobody decided on it."))
            found.append(self._write(file))
            settled(number, found[-1])
        return found

    def _write(self, file: FileText) -> Written:
        state = self.states.get(file.path, "written")
        if state not in ("written", "partly"):
            return Written(file.path, state, "The person says: not like this.")
        place = self.root / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.text)
        return Written(file.path, state, "", file.text.count("\n"), 0)

    async def names(self, path: str) -> Sequence[str]:
        await self._ask("names", path)
        there = self.root / path
        files = sorted(one for one in there.rglob("*") if one.is_file())
        return [str(one.relative_to(self.root)) for one in files]

    async def search(self, pattern: str, path: str = "", *, most: int = 200) -> Sequence[Found]:
        await self._ask("search", pattern)
        found = [
            Found(name, number, line)
            for name in await self.names(path)
            for number, line in enumerate((self.root / name).read_text().splitlines(), 1)
            if re.search(pattern, line)
        ]
        return found[:most]

    async def start(self, command: Command) -> FakeProgram:
        await self._ask("start", command.argv)
        known = self.programs.get(command.argv[0])
        if known is not None:
            return known
        argv = [sys.executable if word == "python" else word for word in command.argv]
        ran = subprocess.run(
            argv, cwd=self.root, capture_output=True, text=True, timeout=20, check=False
        )
        return FakeProgram(f"term-{len(self.asked)}", ran.stdout + ran.stderr, ran.returncode)

    async def diagnostics(self, path: str = "") -> str:
        await self._ask("diagnostics", path)
        return self.said

    async def changes(self) -> str:
        await self._ask("changes", None)
        return self.said

    async def unsaved(self) -> str:
        return self.not_saved

    async def commits(self, most: int = 20) -> Sequence[str]:
        await self._ask("commits", most)
        return self.said.splitlines()

    async def declared(self, request: Declared) -> bool:
        raise NotImplementedError

    async def unmediated(self, path: str, added: int, removed: int) -> bool:
        raise NotImplementedError

    async def use_tool(self, use: ToolUse) -> None:
        await self._ask("use_tool", use)

    def turn_ended(self) -> None:
        raise NotImplementedError


@dataclass
class Heard:
    """Session updates as they were said."""

    updates: list[Mapping[str, object]] = field(default_factory=list)

    def __call__(self, update: Mapping[str, object]) -> None:
        self.updates.append(update)

    def of(self, kind: str) -> list[Mapping[str, object]]:
        return [one for one in self.updates if one["sessionUpdate"] == kind]

    def text(self, kind: str = "agent_message_chunk") -> str:
        return "".join(str(one["content"]["text"]) for one in self.of(kind))  # type: ignore[index]
