"""What one editor session remembers of consent, and what ``:ZekeConsents`` shows and changes.

Does not judge actions; that is the gate's part. Files are behind the ``ProjectConsents`` port.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ParamSpec, Protocol, TypeVar

from zeke_bridge.broker.prompts import Asker, PromptQueue
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import StoreError
from zeke_bridge.model.grant import Grant, Rules
from zeke_bridge.warden.escape import escape, shorten
from zeke_bridge.warden.grants import GrantIndex, ProjectMemory, family

DENIES_TO_REMEMBER = 3
STORE_LIMIT_S = 10.0

Params = ParamSpec("Params")
Result = TypeVar("Result")


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


class SessionMemory:
    """What the person allowed and refused for as long as one editor is connected."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._refused: dict[tuple[str, str, str], int] = {}
        self._index: dict[str, GrantIndex] = {}
        self.told: set[tuple[str, str, str]] = set()
        """Notices given already: (root, hash, text)."""

    def grants(self, root: str) -> GrantIndex:
        """Return the session's grants in the project at ``root``."""
        return self._index.get(root, GrantIndex())

    def allow(self, root: str, op: Op, subject: str, target: str, now: float) -> Grant:
        """Remember an approval until the editor leaves."""
        known = self.grants(root)
        old = known.find(op, subject, target, now)
        if old is not None:
            return old
        grant = Grant(f"session-{next(self._ids)}", "session", op, subject, target, now)
        self._index[root] = GrantIndex((*known.grants, grant))
        return grant

    def forget(self, root: str, op: Op, subject: str, target: str) -> None:
        """Drop the approval of exactly this: the project's file holds it now."""
        key = (op, subject, target)
        self._index[root] = GrantIndex(
            grant
            for grant in self.grants(root).grants
            if (grant.op, grant.subject, grant.target) != key
        )

    def refuse(self, root: str, op: Op, target: str) -> None:
        """Count a refusal; the third of one target holds for the session."""
        key = (root, family(op), target)
        self._refused[key] = self._refused.get(key, 0) + 1

    def denied(self, root: str) -> frozenset[tuple[str, str]]:
        """Return the (family, target) pairs that were refused often enough."""
        return frozenset(
            (group, target)
            for (where, group, target), count in self._refused.items()
            if where == root and count >= DENIES_TO_REMEMBER
        )

    def revoke(self, ids: Iterable[str]) -> int:
        """Forget approvals; returns how many there were."""
        chosen = frozenset(ids)
        before = sum(len(index.grants) for index in self._index.values())
        for root, index in list(self._index.items()):
            self._index[root] = GrantIndex(
                grant for grant in index.grants if grant.id not in chosen
            )
        return before - sum(len(index.grants) for index in self._index.values())


@dataclass(eq=False, slots=True)
class ConsentSession:
    """One editor as the gate sees it.

    ``rules`` are replaced when settings change. ``prompts`` is None for an editor that cannot
    ask (a script). ``notify(level, message)`` tells the person something; it never raises.
    """

    id: str
    rules: Rules
    notify: Callable[[str, str], None]
    prompts: PromptQueue | None = None
    runtimepath: tuple[str, ...] = ()
    memory: SessionMemory = field(default_factory=SessionMemory)

    @classmethod
    def of(
        cls,
        session_id: str,
        rules: Rules,
        asker: Asker | None,
        notify: Callable[[str, str], None],
        waiting: Callable[[int], None] = lambda count: None,
    ) -> ConsentSession:
        """Build a session whose prompts go to ``asker``; ``waiting`` hears how many wait."""
        prompts = PromptQueue(asker, changed=waiting) if asker is not None else None
        return cls(session_id, rules, notify, prompts)

    def close(self) -> None:
        """Deny what waits: the editor is gone."""
        if self.prompts is not None:
            self.prompts.gone()


class ConsentDesk:
    """What ``:ZekeConsents`` shows and does, for one shared store."""

    def __init__(self, store: ProjectConsents) -> None:
        self._store = store
        self._changing = asyncio.Lock()

    async def settled(self) -> None:
        """Wait for the changes that were asked for before, so that what is looked at has them."""
        async with self._changing:
            return

    def state(self, session: ConsentSession, root: str) -> dict[str, Any]:
        """Return plain data; every string from outside is escaped.

        ``{root, trust, hash, notice, local_only, waiting: [{prompt, subject, verb, target, risk,
        shown}], session: [grant], project: [grant]}``; a grant is ``{id, op, subject, target,
        created, expires}`` with times in seconds since the epoch (``expires`` may be None).
        """
        memory = self._store.load(root)
        waiting = session.prompts.waiting() if session.prompts is not None else ()
        return {
            "root": escape(root),
            "trust": memory.state,
            "hash": memory.hash,
            "notice": memory.notice,
            "local_only": memory.local_only,
            "waiting": [
                {
                    "prompt": item.id,
                    "subject": item.prompt.subject,
                    "verb": item.prompt.verb,
                    "target": item.prompt.target,
                    "risk": item.prompt.risk,
                    "shown": item.shown,
                }
                for item in waiting
            ],
            "session": [_shown(grant) for grant in session.memory.grants(root).grants],
            "project": [_shown(grant) for grant in memory.listed],
        }

    async def trust(self, root: str, file_hash: str) -> None:
        """Believe the project's file, if it still is the one that was looked at.

        Raises:
            StoreError: with a sentence.
        """
        async with self._changing:
            await in_time(self._store.trust, root, file_hash)

    async def reject(self, root: str, file_hash: str) -> None:
        """Never believe this content. Raises ``StoreError``."""
        async with self._changing:
            await in_time(self._store.reject, root, file_hash)

    async def revoke(self, session: ConsentSession, root: str, ids: Iterable[str]) -> int:
        """Take back grants of the session and the project; returns how many there were.

        Raises:
            StoreError: those of the project could not be taken back.
        """
        chosen = list(ids)
        count = session.memory.revoke(chosen)
        left = [name for name in chosen if not name.startswith("session-")]
        if left:
            async with self._changing:
                count += await in_time(self._store.revoke, root, left)
        return count


async def in_time(
    work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
) -> Result:
    """Run ``work``, which may wait for the disk or a lock, in a thread.

    Raises:
        StoreError: it took too long, or what ``work`` raises.
    """
    try:
        async with asyncio.timeout(STORE_LIMIT_S):
            return await asyncio.to_thread(work, *args, **kwargs)
    except TimeoutError as error:
        raise StoreError("The disk did not answer in time; try again.") from error


def _shown(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.id,
        "op": grant.op.value,
        "subject": shorten(grant.subject, 120),
        "target": shorten(grant.target, 400),
        "created": grant.created,
        "expires": grant.expires,
    }
