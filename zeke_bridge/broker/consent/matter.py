"""What a prompt is about: an action, how it was judged when it was shown, and who asks."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from zeke_bridge.broker.consent.judge import Judge, Judged
from zeke_bridge.broker.consent.prompts import Answer, Ending
from zeke_bridge.broker.consent.session import ConsentSession
from zeke_bridge.broker.ports import Clock
from zeke_bridge.model.action import FILE_OPS, Action
from zeke_bridge.model.errors import ChangedError
from zeke_bridge.model.verdict import Choice, Ruling
from zeke_bridge.warden.prompt import Prompt, build_prompt


class ActionMatter:
    """The ``Matter`` of one action. ``host`` is the session whose person is asked."""

    def __init__(
        self,
        action: Action,
        session: ConsentSession,
        first: Judged,
        *,
        host: ConsentSession,
        judge: Judge,
        clock: Clock,
    ) -> None:
        self._action = action
        self._session = session
        self._host = host
        self._judge = judge
        self.seen = first
        """What was found when the prompt that the person sees was made."""
        self.root = action.root
        self.subject = action.subject.key()
        self.since = clock.now()
        self._clock = clock
        self.writing = asyncio.Lock()
        """Held by whoever writes the answer down for good."""
        self._used = False

    def prompt(self) -> Prompt:
        """The question as it stands."""
        guest = self._session is not self._host
        return build_prompt(self._action, self.seen.verdict, guest=guest)

    def turn(self) -> Prompt | None:
        """Judge again; what is found now is what the person sees."""
        judged = self._judge.judge(self._action, self._session)
        if not judged.asks:
            return None
        self.seen = judged
        return self.prompt()

    def stands(self) -> bool:
        """Judge again without touching what the person sees."""
        return self._judge.judge(self._action, self._session).asks

    def covers_one_more(self, answer: Answer) -> bool:
        """Whether one more of those who asked this together may go by ``answer``.

        Each command, call or connection is an effect of its own: a yes to *once* is for one of
        them. A file is bound to the text that it has, so that the second finds it changed.
        """
        if answer is not Choice.ONCE or self._action.op in FILE_OPS:
            return True
        used, self._used = self._used, True
        return not used

    def hear(self, choice: Choice) -> None:
        """Remember an answer before anybody acts on it."""
        action, memory = self._action, self._session.memory
        yes = choice is not Choice.DENY
        memory.hear(action.root, self.subject, action.op, self.seen.key, yes=yes)
        if choice is Choice.DENY:
            # The person who was asked remembers it; a script may come under a new name.
            self._host.memory.refuse(action.root, action.op, self.seen.key)
        elif choice is not Choice.ONCE:
            # A project answer holds for the session at once; the file follows.
            now = self._clock.now()
            memory.allow(action.root, action.op, self.subject, self.seen.key, now)
        if choice is not Choice.ONCE:
            self._session.neighbours.reconsider(action.root)


def settle(answer: Answer, seen: Judged, second: Judged) -> Judged:
    """Put the person's answer, what they saw and the second look together.

    Raises:
        ChangedError: the person said yes to something that is no longer there.
    """
    if answer is Choice.DENY:
        return second.denied("person", "You said no.")
    if answer is Ending.EXPIRED:
        return second.denied("expired", "Nobody answered in time.")
    if answer is Ending.UNSHOWN:
        return second.denied("unshown", "The question could not be shown: see `:Zeke messages`.")
    if answer is Ending.GONE:
        return second.denied("gone", "The editor that was asked is gone.")
    if isinstance(answer, Ending):
        if second.asks:
            return second.denied("error", "The question could not be put.")
        return second
    if second.verdict.step == "error":
        return second
    if not seen.facts.are_still(second.facts):
        raise ChangedError("The target changed since you were asked; please look again.")
    if second.verdict.ruling is Ruling.DENY:
        return second
    if second.verdict.ruling is Ruling.ASK_ONCE and seen.verdict.ruling is Ruling.ASK:
        raise ChangedError("The risk changed since you were asked; please look again.")
    verdict = replace(
        second.verdict,
        ruling=Ruling.ALLOW,
        step="person",
        reason=f"You allowed it ({answer.value}).",
        grant=answer.value,
    )
    return replace(second, verdict=verdict)
