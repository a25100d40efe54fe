"""The one choke point: ``ConsentGate.authorize`` turns a wanted action into a permit, or denies.

The gate has the action judged, asks the person where that says so, has it judged again, has the
verdict written down, and only then hands out the permit. It opens no file itself: what it needs
is handed in behind Protocols. Whatever fails on the way is a deny.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from zeke_bridge.broker.consent.disk import in_time
from zeke_bridge.broker.consent.judge import Judge, Judged
from zeke_bridge.broker.consent.matter import ActionMatter, settle
from zeke_bridge.broker.consent.memory import Once, OnceKey
from zeke_bridge.broker.consent.session import ConsentSession
from zeke_bridge.broker.consent.tracking import Tracking
from zeke_bridge.broker.ports import (
    Clock,
    Journal,
    PlacesOf,
    ProjectConsents,
    ReadsCommands,
    Resolver,
)
from zeke_bridge.model.action import ASSISTANT, Action, Op, Subject
from zeke_bridge.model.errors import (
    AuditError,
    BusyError,
    ChangedError,
    ConsentError,
    DeniedError,
    StoreError,
)
from zeke_bridge.model.permit import Handle, Permit
from zeke_bridge.model.target import Places
from zeke_bridge.model.verdict import Choice, Risk, Ruling, Verdict
from zeke_bridge.warden.command import Reading, is_tangled, keep, read_command
from zeke_bridge.warden.escape import shorten
from zeke_bridge.warden.grants import target_text

log = logging.getLogger(__name__)

_MOST_NAME = 200
_MOST_READERS = 2


class ConsentGate:
    """Shared by all editors; what belongs to one of them is in its ``ConsentSession``."""

    def __init__(
        self,
        resolver: Resolver,
        store: ProjectConsents,
        journal: Journal,
        clock: Clock,
        *,
        tracking: Tracking,
        places: PlacesOf = lambda root, runtimepath: Places(),
        read: ReadsCommands = read_command,
    ) -> None:
        """``read`` takes a command apart that is long or tangled; in a thread, and in its time."""
        self._resolver = resolver
        self._store = store
        self._journal = journal
        self._clock = clock
        self._tracking = tracking
        self._read = read
        self._reading = asyncio.Semaphore(_MOST_READERS)
        self._judge = Judge(resolver, store, clock, places)

    async def authorize(
        self, action: Action, session: ConsentSession, *, quiet: bool = False, result: str = ""
    ) -> Permit:
        """Return a permit for ``action``; the caller uses it within a minute or closes it.

        With ``quiet`` nobody is asked: what would need a question is denied. ``result`` says what
        becomes of it where that is known now, because the caller has the text already: it is
        written down together with the verdict, and the permit is used up.

        Raises:
            DeniedError: by the policy or the person, or nobody answered.
            BusyError: too many questions of this subject wait.
            ChangedError: the target moved while the person was being asked.
            AuditError: the verdict could not be written down.
        """
        # Held to the end, so that it is known whenever this is judged.
        reading = await self._read_ahead(action)
        judged, handle = self._looked(action, session, quiet)
        asked = judged.asks
        try:
            if asked:
                judged = await self._ask(action, session, judged)
            return await self._permit(action, judged, handle, result)
        except asyncio.CancelledError:
            self._withdrawn(action, judged)
            raise
        except AuditError:
            raise
        except ConsentError as error:
            await self._refuse(action, judged.denied(_step(error, judged), error.message))
            raise
        except Exception as error:
            log.exception("authorizing failed", extra={"fields": {"op": action.op}})
            reason = f"GhostWarden failed, so it is denied ({type(error).__name__})."
            await self._refuse(action, judged.denied("error", reason))
            raise DeniedError(reason) from error
        finally:
            del reading
            if asked:
                session.neighbours.changed(action.root, session)

    def asks(self, action: Action, session: ConsentSession) -> bool:
        """Say whether a person would be asked about ``action`` now; nothing is written down."""
        judged = self._judge.judge(action, session)
        return judged.asks and _expected(action, judged, session) is None

    def verdict(self, action: Action, session: ConsentSession) -> Verdict:
        """Return what would be said of ``action`` now; nothing is written down."""
        return self._judge.judge(action, session).verdict

    def expect(self, permit: Permit, session: ConsentSession) -> Once | None:
        """Let what was only declared happen once, if a person has just said yes to just that.

        ``permit`` is the one they gave for the declaration. What comes is to be the same to the
        byte; whoever asks for this forgets it when its time is over (``SessionMemory.spend``).
        """
        verdict = permit.verdict
        if (verdict.step, verdict.grant) != ("person", Choice.ONCE.value):
            return None
        key = _once_key(permit.action, target_text(permit.action, permit.facts))
        once = Once(key, permit.facts, verdict.risk)
        session.memory.expect(once)
        return once

    def expects(self, action: Action, session: ConsentSession) -> bool:
        """Say whether something was declared of the target of ``action``, with whatever text."""
        judged = self._judge.judge(action, session)
        return session.memory.expects(_once_key(action, judged.key))

    async def open_names(
        self,
        root: str,
        paths: Sequence[str],
        session: ConsentSession,
        subject: Subject = ASSISTANT,
    ) -> tuple[str, ...]:
        """Those of ``paths`` (from ``root``) that ``subject`` may read without a question now.

        Nothing is written down. A failure is an empty answer.
        """
        try:
            find = self._judge.open_names(root, paths, session, subject)
            return await asyncio.to_thread(find)
        except Exception:
            log.exception("judging names failed")
            return ()

    async def record_shown(
        self, root: str, said: str, session: ConsentSession, subject: Subject = ASSISTANT
    ) -> None:
        """Write down what of a project is shown to the model: ``said`` counts it.

        Raises:
            AuditError: it cannot be written; then none may be shown.
        """
        action = Action(Op.READ, root, subject, path=".")
        verdict = Verdict(Ruling.ALLOW, Risk.LOW, "names", "They may be read.", said)
        await self._write(_line(action, verdict, "verdict"))
        line = {**_line(action, verdict, "result"), "result": "shown to the model"}
        try:
            await self._write(line)
        except AuditError as error:
            session.notify("error", error.message)

    async def record_unmediated(
        self, action: Action, added: int, removed: int, session: ConsentSession
    ) -> None:
        """Write down that somebody says to have done ``action``, and nobody was asked.

        It has happened; a failing audit log is told, not raised.
        """
        found = self._judge.judge(replace(action, op=Op.READ), session)
        target = found.verdict.target or shorten(action.path, _MOST_NAME)
        verdict = Verdict(Ruling.DENY, Risk.HIGH, "unmediated", "Nobody was asked.", target)
        line = _line(action, verdict, "unmediated")
        try:
            await self._write({**line, "verdict": "none", "added": added, "removed": removed})
        except AuditError as error:
            session.notify("error", error.message)
        session.neighbours.changed(action.root, session)

    async def record_result(self, permit: Permit, result: str, session: ConsentSession) -> None:
        """Write down what became of the effect: ``done``, or an error's code.

        The effect has happened; a failing audit log is told, not raised.
        """
        try:
            line = _line(permit.action, permit.verdict, "result")
            await self._write({**line, "result": result})
        except AuditError as error:
            session.notify("error", error.message)
        if permit.verdict.step == "person":
            session.neighbours.changed(permit.action.root, session)

    def local_only(self, root: str) -> bool:
        """Say whether nothing of this project may go to a model outside this machine."""
        return self._store.load(root).local_only

    async def _read_ahead(self, action: Action) -> Reading | None:
        """Have a command read that may take long; as long as that is held, the policy knows it.

        What was not read, for whatever reason, is denied by the policy.
        """
        argv = action.argv
        if action.op is not Op.EXECUTE or not is_tangled(argv):
            return None
        try:
            async with self._reading:
                return keep(argv, await asyncio.to_thread(self._read, argv))
        except Exception:
            log.exception("reading a command failed")
            return None

    def _looked(
        self, action: Action, session: ConsentSession, quiet: bool
    ) -> tuple[Judged, Handle | None]:
        """What is said of ``action`` before anybody is asked; what was expected is used up."""
        judged, handle = self._judge.hold(action, session)
        once = _expected(action, judged, session)
        if once is not None:
            session.memory.spend(once)
            return judged.declared(), handle
        if quiet and judged.asks:
            judged = judged.denied("quiet", judged.unasked())
        return judged, handle

    async def _ask(self, action: Action, session: ConsentSession, first: Judged) -> Judged:
        """Put the question and judge again afterwards.

        Raises:
            BusyError, ChangedError: see ``authorize``.
        """
        host = session.host(action.root)
        if host is None or host.prompts is None:
            return first.denied("no_person", "There is nobody to ask.")
        asking = ActionMatter(
            action, session, first, host=host, judge=self._judge, clock=self._clock
        )
        answered = await host.prompts.ask(asking.prompt(), asking)
        # An equal question may have been there first; then that is what the person saw.
        matter = cast("ActionMatter", answered.matter)
        if not matter.covers_one_more(answered.answer):
            again = self._judge.judge(action, session)
            return await self._ask(action, session, again) if again.asks else again
        second = self._judge.judge(action, session)
        settled = settle(answered.answer, matter.seen, second)
        if answered.answer is Choice.PROJECT and settled.verdict.ruling is Ruling.ALLOW:
            # Of several who wait for one answer, one writes and the others find it written.
            async with matter.writing:
                await self._remember(action, session, host, second.key)
        return settled

    async def _remember(
        self, action: Action, session: ConsentSession, host: ConsentSession, key: str
    ) -> None:
        """Write a project grant; where that cannot be, the session's stands and says so."""
        days, now = session.rules.project_grant_days, self._clock.now()
        root, subject = action.root, action.subject.key()
        project = self._store.load(root)
        known = project.grants.find(action.op, subject, key, now) is not None
        try:
            if not known:
                remember = self._store.remember
                await in_time(remember, root, action.op, subject, key, days=days, now=now)
        except StoreError as error:
            host.notify("warn", f"Allowed for this session only: {error.message}")
            return
        # Else revoking it in the file would leave it standing here.
        session.memory.forget(root, action.op, subject, key)
        if not known:
            session.neighbours.reconsider(root)
            await self._tracking.granted(host, root, new=project.state == "none")

    def _held(self, action: Action, judged: Judged) -> Handle:
        """Hold what a person said yes to.

        Raises:
            ChangedError: it is another thing now.
        """
        facts, handle = self._resolver.hold(action)
        if facts.are_still(judged.facts):
            return handle
        handle.close()
        raise ChangedError("The target changed while consent was being checked.")

    async def _permit(
        self, action: Action, judged: Judged, handle: Handle | None, result: str
    ) -> Permit:
        if judged.verdict.ruling is not Ruling.ALLOW:
            raise DeniedError(judged.verdict.reason)
        if handle is None:
            handle = self._held(action, judged)
        line = _line(action, judged.verdict, "verdict")
        after = ({**line, "kind": "result", "result": result},) if result else ()
        try:
            await self._write(line, *after)
        except BaseException:
            handle.close()
            raise
        permit = Permit(action, judged.facts, judged.verdict, handle, self._clock.now)
        if result:
            permit.close()
        return permit

    async def _refuse(self, action: Action, denied: Judged) -> None:
        """Write a refusal down. It stands even when that fails."""
        try:
            await self._write(_line(action, denied.verdict, "verdict"))
        except AuditError:
            log.exception("a refusal could not be audited")

    def _withdrawn(self, action: Action, judged: Judged) -> None:
        """Write down that whoever wanted it is gone; there is no time left to wait for the log."""
        denied = judged.denied("withdrawn", "Whoever asked for it has gone.")
        with contextlib.suppress(Exception):
            line = _line(action, denied.verdict, "verdict")
            self._journal.append(self._clock.now(), line, limit_s=0)

    async def _write(self, *lines: Mapping[str, Any]) -> None:
        """Write all of ``lines`` or none. Raise ``AuditError``, whatever the reason."""
        now = self._clock.now()
        with contextlib.suppress(Exception):
            # A line takes less than the way to a thread and back. Where one would have to wait
            # for it, a thread does.
            self._journal.append(now, *lines, limit_s=0)
            return
        try:
            await in_time(self._journal.append, now, *lines)
        except AuditError:
            raise
        except Exception as error:
            raise AuditError(
                f"The audit log could not be written, so nothing was allowed: {error}"
            ) from error


def _expected(action: Action, judged: Judged, session: ConsentSession) -> Once | None:
    """What lets ``action`` happen without the question that it would need."""
    if not judged.asks:
        return None
    key = _once_key(action, judged.key)
    return session.memory.expected(key, judged.facts, judged.verdict.risk)


def _once_key(action: Action, target: str) -> OnceKey:
    subject, content, base = action.subject.key(), action.content_sha256, action.base_sha256
    return OnceKey(action.root, subject, action.op, target, content, base)


def _step(error: ConsentError, judged: Judged) -> str:
    """The step that an audit line names for ``error``."""
    if isinstance(error, BusyError):
        return "busy"
    return "changed" if isinstance(error, ChangedError) else judged.verdict.step


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
