"""A question of GhostWarden as a permission request of ACP, and its answer as a choice.

Everything that is shown is GhostWarden's own text of ``consent.asked``, escaped there; here it is
made so that no Markdown of a client hides or dresses up a part of it. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from zeke_bridge.acp.markdown import block, code
from zeke_bridge.agents.acp.sdk import RequestError, schema
from zeke_bridge.agents.acp.strict import exact

Json = dict[str, Any]

OURS = "ghostwarden-"
"""What the ids of our own tool calls begin with."""
_KINDS = {
    "read": "read",
    "write": "edit",
    "create": "edit",
    "delete": "delete",
    "rename": "move",
    "run": "execute",
    "connect to": "fetch",
}
# A client with one key for each kind keeps the last of a kind: that has to be the narrower one.
_OPTIONS = (
    ("once", "Allow once", "allow_once"),
    ("project", "Allow for this project", "allow_always"),
    ("session", "Allow for this session", "allow_always"),
    ("deny", "Deny", "reject_once"),
)
_SIGNS = frozenset(" +-@")
# Not of the text: there it is escaped.
_LEFT_OUT = "…"
_CUT = "…("
_ANSWER = TypeAdapter(schema.RequestPermissionResponse)


def name(prompt: str) -> str:
    """The id of the tool call that shows the question ``prompt``."""
    return f"{OURS}{prompt}"


def tool_call(asked: Mapping[str, Any]) -> Json:
    """What shows ``asked`` (the fields of ``consent.asked``) to the person."""
    call: Json = {
        "toolCallId": name(str(asked["prompt"])),
        "title": _title(asked),
        "kind": _KINDS.get(str(asked["verb"]), "other"),
        "status": "pending",
        # There are clients that look at the first piece alone.
        "content": [*_below(asked), _text(_told(asked))],
    }
    if call["kind"] in ("read", "edit", "delete"):
        call["locations"] = [{"path": str(asked["path"])}]
    return call


def options(asked: Mapping[str, Any]) -> list[Json]:
    """The options that the prompt offers, and no other."""
    offered = asked["choices"]
    return [
        {"optionId": choice, "name": label, "kind": kind}
        for choice, label, kind in _OPTIONS
        if choice in offered
    ]


def chosen(answer: Any, asked: Mapping[str, Any]) -> str:
    """The choice that the client's ``answer`` is; whatever is not one of those offered is a no."""
    try:
        found, _ = exact(_ANSWER, answer, more=True)
    except RequestError:
        return "deny"
    outcome = found.outcome
    if not isinstance(outcome, schema.AllowedOutcome):
        return "deny"
    return outcome.option_id if outcome.option_id in asked["choices"] else "deny"


def _title(asked: Mapping[str, Any]) -> str:
    return f"GhostWarden: {asked['verb']} {_target(asked)}{_where(asked)} · Risk: {asked['risk']}"


def _target(asked: Mapping[str, Any]) -> str:
    target, counts = code(str(asked["target"])), ""
    if asked["added"] or asked["removed"]:
        counts = f" (+{asked['added']} −{asked['removed']})"
    return f"{target}{counts}"


def _where(asked: Mapping[str, Any]) -> str:
    """In which project an answer is remembered, where that is not the session's own."""
    project = str(asked["project"])
    return f" in the project {code(project)}" if project else ""


def _told(asked: Mapping[str, Any]) -> str:
    told = [
        f"{code(str(asked['subject']))} wants to {asked['verb']} {_target(asked)}{_where(asked)}",
        f"Risk: {asked['risk']}. {code(str(asked['reason'])) if asked['reason'] else ''}".rstrip(),
    ]
    if asked["note"]:
        told.append(f"Note: {code(str(asked['note']))}")
    return "\n\n".join(told)


def _below(asked: Mapping[str, Any]) -> list[Json]:
    """The change of a file as a diff, if all of it is there; anything else line by line."""
    lines = [str(line) for line in asked["diff"]]
    if not lines:
        return []
    if asked["verb"] in ("write", "create") and all(map(_is_whole, lines)):
        return [_diff(str(asked["path"]), lines, is_new=asked["verb"] == "create")]
    return [_text(_missing(lines) + block("\n".join(lines)))]


def _is_whole(line: str) -> bool:
    return line[:1] in _SIGNS and _CUT not in line


def _missing(lines: Sequence[str]) -> str:
    """What the lines leave out, before them: the end of a long text is easily not looked at."""
    if lines[-1].startswith(_CUT):
        return f"Not all of it is here: {lines[-1].strip('…()')}.\n\n"
    if any(_CUT in line for line in lines):
        return f"Not all of it is here: {code(_CUT)} stands where a line was too long.\n\n"
    return ""


def _diff(path: str, lines: Sequence[str], *, is_new: bool) -> Json:
    """All hunks in one; where lines are left out between them, both sides say so."""
    old: list[str] = []
    new: list[str] = []
    for line in lines:
        if line[0] == "@" and (old or new):
            old.append(_LEFT_OUT)
            new.append(_LEFT_OUT)
        if line[0] in " -":
            old.append(line[1:])
        if line[0] in " +":
            new.append(line[1:])
    before = None if is_new else _joined(old)
    return {"type": "diff", "path": path, "oldText": before, "newText": _joined(new)}


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _text(text: str) -> Json:
    return {"type": "content", "content": {"type": "text", "text": text}}
