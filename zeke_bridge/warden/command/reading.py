"""One command read as far as it can be: programs within programs, shell text within words.

Works off a list instead of calling itself, and gives up with a sentence where nobody could be
shown all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from zeke_bridge.warden.command.effect import Effect
from zeke_bridge.warden.command.judge import (
    assignment_effects,
    call_effects,
    redirection_effects,
)
from zeke_bridge.warden.command.part import Kind, Part, Reading, ordered
from zeke_bridge.warden.command.shells import shell_script
from zeke_bridge.warden.command.syntax import read_shell
from zeke_bridge.warden.command.word import Call, Word, program_name, quoted, written
from zeke_bridge.warden.command.wrappers import wrapped

MAX_PARTS = 200
MAX_DEPTH = 12
# Texts within texts: each level may undo the quoting of the one above.
MAX_TEXTS = 40


@dataclass(frozen=True, slots=True)
class _Job:
    """A call, a shell text, or a part that is ready; exactly one of them."""

    depth: int
    call: Call | None = None
    wrapped: bool = False
    text: str = ""
    part: Part | None = None


# A question is judged several times before it is answered.
@lru_cache(maxsize=16)
def read_command(argv: tuple[str, ...]) -> Reading:
    """Return the parts of the command ``argv``; never raises for what is in it."""
    if not argv:
        return Reading()
    words = tuple(Word(quoted(argument), argument) for argument in argv)
    return _Reader().read(Call(words))


class _Reader:
    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._programs: dict[str, None] = {}
        self._complete = True
        self._texts = 0

    def read(self, call: Call) -> Reading:
        pending = [_Job(0, call)]
        while pending:
            job = pending.pop()
            if job.depth > MAX_DEPTH or len(self._parts) > MAX_PARTS or self._texts > MAX_TEXTS:
                return Reading(problem="It has too many parts to be shown, so it is not run.")
            if job.part is not None:
                self._parts.append(job.part)
            elif job.call is not None:
                pending.extend(reversed(self._call(job, job.call)))
            else:
                problem, jobs = self._text(job)
                if problem:
                    return Reading(problem=problem)
                pending.extend(reversed(jobs))
        return Reading(tuple(self._parts), tuple(self._programs), self._complete)

    def _call(self, job: _Job, call: Call) -> list[_Job]:
        first = call.words[0]
        if first.sure:
            self._programs[program_name(first)] = None
            self._programs[first.value] = None
        own, effects, jobs = len(call.words), set[Effect](), list[_Job]()
        script = shell_script(call)
        inner = None if script else wrapped(call)
        if script is not None:
            own, effects = script.own, set(script.effects)
            if script.text is not None:
                jobs.append(_Job(job.depth + 1, text=script.text))
        elif inner is not None:
            own = inner.own
            if inner.text is not None:
                effects |= _doubt(inner.text)
                jobs.append(_Job(job.depth + 1, text=inner.text.value))
            jobs += [_Job(job.depth + 1, each, wrapped=True) for each in inner.calls]
        effects |= call_effects(call, own)
        if Effect.UNREAD in effects:
            self._complete = False
        # A wrapper hands its input on; it is shown with the wrapper.
        piped = call.piped and not job.wrapped
        shown = written(call.words[:own])
        self._parts.append(Part(job.depth, "command", shown, ordered(effects), piped))
        return jobs

    def _text(self, job: _Job) -> tuple[str, list[_Job]]:
        self._texts += 1
        shell = read_shell(job.text)
        self._complete = self._complete and shell.complete
        jobs = []
        for item in shell.items:
            depth = job.depth + item.depth
            if item.call is not None:
                jobs.append(_Job(depth, item.call))
            else:
                effects = ordered(_effects(item.kind, item.text))
                jobs.append(_Job(depth, part=Part(depth, item.kind, item.text, effects)))
        return shell.problem, jobs


def _effects(kind: Kind, text: str) -> set[Effect]:
    if kind == "redirection":
        return redirection_effects(text)
    if kind == "assignment":
        return assignment_effects(text)
    return {Effect.REDEFINES} if kind == "function" else set()


def _doubt(word: Word) -> set[Effect]:
    if word.substituted:
        return {Effect.OUTPUT}
    return set() if word.sure else {Effect.DYNAMIC}
