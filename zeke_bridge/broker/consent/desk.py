"""What ``:ZekeConsents`` shows and does, for all editors over one shared store.

Does not judge actions and answers no prompts. Every string it gives out is escaped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zeke_bridge.broker.consent.disk import in_time
from zeke_bridge.broker.consent.inbox import listed
from zeke_bridge.broker.consent.memory import GRANT, REFUSAL, Refusal
from zeke_bridge.broker.consent.session import ConsentSession
from zeke_bridge.broker.consent.tracking import Tracking
from zeke_bridge.broker.ports import Decisions, ProjectConsents
from zeke_bridge.model.errors import StoreError
from zeke_bridge.model.grant import Grant
from zeke_bridge.warden.escape import escape, shorten
from zeke_bridge.warden.grants import Deny
from zeke_bridge.warden.why import sentence

log = logging.getLogger(__name__)

MAX_DECISIONS = 50
MAX_SUBJECT, MAX_TARGET = 120, 400
_SHORT = ("time", "op", "verdict", "step", "risk", "result")


class ConsentDesk:
    """One for all editors."""

    def __init__(self, store: ProjectConsents, decisions: Decisions, tracking: Tracking) -> None:
        self._store = store
        self._decisions = decisions
        self._tracking = tracking
        self._changing = asyncio.Lock()

    def brief(self, root: str) -> dict[str, str]:
        """Return what an editor is greeted with: ``root``, ``consents`` (trust) and ``notice``."""
        memory = self._store.load(root)
        return {"root": escape(root), "consents": memory.state, "notice": memory.notice}

    async def state(
        self, session: ConsentSession, root: str, others: Sequence[ConsentSession] = ()
    ) -> dict[str, Any]:
        """Return all that is known of consent in the project at ``root``, as plain data.

        ``waiting`` has the questions of this editor and of others about this project (see
        ``broker.inbox``), ``session`` and ``project`` the grants (``{id, op, subject, target,
        created, expires}``, seconds since the epoch), ``refused`` what the person has refused for
        the session, ``denies`` what the project's file forbids, ``decisions`` the last verdicts,
        newest first.
        """
        # What was asked for before has to be seen by whoever looks now.
        async with self._changing:
            pass
        git, decisions = await asyncio.gather(self._tracking.of(root), self._decided(root))
        memory = self._store.load(root)
        remembering = (session, *_guests(others))
        return {
            "root": escape(root),
            "trust": memory.state,
            "hash": memory.hash,
            "notice": memory.notice,
            "local_only": memory.local_only,
            "rejected": memory.rejected,
            "git": git,
            "waiting": listed(session, others, root),
            "session": [
                _grant(one) for who in remembering for one in who.memory.grants(root).grants
            ],
            "project": [_grant(one) for one in memory.listed],
            "refused": [_refusal(one) for one in session.memory.refusals(root)],
            "denies": [_deny(one) for one in memory.denies],
            "decisions": decisions,
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

    async def exclude(self, session: ConsentSession, root: str) -> None:
        """Keep the project's file out of git. Raises ``StoreError``."""
        async with self._changing:
            await self._tracking.exclude(session, root)

    async def revoke(
        self,
        session: ConsentSession,
        root: str,
        ids: Iterable[str],
        others: Sequence[ConsentSession] = (),
    ) -> int:
        """Take back grants and refusals that ``state`` lists; returns how many there were.

        Raises:
            StoreError: those of the project could not be taken back.
        """
        chosen = list(ids)
        count = sum(who.memory.revoke(chosen) for who in (session, *_guests(others)))
        # Whoever wrote the project's file may have called a grant as ours are called.
        listed_there = {grant.id for grant in self._store.load(root).listed}
        left = [
            name for name in chosen if name in listed_there or not name.startswith((GRANT, REFUSAL))
        ]
        if left:
            async with self._changing:
                count += await in_time(self._store.revoke, root, left)
        return count

    async def _decided(self, root: str) -> list[dict[str, str]]:
        try:
            found = await in_time(self._decisions.recent, root, MAX_DECISIONS)
        except StoreError as error:
            log.warning("the audit log was not read", extra={"fields": {"reason": error.message}})
            return []
        return [_decision(line) for line in found[:MAX_DECISIONS]]


def _decision(line: Mapping[str, Any]) -> dict[str, str]:
    def text(name: str, limit: int) -> str:
        return shorten(str(line.get(name) or ""), limit)

    why = sentence(*(str(line.get(name) or "") for name in ("verdict", "step", "by")))
    return {
        **{name: text(name, 40) for name in _SHORT},
        "target": text("target", MAX_TARGET),
        "to": text("to", MAX_TARGET),
        "subject": text("subject", MAX_SUBJECT),
        "by": text("by", MAX_SUBJECT),
        "why": shorten(why, MAX_TARGET),
    }


def _guests(others: Iterable[ConsentSession]) -> list[ConsentSession]:
    """Those who cannot ask; what was granted to them is shown where their person sits."""
    return [other for other in others if other.prompts is None]


def _grant(grant: Grant) -> dict[str, Any]:
    return {
        "id": shorten(grant.id, 80),
        "op": grant.op.value,
        "subject": shorten(grant.subject, MAX_SUBJECT),
        "target": shorten(grant.target, MAX_TARGET),
        "created": grant.created,
        "expires": grant.expires,
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "id": refusal.id,
        "op": refusal.op,
        "target": shorten(refusal.target, MAX_TARGET),
        "count": refusal.count,
    }


def _deny(deny: Deny) -> dict[str, str]:
    return {"op": deny.op.value, "pattern": shorten(deny.pattern.text, MAX_TARGET)}
