"""The command that an agent declares in ``rawInput``, where that says nothing but a command.

ACP leaves ``rawInput`` to the agent. What is asked about, and granted, is the command and where it
runs: so all that is said there has to be that, or to do nothing to it. The keys are those of the
agents that Zeke knows by name. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Json = Mapping[str, Any]

_WORD = re.compile(r"[A-Za-z0-9_/.+@:-]+")
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_COMMAND = frozenset({"command", "args"})
_WHERE = frozenset(
    {"cwd", "workdir", "working_dir", "workingDirectory", "directory", "dir_path", "dir"}
)
# What a shell, or an agent, would put something else for.
_EXPANDS = ("~", "$")


def words(command: str, args: list[str] | None) -> tuple[str, ...]:
    """The argv that a command and its arguments are.

    Without arguments a command that is more than one plain word is meant for a shell.
    """
    if args:
        return (command, *args)
    return (command,) if _WORD.fullmatch(command) else ("sh", "-c", command)


def of_input(raw: Json) -> tuple[tuple[str, ...], str]:
    """The argv and directory that ``rawInput`` names: from ``/``, from the session's, or ``""``.

    Nothing where it says anything besides: that is shown as it is.
    """
    said = {key: value for key, value in raw.items() if not _is_nothing(value)}
    places = {repr(said[key]): said[key] for key in said.keys() & _WHERE}
    others = said.keys() - _COMMAND - _WHERE
    if len(places) > 1 or not all(_does_nothing(key, said[key], said) for key in others):
        return (), ""
    cwd = next(iter(places.values()), "")
    if not isinstance(cwd, str) or cwd.startswith(_EXPANDS):
        return (), ""
    argv = _argv(raw.get("command"), raw.get("args"))
    return (argv, cwd) if argv else ((), "")


def _argv(command: Any, args: Any) -> tuple[str, ...]:
    if isinstance(command, str) and command and (args is None or _is_words(args)):
        return words(command, args)
    if args is None and _is_words(command) and command and command[0]:
        return tuple(command)
    return ()


def _is_nothing(value: Any) -> bool:
    """No value. ``False`` and ``0`` are some: ``sandbox: false`` says a lot."""
    return any(type(value) is type(nothing) and value == nothing for nothing in _NOTHING)


def _does_nothing(key: str, value: Any, said: Json) -> bool:
    """Whether a key beside the command has no part in what the command does."""
    if key.startswith("timeout"):
        return _is_number(value)
    harmless = _HARMLESS.get(key)
    return harmless is not None and harmless(value, said)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _number(value: Any, _: Json) -> bool:
    return _is_number(value)


def _text(value: Any, _: Json) -> bool:
    return isinstance(value, str)


def _switch(value: Any, _: Json) -> bool:
    return isinstance(value, bool)


def _parts(value: Any, said: Json) -> bool:
    """Pieces of the command itself, as Copilot lists them beside it."""
    command = said.get("command")
    return isinstance(command, str) and _is_words(value) and all(one in command for one in value)


_HARMLESS: Mapping[str, Callable[[Any, Json], bool]] = {
    # In words, why: Claude Code, Qwen Code, OpenCode, Copilot.
    "description": _text,
    "explanation": _text,
    "title": _text,
    "reason": _text,
    # Whether, and how long, its end is waited for: Claude Code, Qwen Code, Gemini CLI, Copilot.
    "run_in_background": _switch,
    "is_background": _switch,
    "background": _switch,
    "delay_ms": _number,
    "initial_wait": _number,
    "mode": lambda value, _: value in ("sync", "async"),
    "commands": _parts,
    # Claude Code; the other way it is another command.
    "dangerouslyDisableSandbox": lambda value, _: value is False,
}
