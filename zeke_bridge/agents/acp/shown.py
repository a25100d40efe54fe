"""Session updates as they may be shown: nothing unseen in a line of theirs, and not too long.

Titles, names, descriptions, paths, plan entries and raw input are escaped, for they are shown on
one line each. Text of answers, thoughts and results and the two sides of a diff are passed on as
they are: they go into buffers, which show control characters themselves. ``_meta`` and raw output
are not shown. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.warden.escape import escape, shorten

Json = Mapping[str, Any]

_LINE = 300
_RAW = 2_000
_MOST = 200
"""Items of a list."""
MAX_TEXT = 64 * 1024
"""Characters of a result, and of one side of a diff."""
_LABELS = frozenset(
    ["title", "name", "description", "hint", "path", "uri", "mimeType", "lastModified", "group"]
)
_LEFT_OUT = frozenset(["_meta", "rawOutput", "annotations"])


def shown(update: Json) -> dict[str, Any]:
    """Return ``update`` fit to be shown; the ids in it stay as they are."""
    kind = update.get("sessionUpdate")
    made = {key: _value(key, value) for key, value in update.items() if key not in _LEFT_OUT}
    if kind == "plan":
        made["entries"] = [_entry(one) for one in update["entries"][:_MOST]]
    elif kind in ("tool_call", "tool_call_update") and update.get("content"):
        made["content"] = [_result(one) for one in update["content"][:_MOST]]
    return made


def labels(value: Any) -> Any:
    """Modes or options with their names escaped; what is sent back stays as it is."""
    return _value("", value)


def notice(text: str) -> dict[str, Any]:
    """A sentence of ours about the agent, among its updates."""
    return {"sessionUpdate": "_zeke/notice", "text": text}


def _value(key: str, value: Any) -> Any:
    if key == "rawInput":
        return _raw(value)
    if isinstance(value, str):
        return shorten(value, _LINE) if key in _LABELS else value
    if isinstance(value, Mapping):
        return {name: _value(name, inner) for name, inner in value.items() if name not in _LEFT_OUT}
    if isinstance(value, list):
        return [_value(key, one) for one in value[:_MOST]]
    return value


def _raw(value: Any) -> Any:
    if isinstance(value, str):
        return shorten(value, _RAW)
    if isinstance(value, Mapping):
        return {escape(name): _raw(inner) for name, inner in list(value.items())[:_MOST]}
    if isinstance(value, list):
        return [_raw(one) for one in value[:_MOST]]
    return value


def _entry(entry: Json) -> dict[str, Any]:
    return {
        "content": shorten(entry["content"], _LINE),
        "priority": entry["priority"],
        "status": entry["status"],
    }


def _result(item: Json) -> Any:
    """One piece of a tool call's ``content``."""
    made = _value("", item)
    if item["type"] == "diff":
        sides = (item.get("oldText") or "", item["newText"])
        if max(map(len, sides)) > MAX_TEXT:
            text = f"The change of {made['path']} is too long to be shown here."
            return {"type": "content", "content": {"type": "text", "text": text}}
    elif item["type"] == "content" and item["content"]["type"] == "text":
        text = item["content"]["text"]
        if len(text) > MAX_TEXT:
            cut = f"({len(text) - MAX_TEXT} characters left out)\n{text[-MAX_TEXT:]}"
            made["content"]["text"] = cut
    return made
