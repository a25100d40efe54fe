"""What every session of the broker shares, handed in by the composition root."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from zeke_bridge.broker.collector import Collector
from zeke_bridge.broker.consent.desk import ConsentDesk
from zeke_bridge.broker.consent.gate import ConsentGate
from zeke_bridge.broker.ports import Accounts, ModelClient
from zeke_bridge.config.settings import Settings
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.permit import Permit
from zeke_bridge.workspace.changes import Changes
from zeke_bridge.workspace.listing import Listing

if TYPE_CHECKING:
    from zeke_bridge.agents.child import Child
    from zeke_bridge.workspace.process.containment import Contain
    from zeke_bridge.workspace.process.terminal import Limits, Terminal


class Cores(Protocol):
    """The routing cores: the embedded one and those that settings name."""

    def client(self, settings: Settings) -> ModelClient:
        """The client of the core that these settings choose; starts nothing yet."""
        ...

    def collector(self, settings: Settings) -> Collector:
        """Where analyses for that core are gathered, one for all editors."""
        ...


class Files(Protocol):
    """Effects on files; nothing happens without a ``Permit``."""

    def exists(self, root: str, path: str) -> bool:
        """Whether something is at ``path`` of the project already."""
        ...

    def read(self, permit: Permit, limit: int) -> bytes:
        """The content of the file that the permit is for.

        Raises ``ConsentError``, ``StoreError``, and ``InputError`` over ``limit`` bytes.
        """
        ...

    def digest(self, op: Op, root: str, path: str) -> str:
        """SHA-256 of what stands there, which an action on it has to carry; "" for nothing there.

        The content goes nowhere. Raises ``ChangedError`` or ``StoreError``.
        """
        ...

    def write(self, permit: Permit, content: bytes) -> None:
        """Put ``content`` where the permit says. Raises ``ConsentError`` or ``StoreError``."""
        ...


class Processes(Protocol):
    """Effects on programs; nothing is started without a ``Permit``."""

    def start(self, permit: Permit, action: Action, limits: Limits) -> Terminal:
        """A program whose output is kept. Raises ``ConsentError`` or ``ProcessError``."""
        ...

    async def open(
        self,
        permit: Permit,
        action: Action,
        environment: Mapping[str, str],
        *,
        contain: Contain | None = None,
    ) -> Child:
        """A program that is spoken to by its pipes; ``environment`` is what it gets besides.

        With ``contain`` it is kept in bounds, or not started.

        Raises ``ConsentError`` or ``ProcessError``.
        """
        ...

    async def aclose(self) -> None:
        """End all that runs; nothing is started any more."""
        ...


class Projects(Protocol):
    """Which project a file belongs to."""

    def root(self, path: str, cwd: str) -> str:
        """The project of ``path``, or of ``cwd`` when ``path`` is empty; absolute."""
        ...

    def opaque_id(self, root: str) -> str:
        """A name for the project that does not give its path away."""
        ...

    def bound_by(self, paths: Iterable[str], cwd: str) -> frozenset[str]:
        """Whose consent file may restrict any of ``paths``: their projects, and what is above."""
        ...

    def inside(self, root: str, path: str) -> str:
        """``path`` (absolute) from the project's root; empty when it is not of the project."""
        ...

    def belongs(self, root: str, path: str) -> bool:
        """Whether ``path`` (from the root) is of this project, and of none inside it."""
        ...

    def listing(self, root: str) -> Listing:
        """The names of the project's files, without secrets. May take seconds."""
        ...

    def branch(self, root: str) -> str:
        """The branch that is checked out; empty without one. May take seconds."""
        ...

    def history(self, root: str) -> tuple[str, ...]:
        """The subjects of the last commits, newest first. May take seconds."""
        ...

    def changes(self, root: str) -> Changes:
        """The files that are not as in the last commit. Raises ``InputError``; takes seconds."""
        ...

    def worked_on(self, root: str) -> Changes:
        """The same, and the files that are new. Raises ``InputError``; takes seconds."""
        ...

    def committed(self, root: str, blob: str, limit: int) -> bytes:
        """What ``changes`` said a file was. Raises ``InputError``. May take seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """One of each."""

    gate: ConsentGate
    desk: ConsentDesk
    cores: Cores
    files: Files
    projects: Projects
    accounts: Accounts
    processes: Processes
