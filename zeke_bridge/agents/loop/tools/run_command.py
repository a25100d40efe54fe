"""``run_command``: a program of the person's machine, run and waited for."""

from __future__ import annotations

import re
import shlex

import anyio

from zeke_bridge.agents.effects import Command, Program
from zeke_bridge.agents.loop.cut import cut
from zeke_bridge.agents.loop.place import plain
from zeke_bridge.agents.loop.title import title
from zeke_bridge.agents.loop.tool import Arguments, Bench, Look, Outcome, Tell, Tool, schema, text
from zeke_bridge.model.ended import Ended
from zeke_bridge.model.errors import InputError

# What only a shell understands: then one is asked for, and no rule allows it unseen.
_SHELL = re.compile(r"[|&;<>()$`*?\[\]{}~!#\n]|^\s*\w+=")
_RELEASE_S = 5.0
# The model waits for it, and a turn with it; what is meant to go on is no tool call.
_MOST_MINUTES = 10


def _argv(given: Arguments) -> tuple[str, ...]:
    """The words of the program. Raises ``InputError``."""
    argv, line = given.get("argv"), given.get("command")
    if (argv is None) == (line is None):
        raise InputError("Give either argv or command.")
    if argv is not None:
        return tuple(argv)
    line = str(line)
    if _SHELL.search(line):
        return ("sh", "-c", line)
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise InputError(f"The command cannot be read ({error}): close its quotes.") from error
    if not words:
        raise InputError("The command is empty.")
    return tuple(words)


def _look(given: Arguments, bench: Bench) -> Look:
    line = given.get("command") or shlex.join(given.get("argv") or ())
    said = title("Run", line)
    where = plain(given.get("cwd", ""), bench.root)
    return Look(title(f"{said} in", where) if where else said)


async def _act(given: Arguments, bench: Bench, tell: Tell) -> Outcome:
    where = plain(given.get("cwd", ""), bench.root)
    program = await bench.effects.start(Command(_argv(given), where, seconds=_MOST_MINUTES * 60.0))
    try:
        tell({"content": [{"type": "terminal", "terminalId": program.id}]})
        ended = await program.wait()
        return _told(program, ended, bench.most)
    finally:
        # Stopped in the middle, the program ends too.
        with anyio.move_on_after(_RELEASE_S, shield=True):
            await program.release()


def _told(program: Program, ended: Ended, most: int) -> Outcome:
    printed = program.output()
    how = f"It ended with code {ended.code}."
    if ended.timed_out:
        how = f"It was ended after {_MOST_MINUTES} minutes: nothing here may take longer."
    elif ended.signal is not None:
        how = f"It was ended by {ended.signal}."
    start = " The start of its output is left out." if printed.truncated else ""
    output = cut(printed.text.rstrip("\n"), most)
    what = f"Its output:\n{output}" if output else "It printed nothing."
    raw = {"exitCode": ended.code, "signal": ended.signal}
    return Outcome(f"{how}{start} {what}", ended.code != 0, {"rawOutput": raw})


RUN_COMMAND = Tool(
    "run_command",
    "Run a program in the project and wait for its end, ten minutes at most; you get its output. "
    "It reads no input. "
    "Give argv (the program and its arguments, no shell), or command, one line that is given to "
    "a shell only when it needs one. The person is asked first, unless they allowed it before.",
    "execute",
    schema(
        argv={"type": "array", "items": {"type": "string"}, "minItems": 1},
        command=text("A command line.", minLength=1),
        cwd=text("A directory, from the project's root; left out: the root."),
    ),
    _look,
    act=_act,
)
