"""A project on disk, a gate over it, and a person who answers by script."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.street import Street
from zeke_bridge.broker.consent.desk import ConsentDesk
from zeke_bridge.broker.consent.gate import ConsentGate
from zeke_bridge.broker.consent.prompts import PromptQueue
from zeke_bridge.broker.consent.session import ConsentSession
from zeke_bridge.broker.consent.tracking import Tracking
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import AuditError
from zeke_bridge.model.grant import Rules
from zeke_bridge.model.target import Places
from zeke_bridge.store.audit import Audit
from zeke_bridge.store.consents import ConsentStore
from zeke_bridge.warden.prompt import Prompt
from zeke_bridge.workspace.files import Files, Resolver

BASE = b"old\n"
NEW = b"new\n"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Person:
    """Answers prompts by a script; without one, waits to be told."""

    def __init__(self) -> None:
        self.script: Callable[[Prompt], str] | None = None
        self.prompts: list[Prompt] = []
        self.ids: list[str] = []
        self.closed: list[str] = []
        self.queue: PromptQueue | None = None
        self.asked = asyncio.Event()

    def show(self, prompt_id: str, prompt: Prompt, position: int, total: int) -> None:
        self.prompts.append(prompt)
        self.ids.append(prompt_id)
        self.asked.set()
        if self.script is not None:
            choice = self.script(prompt)
            asyncio.get_running_loop().call_soon(self.say, choice, prompt_id)

    def close(self, prompt_id: str, outcome: str) -> None:
        self.closed.append(outcome)

    def say(self, choice: str, prompt_id: str = "") -> bool:
        assert self.queue is not None
        return self.queue.answer(prompt_id or self.ids[-1], choice)

    async def is_asked(self) -> None:
        async with asyncio.timeout(30):
            await self.asked.wait()
        self.asked.clear()


class Clock:
    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def now(self) -> float:
        return self.time


class Log:
    """An audit log that can be told to fail."""

    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self.lines: list[dict[str, Any]] = []
        self.fails = False
        self.busy = False

    def append(self, time: float, *lines: Mapping[str, Any], limit_s: float = 5.0) -> None:
        if self.fails:
            raise AuditError("The disk is full.")
        if self.busy and limit_s == 0:
            raise AuditError("Another process holds it.")
        self.audit.append(time, *lines)
        self.lines += map(dict, lines)


class Git:
    """Says of every project what it is told to."""

    def __init__(self) -> None:
        self.state = "ignored"
        self.excluded: list[str] = []

    def tracking(self, root: str) -> str:
        return self.state

    def exclude(self, root: str) -> None:
        self.excluded.append(root)
        self.state = "ignored"


class House:
    """A project, a gate and one editor."""

    def __init__(self, base: Path) -> None:
        self.root = base / "project"
        (self.root / "src").mkdir(parents=True)
        (self.root / "src" / "a.py").write_bytes(BASE)
        self.bin = base / "bin"
        self.bin.mkdir()
        for name in ("curl", "git", "make"):
            (self.bin / name).write_text("#!/bin/false\n")
            (self.bin / name).chmod(0o755)
        self.state = base / "state"
        self.why = ""
        self.clock = Clock()
        self.log = Log(Audit(self.state))
        self.store = ConsentStore(self.state, lambda root: self.why)
        places = Places(never=(str(self.state),))
        self.resolver = Resolver(places)
        self.git = Git()
        self.tracking = Tracking(self.git)
        self.gate = ConsentGate(
            self.resolver,
            self.store,
            self.log,
            self.clock,
            tracking=self.tracking,
            places=lambda root, runtimepath: places,
        )
        self.desk = ConsentDesk(self.store, self.log.audit, self.tracking)
        self.files = Files(self.resolver)
        self.person = Person()
        self.told: list[tuple[str, str]] = []
        self.session = self.editor(self.person)

    def editor(self, person: Person | None, rules: Rules | None = None) -> ConsentSession:
        session = ConsentSession(
            "1", rules or Rules(), lambda level, text: self.told.append((level, text))
        )
        if person is not None:
            session.prompts = person.queue = PromptQueue(person)
        return session

    async def shown(self, session: ConsentSession | None = None) -> dict[str, Any]:
        return await self.desk.state(session or self.session, str(self.root))

    def write(self, path: str = "src/a.py", content: bytes = NEW, **more: Any) -> Action:
        target = self.root / path
        base = sha(target.read_bytes()) if target.is_file() else ""
        fields = {"content_sha256": sha(content), "base_sha256": base, **more}
        op = Op.WRITE if base else Op.CREATE
        return Action(op, str(self.root), path=path, **fields)

    def answer(self, *choices: str) -> None:
        rest = iter(choices)
        self.person.script = lambda prompt: next(rest)

    @property
    def file(self) -> Path:
        return self.root / ".zeke-consents.json"


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(tmp_path)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    found = House(tmp_path)
    monkeypatch.setenv("PATH", str(found.bin))
    return found
