"""The tool calls of a session, put together from their updates: what is said of each by now.

A permission request may say only what is new; the rest is what was said before. An update that says
that an edit is done is where an edit without a permit would be seen. Pure.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zeke_bridge.agents.acp.execution import of_input
from zeke_bridge.agents.acp.places import places
from zeke_bridge.agents.effects import Declared

Json = Mapping[str, Any]

_MOST_CALLS = 500
MOST_KEPT = 64 * 2**20
"""About how many bytes of them; older ones are forgotten, as of too many."""
_MOST_TOLD = 10_000
# Bytes that a value takes at the least.
_VALUE = 64
_MOST_DIFFS = 1000
"""Files of one call: more than are looked at anyway."""
_DIFFS = "_diffs"
"""Beside what ACP has: by path, the lines of every diff that the call ever showed."""
_ENDED = ("completed", "failed")
_SAID = ("title", "kind", "status", "content", "locations", "rawInput")
_CHANGING = frozenset({"edit", "delete", "move"})


@dataclass(frozen=True, slots=True)
class Change:
    """A file that the agent says it has changed, and by how many lines; no path: it does not say.

    The path is as the agent says it.
    """

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
        before = self._known.get(name, {})
        begun = update.get("sessionUpdate") == "tool_call"
        known = _merged({} if begun else before, update)
        # Begun again while it is open, it may have done what it showed.
        if not begun or before.get("status") not in _ENDED:
            known[_DIFFS] = before.get(_DIFFS, {})
        self._keep(name, known, update)

    def shown(self, call: Json) -> None:
        """Take the ``toolCall`` of a permission request: of it, only the diffs are remembered."""
        name = call["toolCallId"]
        if any(one["type"] == "diff" for one in call.get("content") or ()):
            self._keep(name, dict(self._known.get(name, {})), call)

    def _keep(self, name: str, known: dict[str, Any], update: Json) -> None:
        known[_DIFFS] = _with_diffs(known.get(_DIFFS, {}), update)
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
        heard = [(name, said) for name, said in self._known.items() if said.keys() != {_DIFFS}]
        return [name for name, said in heard if said.get("status") in open_]

    def changes(self, update: Json) -> Iterator[Change]:
        """Files whose change is reported as done by ``update``, each said once."""
        call = self._known.get(update["toolCallId"], {})
        if call.get("status") != "completed":
            return
        diffs = call.get(_DIFFS, {}).items()
        found = [Change(path, *lines) for path, counts in diffs for lines in counts]
        if not found and call.get("kind") in _CHANGING:
            named = [one["path"] for one in call.get("locations") or ()]
            paths = list(dict.fromkeys(named)) or places(call.get("rawInput")) or [""]
            found = [Change(path, 0, 0) for path in paths]
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
        argv, cwd = of_input(raw) if kind == "execute" and isinstance(raw, dict) else ((), "")
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


def _merged(known: Json, update: Json) -> dict[str, Any]:
    return {**known, **{key: update[key] for key in _SAID if update.get(key) is not None}}


def _with_diffs(known: Json, update: Json) -> dict[str, Any]:
    """``known`` with the lines of those in ``update``, which are the newest of their files."""
    fresh: dict[str, list[tuple[int, int]]] = {}
    for one in update.get("content") or ():
        if one["type"] == "diff":
            fresh.setdefault(one["path"], []).append(_lines(one))
    found = dict(known)
    for path, lines in fresh.items():
        if path in found or len(found) < _MOST_DIFFS:
            found[path] = lines
    return found


def _lines(diff: Json) -> tuple[int, int]:
    """Lines that are on one side only; that there are some is seen without where they stand."""
    old = Counter((diff.get("oldText") or "").splitlines())
    new = Counter(diff["newText"].splitlines())
    return (new - old).total(), (old - new).total()


def _mark(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
