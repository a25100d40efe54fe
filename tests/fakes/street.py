"""Several editors on one real broker in this process: real files, gate and store, no models.

Events are kept instead of sent; a test waits for them by name.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.fakes.patience import patience
from zeke_bridge.broker.broker import Broker, Place
from zeke_bridge.broker.consent.desk import ConsentDesk
from zeke_bridge.broker.consent.gate import ConsentGate
from zeke_bridge.broker.consent.tracking import Tracking
from zeke_bridge.broker.services import Services
from zeke_bridge.broker.session import Session
from zeke_bridge.model.account import KeyTrial, LoginCode
from zeke_bridge.model.action import ASSISTANT, Action, Op, Subject
from zeke_bridge.model.errors import StoreError
from zeke_bridge.model.permit import Permit
from zeke_bridge.store.audit import Audit
from zeke_bridge.store.consents import ConsentStore
from zeke_bridge.workspace.changes import Changes, changes, committed
from zeke_bridge.workspace.files import Files, Resolver
from zeke_bridge.workspace.listing import Listing, list_files
from zeke_bridge.workspace.process.processes import Processes
from zeke_bridge.workspace.project import belongs, below, bound_by, find_root

PATIENCE = patience(30.0)


class Sink:
    """Keeps the events of one editor."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self._came = asyncio.Event()

    def send(self, name: str, payload: Mapping[str, Any]) -> None:
        """Keep it, and wake who waits."""
        self.events.append((name, payload))
        self._came.set()

    def named(self, name: str) -> list[Mapping[str, Any]]:
        """The payloads of a name so far."""
        return [payload for known, payload in self.events if known == name]

    async def until(self, name: str, count: int = 1) -> Mapping[str, Any]:
        """The payload of the ``count``-th event of this name."""
        async with asyncio.timeout(PATIENCE):
            while len(self.named(name)) < count:
                self._came.clear()
                await self._came.wait()
        return self.named(name)[count - 1]


class Clock:
    """Stands still unless told."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time


class Projects:
    """As git has them."""

    def root(self, path: str, cwd: str) -> str:
        """The git root."""
        return find_root(path, cwd)

    def opaque_id(self, root: str) -> str:
        """A hash."""
        return hashlib.sha256(root.encode()).hexdigest()

    def bound_by(self, paths: Iterable[str], cwd: str) -> frozenset[str]:
        """Every one with a consent file."""
        return bound_by(paths, cwd)

    def inside(self, root: str, path: str) -> str:
        """By where the path really leads."""
        return below(root, path)

    def belongs(self, root: str, path: str) -> bool:
        """By where the path really leads."""
        return belongs(root, path)

    def listing(self, root: str) -> Listing:
        """What is there."""
        return list_files(root)

    def branch(self, root: str) -> str:
        """Always the same."""
        return "main"

    def history(self, root: str) -> tuple[str, ...]:
        """Always the same."""
        return ("abc1234 Add b",)

    def changes(self, root: str) -> Changes:
        """As git has them."""
        return changes(root)

    def committed(self, root: str, blob: str, limit: int) -> bytes:
        """As git has it."""
        return committed(root, blob, limit)


class NoCores:
    """There is no model here."""

    def client(self, settings: Any) -> Any:
        """Nothing to ask."""
        raise StoreError("There are no models in this test.")

    collector = client


class NoAccounts:
    """Keys are kept nowhere."""

    async def keep(self, provider: str, key: str) -> str:
        """Forget it."""
        return "nowhere"

    async def test(self, provider: str, key: str) -> KeyTrial:
        """Nobody is there to be asked."""
        return KeyTrial("unknown", "Nobody is there.")

    async def log_in(self, provider: str, shown: Callable[[LoginCode], None]) -> str:
        """Not possible."""
        raise StoreError("There is no provider in this test.")


class NoGit:
    """No repository."""

    def tracking(self, root: str) -> str:
        """Always the same."""
        return "none"

    def exclude(self, root: str) -> None:
        """Not possible."""
        raise StoreError("There is no repository.")


class Street:
    """``project`` is in git and has ``a.py`` and ``b.py``; ``other`` is another project."""

    def __init__(self, base: Path, cores: Any = None) -> None:
        self.project, self.other = base / "project", base / "other"
        for project in (self.project, self.other):
            (project / ".git").mkdir(parents=True)
            for name in ("a.py", "b.py"):
                (project / name).write_text("old\n")
        self.clock = Clock()
        self.audit = Audit(base / "state")
        resolver = Resolver()
        store = ConsentStore(base / "state", lambda root: "")
        tracking = Tracking(NoGit())
        self.gate = ConsentGate(resolver, store, self.audit, self.clock, tracking=tracking)
        desk = ConsentDesk(store, self.audit, tracking)
        self.processes = Processes(resolver)
        services = Services(
            self.gate,
            desk,
            cores or NoCores(),
            Files(resolver),
            Projects(),
            NoAccounts(),
            self.processes,
        )
        self.stopped: list[str] = []
        self.broker = Broker(
            services,
            self.clock,
            Place("", ""),
            configured=dict,
            stop=self.stopped.append,
            idle=lambda yes: None,
        )

    def editor(self, cwd: Path | None = None, **more: Any) -> tuple[Session, Sink]:
        """A session in ``cwd``, else in the project."""
        sink = Sink()
        where = str(cwd if cwd is not None else self.project)
        settings = more.pop("settings", {})
        return self.broker.open(sink, cwd=where, pid=0, settings=settings, **more), sink

    def write(
        self, name: str = "a.py", text: str = "new\n", subject: Subject = ASSISTANT
    ) -> Action:
        """Writing ``text`` into a file of the project."""
        base = (self.project / name).read_bytes()
        return Action(
            Op.WRITE,
            str(self.project),
            subject=subject,
            path=name,
            content_sha256=hashlib.sha256(text.encode()).hexdigest(),
            base_sha256=hashlib.sha256(base).hexdigest(),
        )

    async def asked(self, session: Session, sink: Sink, action: Action) -> asyncio.Task[Permit]:
        """Want ``action``; returns when its question is in the queue of ``sink``'s editor."""
        before = len(sink.named("status.changed"))
        task = asyncio.create_task(session.authorize(action))
        await sink.until("status.changed", before + 1)
        return task

    async def shown(self, session: Session) -> dict[str, Any]:
        """What the editor's list has."""
        return await self.broker.state(session, "consents", session.here)

    async def turn(self) -> None:
        """Let everything run that is ready to, and what that makes ready."""
        for _ in range(5):
            done = asyncio.Event()
            asyncio.get_running_loop().call_soon(done.set)
            await done.wait()
