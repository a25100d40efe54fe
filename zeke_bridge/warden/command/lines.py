"""The lines under a question about a command: what matters first, then each part on its own.

Nothing is left out: what would be too much was denied before. Each line begins with a mark or a
word of ours, so no text from outside can pass for one: ``!`` and what matters, ``·`` when nothing
is known that does, ``…`` where a long line goes on.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from zeke_bridge.warden.command.judge import variable_effects
from zeke_bridge.warden.command.known import known
from zeke_bridge.warden.command.part import Part, ordered
from zeke_bridge.warden.command.word import quoted
from zeke_bridge.warden.escape import escape
from zeke_bridge.warden.wrap import WIDTH, wrap


def command_lines(
    argv: tuple[str, ...],
    env: Sequence[tuple[str, str]],
    program: str,
    cwd: str,
    *,
    whole: bool,
) -> tuple[str, ...]:
    """Return escaped lines about running ``argv``.

    ``program`` and ``cwd`` are canonical and may be empty. ``whole``: the command is not shown in
    full anywhere else.
    """
    reading = known(argv)
    effects = set(reading.effects())
    for name, _ in env:
        effects |= variable_effects(name)
    lines: list[str] = []
    if effects:
        told = "; ".join(ordered(effects))
        lines += textwrap.wrap(told, WIDTH, initial_indent="Look: ", subsequent_indent="  … ")
    if reading.problem or not reading.complete:
        lines.append("Not all of it can be read: judge it by its whole text.")
    if program:
        lines += wrap("runs  ", escape(program))
    if cwd not in ("", "."):
        lines += wrap("in    ", escape(cwd))
    for name, value in env:
        mark = "sets! " if variable_effects(name) else "sets  "
        lines += wrap(mark, escape(f"{name}={quoted(value)}"))
    if len(reading.parts) > 1:
        for part in reading.parts:
            lines += _part(part)
    if whole:
        lines += wrap("whole ", escape(command_text(argv)))
    return tuple(lines)


def command_text(argv: Sequence[str]) -> str:
    """Return ``argv`` as one text, not escaped: one quoted word for each argument."""
    return " ".join(quoted(argument) for argument in argv)


def _part(part: Part) -> list[str]:
    indent = "  " * part.depth
    known = "; ".join(effect.value for effect in part.effects)
    mark = f"{indent}! {known}: " if known else f"{indent}· "
    text = escape(part.text)
    if part.kind == "function":
        text = f"function {text}"
    return wrap(mark, f"| {text}" if part.piped else text, indent)
