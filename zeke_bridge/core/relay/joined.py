"""The chunks of any stream as one value for the request log: no text in it is in pieces. Pure.

A key that came in two pieces is found only in the whole. Does not know what the fields mean, but
those that the format has: ``choices`` and ``tool_calls`` have an ``index``, and strings inside a
``delta`` are pieces of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from zeke_bridge.core.providers.base import Body

Place = tuple[str | int, ...]

_DELTA = "delta"
# Said once, or each time anew.
_NAMES = frozenset({"role", "id", "type"})
# The same text again, in pieces.
_PIECES = "logprobs"


def joined(bodies: Iterable[Mapping[str, Any]]) -> Body:
    """All of ``bodies``; what is said twice is what was said last."""
    texts: dict[Place, list[str]] = {}
    values: dict[Place, Any] = {}
    for body in bodies:
        for place, value in _leaves(body, ()):
            if isinstance(value, str) and _DELTA in place and place[-1] not in _NAMES:
                texts.setdefault(place, []).append(value)
            elif value is not None:
                values[place] = value
    values |= {place: "".join(pieces) for place, pieces in texts.items()}
    tree: Body = {}
    for place, value in values.items():
        _put(tree, place, value)
    return {name: _listed(value) for name, value in tree.items()}


def _leaves(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            if name != _PIECES:
                yield from _leaves(inner, (*place, str(name)))
    elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        for number, one in enumerate(value):
            index = one.get("index")
            yield from _leaves(one, (*place, index if isinstance(index, int) else number))
    else:
        yield place, value


def _put(tree: dict[Any, Any], place: Place, value: Any) -> None:
    for name in place[:-1]:
        inner = tree.setdefault(name, {})
        if not isinstance(inner, dict):
            inner = tree[name] = {}
        tree = inner
    if place and not isinstance(tree.get(place[-1]), dict):
        tree[place[-1]] = value


def _listed(value: Any) -> Any:
    """``value`` with lists where the numbers of their items are."""
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(one) for name, one in value.items()}
    if inner and all(isinstance(name, int) for name in inner):
        return [inner[name] for name in sorted(inner)]
    return {str(name): one for name, one in inner.items()}
