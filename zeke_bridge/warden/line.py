"""One line of ``zeke warden check``: the JSON of an action in, its verdict as one line out.

The format is the product's own and public: an object with ``op`` and what belongs to that
operation (``path``; ``to`` of a rename; ``argv``, ``cwd``, ``env`` of execute; ``url`` of
network; ``tool`` of mcp), and ``subject`` as grants have it. Whatever else comes is refused, not
guessed at. Knows nothing of files, rules or grants.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from zeke_bridge.model.action import ASSISTANT, Action, Op, Subject
from zeke_bridge.model.verdict import Risk, Ruling, Verdict
from zeke_bridge.warden.escape import escape, shorten
from zeke_bridge.warden.strict import StrictError, loads

MAX_LINE = 1024 * 1024
MAX_SUBJECT = 400

_PATH = frozenset({"op", "subject", "path"})
_FIELDS: Mapping[Op, frozenset[str]] = {
    Op.READ: _PATH,
    Op.WRITE: _PATH,
    Op.CREATE: _PATH,
    Op.DELETE: _PATH,
    Op.RENAME: _PATH | {"to"},
    Op.EXECUTE: frozenset({"op", "subject", "argv", "cwd", "env"}),
    Op.NETWORK: frozenset({"op", "subject", "url"}),
    Op.MCP: frozenset({"op", "subject", "tool"}),
}
_OPS = {op.value: op for op in Op}
_encode = json.JSONEncoder().encode


class LineError(ValueError):
    """The line is no action; the message is a sentence."""


def read_action(line: bytes, root: str) -> Action:
    """Return the action that ``line`` (with or without its newline) asks for in ``root``.

    Its texts are as they were sent; whether they can be paths, URLs and so on is for the policy.

    Raises:
        LineError: anything but one JSON object of this format.
    """
    if len(line) > MAX_LINE:
        raise LineError(f"The line is over {MAX_LINE} bytes.")
    if not line.strip():
        raise LineError("The line is empty.")
    try:
        fields = loads(line)
    except StrictError as error:
        raise LineError(f"The line cannot be read: {error}.") from None
    if not isinstance(fields, dict):
        raise LineError("The line is not a JSON object.")
    op = _op(fields.get("op"))
    for name in fields:
        if name not in _FIELDS[op]:
            raise LineError(f"{shorten(name, 40)} does not belong to {op.value}.")
    return Action(
        op=op,
        root=root,
        subject=_subject(fields.get("subject", "assistant")),
        path=_text(fields, "path"),
        to=_text(fields, "to"),
        argv=_argv(fields.get("argv", [])),
        cwd=_text(fields, "cwd"),
        env=_env(fields.get("env", {})),
        url=_text(fields, "url"),
        tool=_text(fields, "tool"),
    )


def judge_line(
    line: bytes, root: str, judge: Callable[[Action], Verdict]
) -> tuple[Action | None, Verdict]:
    """Return the action of ``line`` (None: it is none) and what ``judge`` says of it.

    Never raises for any bytes: what cannot be read is denied by the step ``malformed``.
    """
    try:
        action = read_action(line, root)
    except LineError as error:
        return None, Verdict(Ruling.DENY, Risk.HIGH, "malformed", str(error), "")
    return action, judge(action)


def as_json(action: Action | None, verdict: Verdict) -> str:
    """Write a verdict as one line of ASCII without its newline; ``to`` is there for a rename."""
    fields = {
        "verdict": verdict.ruling.value,
        "risk": verdict.risk.value,
        "step": verdict.step,
        "reason": verdict.reason,
        "target": verdict.target,
    }
    if action is not None and action.op is Op.RENAME:
        fields["to"] = verdict.to
    return _encode(fields)


def as_text(action: Action | None, verdict: Verdict) -> str:
    """Write a verdict as one line for a person: verdict, risk, step, the action, the reason."""
    words = [verdict.ruling.value.ljust(8), verdict.risk.value.ljust(6), verdict.step.ljust(13)]
    if action is not None:
        # Of a malformed action the policy gives no canonical target, but a safe text.
        shown = escape if verdict.step != "malformed" else str
        words.append(f"{action.op.value} {shown(verdict.target)}")
        if action.op is Op.RENAME:
            words.append(f"-> {shown(verdict.to)}")
    return "  ".join([*words, verdict.reason])


def _op(value: object) -> Op:
    op = _OPS.get(value) if isinstance(value, str) else None
    if op is None:
        raise LineError(f"op has to be one of {', '.join(_OPS)}.")
    return op


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise LineError(f"{name} has to be text.")
    return value


def _argv(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise LineError("argv has to be a list of texts.")
    return tuple(value)


def _env(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise LineError("env has to be an object of texts.")
    return tuple(value.items())


def _subject(value: object) -> Subject:
    """``assistant``, ``agent:NAME:FINGERPRINT`` or ``mcp:NAME:FINGERPRINT``.

    ``NAME`` alone is an agent. Without a fingerprint no grant is ever found, for all have one.
    """
    if value == "assistant":
        return ASSISTANT
    if isinstance(value, str) and 0 < len(value) <= MAX_SUBJECT and value.isprintable():
        if ":" not in value:
            return Subject("agent", value)
        kind, _, rest = value.partition(":")
        name, colon, fingerprint = rest.rpartition(":") if ":" in rest else (rest, "", "")
        if name and (fingerprint or not colon):
            if kind == "agent":
                return Subject("agent", name, fingerprint)
            if kind == "mcp":
                return Subject("mcp", name, fingerprint)
    raise LineError("subject has to be assistant, agent:NAME:FINGERPRINT or mcp:NAME:FINGERPRINT.")
