"""What a JSON-RPC message that cannot be read seems to be: for whoever waits, never to act on it.

Looks at the edges of its line only, at the members of the outermost object that show there. Linear
in their length. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from zeke_bridge.agents.lines import Edges

_MOST_ID = 200
_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[:,\[\]{}]|[^\s":,\[\]{}]++', re.DOTALL)
_INT = re.compile(rb"-?(?:0|[1-9][0-9]{0,18})")
# Read from its end: a value without parts, a colon, a name, and what stands before a name.
_BACKWARDS = re.compile(
    rb'\s*+("[^"\\]*+"|[^\s":,\[\]{}\\]++)\s*+:\s*+("[^"\\]*+")\s*+([,{])', re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Guess:
    """``id`` is None where there is none to be sure of; it may be neither of the others."""

    id: int | str | None = None
    request: bool = False
    """Or a notification."""
    answer: bool = False


def guess(edges: Edges) -> Guess:
    """What a line with these edges seems to be; of more than one id there is none."""
    if not edges.first.startswith(b"{"):
        return Guess()
    members = [*_first(edges.first), *_last(edges.last)]
    names = {name for name, _ in members}
    ids = {value for name, value in members if name == b'"id"'}
    request = b'"method"' in names
    answer = not request and not names.isdisjoint((b'"result"', b'"error"'))
    return Guess(_id(ids.pop()) if len(ids) == 1 else None, request, answer)


def _first(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The names and values of an object whose text begins so; of a long value its first token."""
    tokens = _TOKEN.findall(text)
    depth = 0
    # The last one may be cut off, and is no value.
    for at, token in enumerate(tokens[:-2]):
        depth += (token in b"{[") - (token in b"}]")
        if depth == 0:
            return
        if token == b":" and depth == 1:
            yield tokens[at - 1], tokens[at + 1]


def _last(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The names and values at the end of an object whose text ends so, up to one with parts."""
    back = text[::-1]
    at = 1 if back.startswith(b"}") else len(back)
    while found := _BACKWARDS.match(back, at):
        yield found[2][::-1], found[1][::-1]
        if found[3] == b"{":
            return
        at = found.end()


def _id(token: bytes) -> int | str | None:
    if _INT.fullmatch(token):
        number = int(token)
        return number if _INT_MIN <= number <= _INT_MAX else None
    if not token.startswith(b'"') or len(token) > _MOST_ID:
        return None
    try:
        text = json.loads(token)
        # Half a surrogate is a name that nobody else can say.
        text.encode()
    except ValueError:
        return None
    return str(text)
