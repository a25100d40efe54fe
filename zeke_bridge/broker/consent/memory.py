"""What a person allowed and refused for as long as one editor is connected.

Holds values only; does not judge, and nothing of it reaches a disk.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from zeke_bridge.model.action import Op
from zeke_bridge.model.grant import Grant
from zeke_bridge.model.target import Facts
from zeke_bridge.model.verdict import Risk
from zeke_bridge.warden.grants import GrantIndex, family

DENIES_TO_REMEMBER = 3
GRANT, REFUSAL = "session-", "refused-"
_MOST_ONCE = 64

# One count for all sessions: what several of them remember is listed in one window.
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Refusal:
    """``count`` times the person refused ``op`` (``change``: of any kind) on ``target``."""

    id: str
    op: str
    target: str
    count: int


@dataclass(frozen=True, slots=True)
class OnceKey:
    """One effect, to the byte: ``target`` as grants name it, what is written and over what."""

    root: str
    subject: str
    op: Op
    target: str
    content_sha256: str = ""
    base_sha256: str = ""

    @property
    def place(self) -> tuple[str, str, Op, str]:
        """What a person's no is about, whatever would be written there."""
        return self.root, self.subject, self.op, self.target


@dataclass(frozen=True, slots=True, eq=False)
class Once:
    """An effect that a person has allowed once before it was wanted, as they were shown it."""

    key: OnceKey
    facts: Facts
    risk: Risk


class SessionMemory:
    """The approvals and refusals of one session, by project."""

    def __init__(self) -> None:
        self._once: list[Once] = []
        self._no: set[tuple[str, str, Op, str]] = set()
        """Where the person's last word to a question was no."""
        self._refused: dict[tuple[str, str, str], Refusal] = {}
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
        grant = Grant(f"{GRANT}{next(_numbers)}", "session", op, subject, target, now)
        self._index[root] = GrantIndex((*known.grants, grant))
        return grant

    def hear(self, root: str, subject: str, op: Op, target: str, *, yes: bool) -> None:
        """Note the last word about a target: a no takes back what was expected there."""
        place = (root, subject, op, target)
        if yes:
            self._no.discard(place)
        else:
            self._no.add(place)
            self._once = [once for once in self._once if once.key.place != place]

    def expect(self, once: Once) -> None:
        """Remember that an effect may happen once without another question, unless a no came."""
        if once.key.place in self._no:
            return
        self._once = [*self._once[1 - _MOST_ONCE :], once]

    def expects(self, key: OnceKey) -> bool:
        """Say whether anything of this target is expected, whatever is written there."""
        return any(once.key.place == key.place for once in self._once)

    def expected(self, key: OnceKey, facts: Facts, risk: Risk) -> Once | None:
        """Return what lets exactly this happen, if nothing has moved or become riskier."""
        for once in self._once:
            if once.key == key and once.risk == risk and once.facts.are_still(facts):
                return once
        return None

    def spend(self, *spent: Once) -> None:
        """Forget them: each is used up, or its time is over."""
        self._once = [once for once in self._once if once not in spent]

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
        group = family(op)
        key = (root, group, target)
        known = self._refused.get(key) or Refusal(f"{REFUSAL}{next(_numbers)}", group, target, 0)
        self._refused[key] = Refusal(known.id, group, target, known.count + 1)

    def refusals(self, root: str) -> tuple[Refusal, ...]:
        """Return the refusals that hold for the session, oldest first."""
        return tuple(
            refusal
            for (where, _, _), refusal in self._refused.items()
            if where == root and refusal.count >= DENIES_TO_REMEMBER
        )

    def denied(self, root: str) -> frozenset[tuple[str, str]]:
        """Return the (family, target) pairs that were refused often enough."""
        if not self._refused:
            return frozenset()
        return frozenset((refusal.op, refusal.target) for refusal in self.refusals(root))

    def revoke(self, ids: Iterable[str]) -> int:
        """Forget approvals and refusals; returns how many there were."""
        chosen = frozenset(ids)
        count = 0
        for root, index in list(self._index.items()):
            kept = tuple(grant for grant in index.grants if grant.id not in chosen)
            count += len(index.grants) - len(kept)
            self._index[root] = GrantIndex(kept)
        for key, refusal in list(self._refused.items()):
            if refusal.id in chosen:
                del self._refused[key]
                count += 1
        return count
