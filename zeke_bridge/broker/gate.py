"""The one choke point: ``ConsentGate.authorize`` turns a wanted action into a permit, or denies.

The gate looks, lets the pure policy judge, asks the person where that says so, looks again, has
the verdict written down, and only then hands out the permit. It opens no file itself: what it
needs is handed in behind the Protocols below. Whatever fails on the way is a deny.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from zeke_bridge.broker.consents import ConsentSession, ProjectConsents, in_time
from zeke_bridge.broker.ports import Clock
from zeke_bridge.broker.prompts import Answer, Ending
from zeke_bridge.model.action import CHANGING_OPS, Action, Op
from zeke_bridge.model.errors import (
    AuditError,
    BusyError,
    ChangedError,
    ConsentError,
    DeniedError,
    StoreError,
)
from zeke_bridge.model.permit import Handle, Permit
from zeke_bridge.model.target import Facts, Places
from zeke_bridge.model.verdict import Choice, Risk, Ruling, Verdict
from zeke_bridge.warden.grants import Denies, Grants, ProjectMemory, target_text
from zeke_bridge.warden.policy import decide
from zeke_bridge.warden.prompt import Prompt, build_prompt
from zeke_bridge.warden.rulebook import compile_rules

log = logging.getLogger(__name__)

_ASKING = (Ruling.ASK, Ruling.ASK_ONCE)
_HASHED_OPS = frozenset({Op.WRITE, Op.CREATE})


class Resolver(Protocol):
    """What the aim of an action really is. Bad paths are facts, not errors."""

    def look(self, action: Action) -> Facts:
        """Return the facts; nothing stays open."""
        ...

    def hold(self, action: Action) -> tuple[Facts, Handle]:
        """Return the facts and an open handle on them, which the caller closes."""
        ...


class Journal(Protocol):
    """The audit log."""

    def append(self, time: float, fields: Mapping[str, Any], *, limit_s: float = 5.0) -> None:
        """Write one line, waiting at most ``limit_s`` for whoever else is writing.

        Raises ``AuditError``; then nothing was written, and nothing may happen.
        """
        ...


PlacesOf = Callable[[str, Sequence[str]], Places]
"""(root, runtimepath) to the places the policy has to know. May do I/O."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """One look at an action."""

    facts: Facts
    verdict: Verdict
    key: str = ""


class ConsentGate:
    """Shared by all editors; what belongs to one of them is in its ``ConsentSession``."""

    def __init__(
        self,
        resolver: Resolver,
        store: ProjectConsents,
        journal: Journal,
        clock: Clock,
        places: PlacesOf = lambda root, runtimepath: Places(),
    ) -> None:
        self._resolver = resolver
        self._store = store
        self._journal = journal
        self._clock = clock
        self._places = places

    async def authorize(self, action: Action, session: ConsentSession) -> Permit:
        """Return a permit for ``action``; the caller uses it within a minute or closes it.

        Raises:
            DeniedError: by the policy or the person, or nobody answered.
            BusyError: too many questions of this subject wait.
            ChangedError: the target moved while the person was being asked.
            AuditError: the verdict could not be written down.
        """
        judged = self._judge(action, session)
        try:
            if judged.verdict.ruling in _ASKING:
                judged = await self._ask(action, session, judged)
        except ConsentError as error:
            step = "busy" if isinstance(error, BusyError) else "changed"
            await self._refuse(action, judged.verdict, step, error)
            raise
        if judged.verdict.ruling is not Ruling.ALLOW:
            refusal = DeniedError(judged.verdict.reason)
            await self._refuse(action, judged.verdict, judged.verdict.step, refusal)
            raise refusal
        return await self._permit(action, judged)

    async def record_result(self, permit: Permit, result: str, session: ConsentSession) -> None:
        """Write down what became of the effect: ``done``, or an error's code.

        The effect has happened; a failing audit log is told, not raised.
        """
        try:
            line = _line(permit.action, permit.verdict, "result")
            await self._write({**line, "result": result})
        except AuditError as error:
            session.notify("error", error.message)

    def local_only(self, root: str) -> bool:
        """Say whether nothing of this project may go to a model outside this machine."""
        return self._store.load(root).local_only

    def _judge(self, action: Action, session: ConsentSession) -> _Judged:
        """Look and decide. Never raises: an exception is a deny."""
        facts = Facts()
        try:
            facts = self._resolver.look(action)
            return self._decide(action, session, facts)
        except Exception as error:
            log.exception("judging failed", extra={"fields": {"op": action.op}})
            reason = f"GhostWarden failed while looking at this ({type(error).__name__})."
            return _Judged(facts, Verdict(Ruling.DENY, Risk.HIGH, "error", reason, ""))

    def _decide(self, action: Action, session: ConsentSession, facts: Facts) -> _Judged:
        if action.op in _HASHED_OPS and len(action.content_sha256) != 64:
            reason = "The action does not say what is to be written."
            return _Judged(facts, Verdict(Ruling.DENY, Risk.HIGH, "malformed", reason, ""))
        project = self._store.load(action.root)
        self._tell(action.root, session, project)
        # What Neovim runs is kept from changes only, and to find it costs a look at each entry.
        runtimepath = session.runtimepath if action.op in CHANGING_OPS else ()
        book = compile_rules(session.rules, self._places(action.root, runtimepath))
        for warning in book.patterns.warnings:
            _notify_once(session, "", "", warning)
        memory = session.memory
        verdict = decide(
            action,
            facts,
            book,
            Grants(memory.grants(action.root), project.grants),
            Denies(memory.denied(action.root), project.denies),
            now=self._clock.now(),
        )
        if verdict.ruling is not Ruling.DENY and _exists(action, facts):
            reason = "There is a file of that name already, and it is not replaced."
            verdict = replace(verdict, ruling=Ruling.DENY, step="exists", reason=reason)
        key = target_text(action, facts) if verdict.ruling is not Ruling.DENY else ""
        return _Judged(facts, verdict, key)

    def _tell(self, root: str, session: ConsentSession, project: ProjectMemory) -> None:
        if project.notice:
            _notify_once(session, root, project.hash, project.notice)

    async def _ask(self, action: Action, session: ConsentSession, first: _Judged) -> _Judged:
        """Put the question and judge again afterwards.

        Raises:
            DeniedError, BusyError, ChangedError: see ``authorize``.
        """
        if session.prompts is None:
            return _denied(first, "no_person", "There is nobody to ask.")

        # What the person sees is what was found when the prompt's turn came.
        seen = first

        def refresh() -> Prompt | None:
            nonlocal seen
            judged = self._judge(action, session)
            if judged.verdict.ruling not in _ASKING:
                return None
            seen = judged
            return build_prompt(action, judged.verdict)

        def heard(choice: Choice) -> None:
            self._hear(action, session, seen, choice)

        prompt = build_prompt(action, first.verdict)
        answer = await session.prompts.ask(prompt, action.subject.key(), refresh, heard)
        second = self._judge(action, session)
        settled = _settle(answer, seen, second)
        if answer is Choice.PROJECT and settled.verdict.ruling is Ruling.ALLOW:
            await self._remember(action, session, second)
        return settled

    def _hear(
        self, action: Action, session: ConsentSession, judged: _Judged, choice: Choice
    ) -> None:
        """Remember an answer before anybody acts on it."""
        subject, memory = action.subject.key(), session.memory
        if choice is Choice.DENY:
            memory.refuse(action.root, action.op, judged.key)
        elif choice is not Choice.ONCE:
            # A project answer holds for the session at once; the file follows.
            memory.allow(action.root, action.op, subject, judged.key, self._clock.now())

    async def _remember(self, action: Action, session: ConsentSession, judged: _Judged) -> None:
        """Write a project grant; where that cannot be, the session's stands and says so."""
        days, now = session.rules.project_grant_days, self._clock.now()
        subject = action.subject.key()
        known = self._store.load(action.root).grants.find(action.op, subject, judged.key, now)
        if known is not None:
            return
        remember = self._store.remember
        try:
            await in_time(remember, action.root, action.op, subject, judged.key, days=days, now=now)
        except StoreError as error:
            session.notify("warn", f"Allowed for this session only: {error.message}")
        else:
            # Else revoking it in the file would leave it standing here.
            session.memory.forget(action.root, action.op, subject, judged.key)

    async def _permit(self, action: Action, judged: _Judged) -> Permit:
        facts, handle = self._resolver.hold(action)
        try:
            if not facts.are_still(judged.facts):
                changed = ChangedError("The target changed while consent was being checked.")
                await self._refuse(action, judged.verdict, "changed", changed)
                raise changed
            await self._write(_line(action, judged.verdict, "verdict"))
        except BaseException:
            handle.close()
            raise
        return Permit(action, facts, judged.verdict, handle, self._clock.now)

    async def _refuse(
        self, action: Action, verdict: Verdict, step: str, error: ConsentError
    ) -> None:
        """Write a refusal down. It stands even when that fails."""
        denied = replace(verdict, ruling=Ruling.DENY, step=step, reason=error.message)
        try:
            await self._write(_line(action, denied, "verdict"))
        except AuditError:
            log.exception("a refusal could not be audited")

    async def _write(self, fields: Mapping[str, Any]) -> None:
        now = self._clock.now()
        with contextlib.suppress(AuditError):
            # A line takes less than the way to a thread and back. Where one would have to wait
            # for it, a thread does.
            self._journal.append(now, fields, limit_s=0)
            return
        try:
            await in_time(self._journal.append, now, fields)
        except StoreError as error:
            raise AuditError("The audit log did not answer, so nothing was allowed.") from error


def _settle(answer: Answer, first: _Judged, second: _Judged) -> _Judged:
    """Put the person's answer and the second look together.

    Raises:
        ChangedError: the person said yes to something that is no longer there.
    """
    if answer is Choice.DENY:
        return _denied(second, "person", "You said no.")
    if answer is Ending.EXPIRED:
        return _denied(second, "expired", "Nobody answered in time.")
    if answer is Ending.GONE:
        return _denied(second, "gone", "The editor that was asked is gone.")
    if second.verdict.ruling is Ruling.DENY:
        return second
    if not first.facts.are_still(second.facts):
        raise ChangedError("The target changed since you were asked; please look again.")
    if answer is Ending.SETTLED and second.verdict.ruling in _ASKING:
        return _denied(second, "error", "The question could not be put.")
    if isinstance(answer, Choice):
        step = "person"
        verdict = replace(
            second.verdict,
            ruling=Ruling.ALLOW,
            step=step,
            reason=f"You allowed it ({answer.value}).",
            grant=answer.value,
        )
        return replace(second, verdict=verdict)
    return second


def _exists(action: Action, facts: Facts) -> bool:
    """Say whether asking would be for nothing: a create that would have to replace a file."""
    target = facts.target
    fresh = action.op is Op.CREATE and not action.base_sha256
    return fresh and target is not None and target.inside and target.kind == "regular"


def _denied(judged: _Judged, step: str, reason: str) -> _Judged:
    verdict = replace(judged.verdict, ruling=Ruling.DENY, step=step, reason=reason)
    return replace(judged, verdict=verdict)


def _notify_once(session: ConsentSession, root: str, file_hash: str, text: str) -> None:
    if (root, file_hash, text) not in session.memory.told:
        session.memory.told.add((root, file_hash, text))
        session.notify("warn", text)


def _line(action: Action, verdict: Verdict, kind: str) -> dict[str, Any]:
    """Return an audit line: no contents, no texts of the asker."""
    target = verdict.target
    if action.op is Op.EXECUTE:
        # Arguments may hold secrets; their hash still tells one command from another.
        hashed = hashlib.sha256(target.encode(errors="surrogatepass")).hexdigest()
        target = f"{action.argv[0] if action.argv else ''} sha256:{hashed}"
    return {
        "kind": kind,
        "digest": action.digest(),
        "op": action.op.value,
        "root": action.root,
        "target": target,
        "to": verdict.to,
        "subject": action.subject.key(),
        "verdict": verdict.ruling.value,
        "step": verdict.step,
        "by": verdict.grant,
        "risk": verdict.risk.value,
    }
