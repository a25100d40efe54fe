"""What a person is shown before they decide: an action and its verdict as safe text.

Every string is escaped here; whoever draws it needs no care. Our own words (verb, risk, reason)
and the canonical target stand apart from the asker's words (``note``, ``diff``). Does not know
how or where it is drawn.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from zeke_bridge.model.action import FILE_OPS, Action, Op, Subject
from zeke_bridge.model.verdict import Choice, Ruling, Verdict
from zeke_bridge.warden.command import command_lines, command_text
from zeke_bridge.warden.escape import escape, shorten, shorten_lines
from zeke_bridge.warden.grants import endpoint
from zeke_bridge.warden.wrap import wrap

MAX_NAME = 60
MAX_TARGET = 400
MAX_COMMAND = 800
MAX_NOTE = 600
MAX_LINE = 400
MAX_LINES = 400

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


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question. ``digest`` binds it to its action; ``choices`` are all that may be answered.

    ``subject`` reads like ``claude (agent)``, ``claude 2 (agent)``; ``session`` is the editor's
    conversation in which ``agent`` asks, empty where there is none. ``added`` and ``removed`` count
    lines. ``risk`` is ``Low``, ``Medium`` or ``High``. ``diff`` is what stands below: the change of
    a file, the parts of a command, what a URL is made of.
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

    def fields(self) -> dict[str, Any]:
        """Return what an editor draws, as plain data; every string is escaped already."""
        return {
            "subject": self.subject,
            "verb": self.verb,
            "target": self.target,
            "added": self.added,
            "removed": self.removed,
            "risk": self.risk,
            "reason": self.reason,
            "note": self.note,
            "diff": list(self.diff),
            "choices": [choice.value for choice in self.choices],
            "session": self.session,
            "agent": self.agent,
        }


def build_prompt(action: Action, verdict: Verdict, *, guest: bool = False) -> Prompt:
    """Return the question for ``action``, which ``verdict`` (``ask`` or ``ask_once``) calls for.

    ``guest``: it is put in another editor than the asker's, which does not know its sessions.
    """
    session = "" if guest else action.subject.session
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
        diff=_below(action, verdict),
        choices=_ALL if verdict.ruling is Ruling.ASK else _ONCE,
        session=session,
        agent=shorten(action.subject.id, MAX_NAME) if session else "",
    )


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
    if action.op is Op.RENAME:
        return f"{shorten(verdict.target, MAX_TARGET)} → {shorten(verdict.to, MAX_TARGET)}"
    if action.op in FILE_OPS:
        return shorten(verdict.target, MAX_TARGET)
    if action.op is Op.EXECUTE:
        return shorten(command_text(action.argv), MAX_COMMAND)
    if action.op is Op.NETWORK and verdict.target:
        # What is connected to, apart from what else stands in the URL.
        return shorten(verdict.target, MAX_TARGET)
    return shorten(action.url or action.tool, MAX_TARGET)


def _below(action: Action, verdict: Verdict) -> tuple[str, ...]:
    """Return our own lines; an asker's ``diff`` could only imitate those of a command."""
    if action.op is Op.EXECUTE:
        program, cwd = _resolved(verdict.target)
        whole = len(command_text(action.argv)) > MAX_COMMAND
        return command_lines(action.argv, action.env, program, cwd, whole=whole)
    if action.op is Op.NETWORK:
        return _address(action.url)
    return shorten_lines(action.diff, MAX_LINES, MAX_LINE)


def _resolved(target: str) -> tuple[str, str]:
    """Return program and directory as the target of a grant has them (``grants.target_text``)."""
    try:
        parts = json.loads(target)
        return str(parts["program"]), str(parts["cwd"])
    except (ValueError, TypeError, KeyError):
        return "", ""


def _address(url: str) -> tuple[str, ...]:
    try:
        scheme, host, port = endpoint(url)
    except ValueError:
        return tuple(wrap("address  ", escape(url)))
    known = (f"scheme   {scheme}", f"host     {host}", f"port     {port}")
    return (*known, *wrap("address  ", escape(url)))
