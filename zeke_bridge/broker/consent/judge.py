"""One look at an action: what it really aims at, and what the policy says of it now.

The rules, grants and refusals of the moment are put together here and handed to the pure policy.
Asks nobody and writes nothing down; a failure on the way is a deny.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from zeke_bridge.broker.consent.session import ConsentSession
from zeke_bridge.broker.ports import Clock, PlacesOf, ProjectConsents, Resolver
from zeke_bridge.model.action import CHANGING_OPS, Action, Op
from zeke_bridge.model.target import Facts
from zeke_bridge.model.verdict import Risk, Ruling, Verdict
from zeke_bridge.warden.escape import shorten
from zeke_bridge.warden.grants import Denies, Grants, target_text
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.rulebook import compile_rules

log = logging.getLogger(__name__)

_HASHED_OPS = frozenset({Op.WRITE, Op.CREATE})


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found and what was decided. ``key``: the target as grants name it."""

    facts: Facts
    verdict: Verdict
    key: str = ""

    @property
    def asks(self) -> bool:
        """Whether a person has to be asked."""
        return self.verdict.ruling in (Ruling.ASK, Ruling.ASK_ONCE)

    def denied(self, step: str, reason: str) -> Judged:
        """The same, refused at ``step`` for ``reason``."""
        verdict = replace(self.verdict, ruling=Ruling.DENY, step=step, reason=reason)
        return replace(self, verdict=verdict)


class Judge:
    """Looks and decides, as often as somebody wants to know."""

    def __init__(
        self, resolver: Resolver, store: ProjectConsents, clock: Clock, places: PlacesOf
    ) -> None:
        self._resolver = resolver
        self._store = store
        self._clock = clock
        self._places = places

    def judge(self, action: Action, session: ConsentSession) -> Judged:
        """Return what holds for ``action`` now. Never raises: an exception is a deny."""
        facts = Facts()
        try:
            facts = self._resolver.look(action)
            return self._decide(action, session, facts)
        except Exception as error:
            log.exception("judging failed", extra={"fields": {"op": action.op}})
            reason = f"GhostWarden failed while looking at this ({type(error).__name__})."
            return Judged(facts, Verdict(Ruling.DENY, Risk.HIGH, "error", reason, ""))

    def _decide(self, action: Action, session: ConsentSession, facts: Facts) -> Judged:
        if action.op in _HASHED_OPS and len(action.content_sha256) != 64:
            reason = "The action does not say what is to be written."
            return Judged(facts, Verdict(Ruling.DENY, Risk.HIGH, "malformed", reason, ""))
        project = self._store.load(action.root)
        if project.notice:
            session.notify_once(action.root, project.hash, project.notice)
        # What Neovim runs is kept from changes only, and to find it costs a look at each entry.
        runtimepath = session.runtimepath if action.op in CHANGING_OPS else ()
        rules = session.rules.asking() if project.doubtful else session.rules
        book = compile_rules(rules, self._places(action.root, runtimepath))
        for warning in book.patterns.warnings:
            session.notify_once("", "", warning)
        verdict = decide(
            action,
            facts,
            book,
            Grants(session.memory.grants(action.root), project.grants),
            Denies(session.denied(action.root), project.denies),
            now=self._clock.now(),
        )
        if verdict.ruling is Ruling.DENY:
            return Judged(facts, verdict)
        judged = Judged(facts, verdict, target_text(action, facts))
        problem = _futile(action, facts)
        return judged.denied(*problem) if problem is not None else judged


def _futile(action: Action, facts: Facts) -> tuple[str, str] | None:
    """Say why asking would be for nothing, as step and reason: the effect cannot happen."""
    target = facts.target
    if action.op is Op.EXECUTE and not facts.program:
        program = shorten(action.argv[0], 80) if action.argv else ""
        return "no_program", f"There is no program {program} on the search path."
    if target is None:
        return None
    replaces = action.op in (Op.DELETE, Op.RENAME) or bool(action.base_sha256)
    if action.op in CHANGING_OPS and replaces and target.kind == "missing":
        return "missing", "The file is not there any more."
    if action.op in (Op.DELETE, Op.RENAME) and len(action.base_sha256) != 64:
        return "malformed", f"The action does not say what text is to be {action.op}d."
    fresh = action.op is Op.CREATE and not action.base_sha256
    taken = fresh and target.inside and target.kind == "regular"
    if taken or (facts.to is not None and facts.to.kind != "missing"):
        return "exists", "There is a file of that name already, and it is not replaced."
    return None
