"""What a person is shown before they decide: an action and its verdict as safe text.

Every string is escaped here; whoever draws it needs no care. Our own words (verb, risk, reason)
and the canonical target stand apart from the asker's words (``note``, ``diff``). Does not know
how or where it is drawn.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from zeke_bridge.model.action import FILE_OPS, Action, Op, Subject
from zeke_bridge.model.verdict import Choice, Ruling, Verdict
from zeke_bridge.warden.command import command_lines, command_text
from zeke_bridge.warden.escape import escape, shorten
from zeke_bridge.warden.grants import endpoint
from zeke_bridge.warden.wrap import wrap

MAX_NAME = 60
MAX_TARGET = 400
MAX_COMMAND = 800
MAX_NOTE = 600
# One line always fits: a character is ten bytes at most when it is escaped.
MAX_LINE = 16 * 1024
MAX_LINES = 10_000
MAX_SHOWN = 256 * 1024
"""Bytes of all the lines below."""

_VERBS = {
    Op.READ: "read",
    Op.WRITE: "write",
    Op.CREATE: "create",
    Op.DELETE: "delete",
    Op.RENAME: "rename",
    Op.EXECUTE: "run",
    Op.NETWORK: "connect to",
    Op.MCP: "use the tool",
}
_ALL = (Choice.ONCE, Choice.SESSION, Choice.PROJECT, Choice.DENY)
_ONCE = (Choice.ONCE, Choice.DENY)


class _Command(NamedTuple):
    """What the lines below a command are made of; ``cwd`` is counted from the root."""

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    program: str
    cwd: str

    def lines(self, cwd: str) -> tuple[str, ...]:
        whole = len(command_text(self.argv)) > MAX_COMMAND
        return command_lines(self.argv, self.env, self.program, cwd, whole=whole)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question. ``digest`` binds it to its action; ``choices`` are all that may be answered.

    ``subject`` reads like ``claude (agent)``, ``claude 2 (agent)``; ``session`` is the editor's
    conversation in which ``agent`` asks, empty where there is none, and ``task`` the editor's task
    for which it is asked, where that is known. ``added`` and ``removed`` count lines. ``risk`` is
    ``Low``, ``Medium`` or ``High``. ``diff`` is what stands below: the change of a file, the parts
    of a command, what a URL is made of; where that is not all, its last line says so. All paths
    count from ``root``, the project in which an answer is remembered; ``paths`` are those of files,
    as they are.
    """

    digest: str
    op: str
    subject: str
    verb: str
    target: str
    added: int
    removed: int
    risk: str
    reason: str
    note: str
    diff: tuple[str, ...]
    choices: tuple[Choice, ...]
    session: str = ""
    agent: str = ""
    task: str = ""
    root: str = ""
    paths: tuple[str, ...] = ()
    command: _Command | None = None

    def fields(self, home: str) -> dict[str, Any]:
        """Return what an editor draws, as plain data; every string is escaped already.

        ``home`` is the project of whoever reads it. Of another one, files are named from there or
        from ``/``, and ``project`` says which it is; else that is empty. ``path`` is the file from
        ``/``, or empty.
        """
        project = _place(self.root, home)
        target, diff = self.target, self.diff
        if project and self.paths:
            target = _paths([_from(project, path) for path in self.paths])
        if project and self.command is not None and self.command.cwd:
            diff = self.command.lines(_from(project, self.command.cwd))
        return {
            "root": escape(self.root),
            "project": shorten(project, MAX_TARGET),
            "path": escape(_from(self.root, self.paths[0])) if any(self.paths[:1]) else "",
            "subject": self.subject,
            "verb": self.verb,
            "target": target,
            "added": self.added,
            "removed": self.removed,
            "risk": self.risk,
            "reason": self.reason,
            "note": self.note,
            "diff": list(diff),
            "choices": [choice.value for choice in self.choices],
            "session": self.session,
            "agent": self.agent,
            "task": self.task,
        }


def build_prompt(action: Action, verdict: Verdict, *, guest: bool = False) -> Prompt:
    """Return the question for ``action``, which ``verdict`` (``ask`` or ``ask_once``) calls for.

    ``guest``: it is put in another editor than the asker's, which does not know its sessions and
    tasks.
    """
    session = "" if guest else action.subject.session
    command = _command(action, verdict.target) if action.op is Op.EXECUTE else None
    return Prompt(
        digest=action.digest(),
        op=action.op.value,
        subject=_subject(action.subject, guest),
        verb=_VERBS[action.op],
        target=_target(action, verdict),
        added=action.added,
        removed=action.removed,
        risk=verdict.risk.value.capitalize(),
        reason=verdict.reason,
        note=shorten(action.note, MAX_NOTE),
        diff=command.lines(command.cwd) if command is not None else _below(action),
        choices=_ALL if verdict.ruling is Ruling.ASK else _ONCE,
        session=session,
        agent=shorten(action.subject.id, MAX_NAME) if session else "",
        task="" if guest else escape(action.subject.task),
        root=action.root,
        paths=_files(action, verdict),
        command=command,
    )


def _place(root: str, home: str) -> str:
    """How somebody of the project ``home`` is told of the one at ``root``; empty: it is theirs."""
    if root == home:
        return ""
    above = f"{home.rstrip('/')}/"
    return root.removeprefix(above) if home else root


def _from(place: str, path: str) -> str:
    return place if path == "." else posixpath.join(place, path)


def _files(action: Action, verdict: Verdict) -> tuple[str, ...]:
    if action.op is Op.RENAME:
        return verdict.target, verdict.to
    return (verdict.target,) if action.op in FILE_OPS else ()


def _paths(paths: Sequence[str]) -> str:
    return " → ".join(shorten(path, MAX_TARGET) for path in paths)


def _subject(subject: Subject, guest: bool) -> str:
    number = f" {subject.number}" if subject.number > 1 else ""
    if subject.kind == "assistant":
        return f"zeke{number} (Zeke's assistant)" if number else "Zeke's assistant"
    kind = "agent of another editor" if guest else "agent"
    if subject.kind == "mcp":
        # Who calls us was started by somebody else: how, nobody knows.
        kind = "MCP server" if subject.fingerprint else "MCP client"
    return f"{shorten(subject.id, MAX_NAME)}{number} ({kind})"


def _target(action: Action, verdict: Verdict) -> str:
    if action.op in FILE_OPS:
        return _paths(_files(action, verdict))
    if action.op is Op.EXECUTE:
        return shorten(command_text(action.argv), MAX_COMMAND)
    if action.op is Op.NETWORK and verdict.target:
        # What is connected to, apart from what else stands in the URL.
        return shorten(verdict.target, MAX_TARGET)
    return shorten(action.url or action.tool, MAX_TARGET)


def _below(action: Action) -> tuple[str, ...]:
    """Return our own lines; an asker's ``diff`` could only imitate those of a command."""
    if action.op is Op.NETWORK:
        return _address(action.url)
    return _shown(action.diff, action.unshown)


def _shown(lines: Sequence[str], unshown: int) -> tuple[str, ...]:
    """All ``lines``; where there is no room for them, the last one says how many are not shown.

    No line from outside looks like that one, which begins with ``…`` (see ``escape``).
    """
    shown, room = list[str](), MAX_SHOWN
    for line in lines[:MAX_LINES]:
        text = shorten(line, MAX_LINE)
        room -= len(text.encode()) + 1
        if room < 0:
            break
        shown.append(text)
    if left_out := len(lines) - len(shown) + unshown:
        are = "line is" if left_out == 1 else "lines are"
        shown.append(f"…({left_out} more {are} not shown)…")
    return tuple(shown)


def _command(action: Action, target: str) -> _Command:
    """Return it with program and directory as the target of a grant has them (``target_text``)."""
    try:
        parts = json.loads(target)
        program, cwd = str(parts["program"]), str(parts["cwd"])
    except (ValueError, TypeError, KeyError):
        program, cwd = "", ""
    return _Command(action.argv, tuple(action.env), program, cwd)


def _address(url: str) -> tuple[str, ...]:
    try:
        scheme, host, port = endpoint(url)
    except ValueError:
        return tuple(wrap("address  ", escape(url)))
    known = (f"scheme   {scheme}", f"host     {host}", f"port     {port}")
    return (*known, *wrap("address  ", escape(url)))
