"""One look at an action: what it really aims at, and what the policy says of it now.

The rules, grants and refusals of the moment are put together here and handed to the pure policy.
Asks nobody and writes nothing down; a failure on the way is a deny.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from zeke_bridge.broker.consent.session import ConsentSession
from zeke_bridge.broker.ports import Clock, PlacesOf, ProjectConsents, Resolver
from zeke_bridge.model.action import CHANGING_OPS, Action, Op, Subject
from zeke_bridge.model.permit import Handle
from zeke_bridge.model.target import Facts, Target
from zeke_bridge.model.verdict import Risk, Ruling, Verdict
from zeke_bridge.warden.escape import shorten
from zeke_bridge.warden.grants import Denies, Grants, target_text
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.rulebook import Rulebook, compile_rules

log = logging.getLogger(__name__)

_HASHED_OPS = frozenset({Op.WRITE, Op.CREATE})
_MAY_CHANGE = CHANGING_OPS | {Op.MCP}
_MOST_LOOKS = 400_000
"""How often a name is held against a deny; what comes after that is not judged."""


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

    def unasked(self) -> str:
        """Why nobody was asked, and what could be done about it."""
        if self.verdict.ruling is Ruling.ASK_ONCE:
            return f"{self.verdict.reason} No question is put while you type, so it stays unread."
        return (
            "The file may not be read without a question, and none is put while you type: "
            "`:ZekeExplain` here asks it, and the session or the project can be the answer."
        )

    def declared(self) -> Judged:
        """The same, allowed because the person has said yes to it before."""
        reason = "You allowed it once, when it was declared."
        verdict = replace(
            self.verdict, ruling=Ruling.ALLOW, step="person", reason=reason, grant="declared"
        )
        return replace(self, verdict=verdict)

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
        judged, handle = self.hold(action, session)
        if handle is not None:
            handle.close()
        return judged

    def hold(self, action: Action, session: ConsentSession) -> tuple[Judged, Handle | None]:
        """Return what ``judge`` does; with an allow, the open handle on the very thing judged.

        The caller closes it. Between the look and the handle nothing can move: they are one.
        """
        facts, handle = Facts(), None
        try:
            facts, handle = self._resolver.hold(action)
            judged = self._decide(action, session, facts)
        except Exception as error:
            log.exception("judging failed", extra={"fields": {"op": action.op}})
            reason = f"GhostWarden failed while looking at this ({type(error).__name__})."
            judged = Judged(facts, Verdict(Ruling.DENY, Risk.HIGH, "error", reason, ""))
        if handle is not None and judged.verdict.ruling is not Ruling.ALLOW:
            handle.close()
            handle = None
        return judged, handle

    def _decide(self, action: Action, session: ConsentSession, facts: Facts) -> Judged:
        if action.op in _HASHED_OPS and len(action.content_sha256) != 64:
            reason = "The action does not say what is to be written."
            return Judged(facts, Verdict(Ruling.DENY, Risk.HIGH, "malformed", reason, ""))
        standing = self._standing(action.root, action.op, session)
        verdict = decide(action, facts, *standing, now=self._clock.now())
        if verdict.ruling is Ruling.DENY:
            return Judged(facts, verdict)
        judged = Judged(facts, verdict, target_text(action, facts))
        problem = _futile(action, facts)
        return judged.denied(*problem) if problem is not None else judged

    def open_names(
        self, root: str, paths: Sequence[str], session: ConsentSession, subject: Subject
    ) -> Callable[[], tuple[str, ...]]:
        """Return what finds those of ``paths`` (from ``root``) that ``subject`` reads unasked.

        By the names alone: no file is looked at. What is returned is pure and may take long, so
        it belongs into a thread.
        """
        book, grants, denies = self._standing(root, Op.READ, session)
        now = self._clock.now()

        def is_open(path: str) -> bool:
            target = Target(path, f"{root.rstrip('/')}/{path}", inside=True, kind="regular")
            action = Action(Op.READ, root, subject, path=path)
            verdict = decide(action, Facts(target), book, grants, denies, now=now)
            return verdict.ruling is Ruling.ALLOW

        judged = paths[: _MOST_LOOKS // (len(denies.project) + 1)]
        return lambda: tuple(filter(is_open, judged))

    def _standing(
        self, root: str, op: Op, session: ConsentSession
    ) -> tuple[Rulebook, Grants, Denies]:
        """What an action by ``op`` is held against now."""
        project = self._store.load(root)
        if project.notice:
            session.notify_once(root, project.hash, project.notice)
        # What Neovim runs is kept from changes only, and to find it costs a look at each entry.
        runtimepath = session.runtimepath if op in _MAY_CHANGE else ()
        rules = session.rules.asking() if project.doubtful else session.rules
        book = compile_rules(rules, self._places(root, runtimepath))
        for warning in book.patterns.warnings:
            session.notify_once("", "", warning)
        grants = Grants(session.memory.grants(root), project.grants)
        return book, grants, Denies(session.denied(root), project.denies)


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
