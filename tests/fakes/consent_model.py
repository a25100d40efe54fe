"""The reference model of consent: what the specification says, in as few words as possible.

Knows nothing of files, prompts on a screen or tasks; a question is an action and its waiters.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.grant import Rules

ALLOW, DENY, ASK, BUSY = "allow", "deny", "ask", "busy"
SECRET = ".env"
MAX_WAITING, REFUSALS, DAY = 8, 3, 86400


@dataclass
class Question:
    """One waiting question; ``waiters`` are numbers of those who want it."""

    action: Action
    waiters: list[int]
    shown: bool = False


@dataclass
class Model:
    """One person, one editor, one project."""

    now: float
    rules: Rules = field(default_factory=Rules)
    session: set[tuple[Op, str, str]] = field(default_factory=set)
    project: dict[tuple[Op, str, str], float] = field(default_factory=dict)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    waiting: list[Question] = field(default_factory=list)
    prompts: int = 0
    settled: dict[int, str] = field(default_factory=dict)

    def verdict(self, action: Action) -> str:
        """What holds for ``action`` now."""
        key = (action.op, action.subject.key(), action.path)
        if self.refused[family(action)] >= REFUSALS:
            return DENY
        if action.path == SECRET:
            return ASK
        off = not self.rules.enable_consent
        auto = (action.op is Op.READ and self.rules.auto_approve_read) or (
            action.op is Op.WRITE and self.rules.auto_approve_write
        )
        granted = key in self.session or self.project.get(key, 0) > self.now
        return ALLOW if off or auto or granted else ASK

    def ask(self, task: int, action: Action) -> None:
        """``task`` wants ``action``."""
        verdict = self.verdict(action)
        same = [one for one in self.waiting if one.action == action]
        subjects = [one.action.subject for one in self.waiting]
        if verdict != ASK:
            self.settled[task] = verdict
        elif same:
            same[0].waiters.append(task)
        elif subjects.count(action.subject) >= MAX_WAITING:
            self.settled[task] = BUSY
        else:
            self.waiting.append(Question(action, [task]))
        self.turn()

    def turn(self) -> None:
        """Show the first that has to be asked."""
        while self.waiting and not self.waiting[0].shown:
            verdict = self.verdict(self.waiting[0].action)
            if verdict == ASK:
                self.waiting[0].shown = True
                self.prompts += 1
            else:
                self.end(self.waiting[0], verdict)

    def review(self) -> None:
        """What needs no answer any more ends."""
        for question in list(self.waiting):
            if question in self.waiting and self.verdict(question.action) != ASK:
                self.end(question, self.verdict(question.action))
                self.turn()

    def end(self, question: Question, outcome: str) -> None:
        """All who wait for it get ``outcome``."""
        self.waiting.remove(question)
        self.settled |= dict.fromkeys(question.waiters, outcome)

    def answer(self, questions: list[Question], choice: str) -> int:
        """The person answers these; how many that counts for."""
        counted = [one for one in questions if choice in choices(one.action)]
        for question in counted:
            action = question.action
            key = (action.op, action.subject.key(), action.path)
            if choice == "deny":
                self.refused[family(action)] += 1
            elif choice == "session":
                self.session.add(key)
            elif choice == "project":
                self.project[key] = self.now + self.rules.project_grant_days * DAY
            self.end(question, DENY if choice == "deny" else ALLOW)
        self.turn()
        if counted and choice != "once":
            self.review()
        return len(counted)


def family(action: Action) -> tuple[str, str]:
    """What refusals are counted for."""
    return ("read" if action.op is Op.READ else "change", action.path)


def choices(action: Action) -> tuple[str, ...]:
    """What a prompt for it offers."""
    few = ("once", "deny")
    return few if action.path == SECRET else ("once", "session", "project", "deny")
