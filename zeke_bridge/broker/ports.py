"""What the use cases need from the outside, as Protocols.

The composition root (``zeke_bridge.app``) hands in what implements them; the broker itself opens
no socket, no file and reads no clock.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from zeke_bridge.model.account import KeyTrial, LoginCode
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.exchange import (
    Analysis,
    AnalyzeAsk,
    Budget,
    ChatAsk,
    CodeAsk,
    CompleteAsk,
    ContextAsk,
    CoreHealth,
    ModelInfo,
    Piece,
    TerminalAsk,
)
from zeke_bridge.model.grant import Grant
from zeke_bridge.model.permit import Handle
from zeke_bridge.model.target import Facts, Places
from zeke_bridge.warden.command import Reading
from zeke_bridge.warden.grants import ProjectMemory

if TYPE_CHECKING:
    # Many values that nobody needs before figures are asked for.
    from zeke_bridge.model.stats import Stats


class ModelClient(Protocol):
    """A routing core. Every method raises a ``CoreError`` (see ``model.errors``).

    Closing a generator early (``aclose``) cancels the work at the provider.
    """

    def chat(self, ask: ChatAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then exactly one ``Answer``."""
        ...

    def code(self, ask: CodeAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then exactly one ``Answer``."""
        ...

    def complete(self, ask: CompleteAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then exactly one ``Answer``, whose text may be empty."""
        ...

    def context(self, ask: ContextAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then exactly one ``Answer``."""
        ...

    def terminal(self, ask: TerminalAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then exactly one ``Answer``; that of ``suggest`` has a ``suggestion``."""
        ...

    async def analyze(self, ask: AnalyzeAsk) -> Analysis:
        """One upstream call for all items of ``ask``."""
        ...

    async def models(self) -> list[ModelInfo]:
        """What can be asked now."""
        ...

    async def health(self) -> CoreHealth:
        """The state of the core and its providers."""
        ...

    async def keys(self) -> Mapping[str, str]:
        """Where the key of each provider comes from, in a word (``core.keys.Keys.source``)."""
        ...

    async def budget(self) -> Budget | None:
        """The cost limit that is nearest to its end; None also while nothing was asked here."""
        ...

    async def stats(self) -> Stats:
        """What the core has done, and what that cost."""
        ...

    async def aclose(self) -> None:
        """Free the connections."""
        ...


class Accounts(Protocol):
    """The person's keys at providers. No key is ever given back."""

    async def keep(self, provider: str, key: str) -> str:
        """Keep a key; returns where. Raises ``ZekeError``."""
        ...

    async def test(self, provider: str, key: str) -> KeyTrial:
        """Ask the provider itself what it says of ``key``, within seconds and at no cost.

        Raises ``InputError`` when this cannot be a key or there is no such provider.
        """
        ...

    async def log_in(self, provider: str, shown: Callable[[LoginCode], None]) -> str:
        """Log in with a code, which ``shown`` gets; where the login is kept, once it is confirmed.

        Takes as long as the person does; cancelled, nobody is asked any more. Raises ``ZekeError``.
        """
        ...


class EventSink(Protocol):
    """Where events for one editor go. Never blocks and never raises: a gone editor loses them."""

    def send(self, name: str, payload: Mapping[str, Any]) -> None:
        """``name`` as in ``task.delta``; ``payload`` is plain data (msgpack types)."""
        ...


class Clock(Protocol):
    """Time, so that tests own it."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        ...


class Resolver(Protocol):
    """What the aim of an action really is. Bad paths are facts, not errors."""

    def hold(self, action: Action) -> tuple[Facts, Handle]:
        """Return the facts and an open handle on them, which the caller closes."""
        ...


class Journal(Protocol):
    """The audit log, where it is written."""

    def append(self, time: float, *lines: Mapping[str, Any], limit_s: float = 5.0) -> None:
        """Write ``lines``, all or none, waiting at most ``limit_s`` for whoever else is writing.

        Raises ``AuditError``; then nothing was written, and nothing may happen.
        """
        ...


class Decisions(Protocol):
    """The audit log, where it is read."""

    def recent(self, root: str, limit: int) -> list[dict[str, Any]]:
        """Return the last verdicts of a project, newest first, each with its ``result``.

        Raises ``StoreError``.
        """
        ...


class ProjectConsents(Protocol):
    """The consent files of projects, believed only as far as the trust ledger goes."""

    def load(self, root: str) -> ProjectMemory:
        """Return what counts now; never raises for a bad file. Quick when nothing changed."""
        ...

    def remember(
        self, root: str, op: Op, subject: str, target: str, *, days: int, now: float
    ) -> Grant:
        """Add a project grant. Raises ``StoreError`` with a sentence when that cannot be."""
        ...

    def revoke(self, root: str, ids: Iterable[str]) -> int:
        """Take grants back for good; returns how many there were. Raises ``StoreError``."""
        ...

    def trust(self, root: str, file_hash: str) -> None:
        """Believe the file of this hash. Raises ``StoreError`` when it is another one."""
        ...

    def reject(self, root: str, file_hash: str) -> None:
        """Never believe the file of this hash. Raises ``StoreError``."""
        ...


class Git(Protocol):
    """What git does with a project's consent file. Runs nothing of the repository."""

    def tracking(self, root: str) -> str:
        """``none`` (no repository), ``tracked``, ``ignored`` or ``untracked``."""
        ...

    def exclude(self, root: str) -> None:
        """Have git leave the file alone, in this clone only. Raises ``StoreError``."""
        ...


ReadsCommands = Callable[[tuple[str, ...]], Reading]
"""Takes a command apart in its time, by what ``read_command`` says; never raises, may block."""

PlacesOf = Callable[[str, Sequence[str]], Places]
"""(root, runtimepath) to the places the policy has to know. May do I/O."""
