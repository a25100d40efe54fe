"""The tool calls of a session, put together from their updates: what is said of each by now.

A permission request may say only what is new; the rest is what was said before. An update that says
that an edit is done is where an edit without a permit would be seen. Pure.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zeke_bridge.agents.effects import Declared

Json = Mapping[str, Any]

_MOST_CALLS = 500
MOST_KEPT = 64 * 2**20
"""About how many bytes of them; older ones are forgotten, as of too many."""
_MOST_TOLD = 10_000
# Bytes that a value takes at the least.
_VALUE = 64
_SAID = ("title", "kind", "status", "content", "locations", "rawInput")
_CHANGING = frozenset({"edit", "delete", "move"})
_WORD = re.compile(r"[A-Za-z0-9_/.+@:-]+")
_WHERE = ("cwd", "workdir", "directory")
# What a command may need besides, and an action made of it would not show.
_BESIDES = ("env", "environment", "stdin", "input")


@dataclass(frozen=True, slots=True)
class Change:
    """A file that the agent says it has changed, and by how many lines."""

    path: str
    added: int
    removed: int


class Calls:
    """The last ones of one session. All values are as ACP's schema has them."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._weights: dict[str, int] = {}
        self._kept = 0
        self._told: set[str] = set()

    def hear(self, update: Json) -> None:
        """Take a ``tool_call`` or ``tool_call_update``."""
        name = update["toolCallId"]
        begun = update.get("sessionUpdate") == "tool_call"
        known = _merged({} if begun else self._known.get(name, {}), update)
        self._known[name] = known
        self._known.move_to_end(name)
        self._kept -= self._weights.get(name, 0)
        self._weights[name] = weight(known)
        self._kept += self._weights[name]
        while len(self._known) > _MOST_CALLS or self._kept > MOST_KEPT:
            oldest, _ = self._known.popitem(last=False)
            self._kept -= self._weights.pop(oldest)

    def running(self) -> list[str]:
        """The ids of those that have not ended, as they were heard of last."""
        open_ = (None, "pending", "in_progress")
        return [name for name, said in self._known.items() if said.get("status") in open_]

    def changes(self, update: Json) -> Iterator[Change]:
        """Files whose change is reported as done by ``update``, each said once."""
        call = self._known.get(update["toolCallId"], {})
        if call.get("status") != "completed":
            return
        diffs = [one for one in call.get("content") or () if one["type"] == "diff"]
        found = [_change(one) for one in diffs]
        if not found and call.get("kind") in _CHANGING:
            found = [Change(one["path"], 0, 0) for one in call.get("locations") or ()]
        for change in found:
            mark = _mark([update["toolCallId"], change.path, change.added, change.removed])
            if mark not in self._told:
                if len(self._told) >= _MOST_TOLD:
                    self._told.clear()
                self._told.add(mark)
                yield change

    def declared(self, call: Json) -> Declared:
        """What the ``toolCall`` of a permission request declares, with what was said before.

        An edit of a path that is not absolute is no edit that could be recognised later: it stays
        in ``raw`` alone.
        """
        said = _merged(self._known.get(call["toolCallId"], {}), call)
        edits = tuple(
            (one["path"], one.get("oldText"), one["newText"])
            for one in said.get("content") or ()
            if one["type"] == "diff" and one["path"].startswith("/")
        )
        kind = said.get("kind") or "other"
        raw = said.get("rawInput")
        argv, cwd = _command(raw) if kind == "execute" and isinstance(raw, dict) else ((), "")
        paths = [one["path"] for one in said.get("locations") or ()]
        return Declared(
            title=said.get("title") or "",
            kind=kind,
            edits=edits,
            argv=argv,
            cwd=cwd,
            paths=tuple(dict.fromkeys([path for path, _, _ in edits] + paths)),
            raw={key: said[key] for key in _SAID if key in said and key != "status"},
        )


def weight(value: Any) -> int:
    """About how many bytes a JSON value takes in memory."""
    if isinstance(value, str):
        return _VALUE + len(value)
    if isinstance(value, Mapping):
        return _VALUE + sum(weight(key) + weight(inner) for key, inner in value.items())
    if isinstance(value, list):
        return _VALUE + sum(map(weight, value))
    return _VALUE


def words(command: str, args: list[str] | None) -> tuple[str, ...]:
    """The argv that a command and its arguments are.

    Without arguments a command that is more than one plain word is meant for a shell.
    """
    if args:
        return (command, *args)
    return (command,) if _WORD.fullmatch(command) else ("sh", "-c", command)


def _command(raw: Json) -> tuple[tuple[str, ...], str]:
    """The argv and directory that ``rawInput`` of an execution names; nothing when it does not.

    A directory from who knows where, variables and input make it another command than those words
    say: that is shown as it is.
    """
    command, args = raw.get("command"), raw.get("args")
    places = [raw[key] for key in _WHERE if raw.get(key)]
    if any(raw.get(key) for key in _BESIDES) or len(places) > 1:
        return (), ""
    cwd = places[0] if places else ""
    if not isinstance(cwd, str) or not (cwd.startswith("/") or not cwd):
        return (), ""
    if isinstance(command, str) and command and (args is None or _is_words(args)):
        return words(command, args), cwd
    if args is None and _is_words(command) and command and command[0]:
        return tuple(command), cwd
    return (), ""


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _merged(known: Json, update: Json) -> dict[str, Any]:
    return {**known, **{key: update[key] for key in _SAID if update.get(key) is not None}}


def _change(diff: Json) -> Change:
    """Lines that are on one side only; that there are some is seen without where they stand."""
    old = Counter((diff.get("oldText") or "").splitlines())
    new = Counter(diff["newText"].splitlines())
    return Change(diff["path"], (new - old).total(), (old - new).total())


def _mark(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
