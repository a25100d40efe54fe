"""Tools, the calls a model wants, and their results, as OpenAI's chat completions write them.

The format is https://platform.openai.com/docs/guides/function-calling: in a stream each delta
adds to one of ``tool_calls``, named by ``index``. Some servers leave ``index`` or ``id`` out, or
send each call whole under index 0; they are understood too: what has a name and another id, or a
name behind arguments that are whole, begins a call. ``extra_content`` is where Google's own
OpenAI dialect has the signature that it wants back. Does not look at what the arguments say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from zeke_bridge.model.exchange import Message, Tool, ToolCall

# A model that never ends its list is not listened to for ever.
_MOST_CALLS = 128
# What begins or ends an object or a text, and what only looks so.
_MARK = re.compile(r"""\\.|["{}]""", re.DOTALL)


def tool_body(tool: Tool) -> dict[str, Any]:
    """One of ``tools`` of a request."""
    inner = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": inner}


def message_body(turn: Message) -> dict[str, Any]:
    """One of ``messages`` of a request."""
    if turn.role == "tool":
        return {"role": "tool", "tool_call_id": turn.call_id, "content": turn.content}
    body: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.calls:
        # Null is what the API itself gives for a turn of calls alone; some refuse an empty text.
        body["content"] = turn.content or None
        body["tool_calls"] = [_call_body(call) for call in turn.calls]
    return body


def _call_body(call: ToolCall) -> dict[str, Any]:
    inner = {"name": call.name, "arguments": call.arguments}
    body: dict[str, Any] = {"id": call.id, "type": "function", "function": inner}
    if call.signature:
        body["extra_content"] = {"google": {"thought_signature": call.signature}}
    return body


class _Ended:
    """Whether the pieces of an object are all of it. Looks at each of them once."""

    def __init__(self) -> None:
        self._seen = 0
        self._depth = 0
        self._began = False
        self._quoted = False
        self._rest = ""
        self._whole: bool | None = None

    def look(self, pieces: Sequence[str]) -> bool:
        """``pieces`` are those of the last time, and maybe more."""
        if self._whole is not False and self._seen < len(pieces):
            more = "".join(pieces[self._seen :])
            self._seen = len(pieces)
            if self._whole:
                self._whole = not more.strip()
            elif self._closes(self._rest + more):
                # What is no object by now never becomes one.
                self._whole = _is_object("".join(pieces))
        return bool(self._whole)

    def _closes(self, text: str) -> bool:
        """Whether nothing is open behind ``text``, and something was."""
        after = 0
        for mark in _MARK.finditer(text):
            after = mark.end()
            if mark[0] == '"':
                self._quoted = not self._quoted
            elif not self._quoted:
                self._depth += {"{": 1, "}": -1}.get(mark[0], 0)
        self._began = self._began or after > 0
        # A backslash may hide what comes with the next piece.
        self._rest = "\\" if text.endswith("\\", after) else ""
        return self._began and not self._quoted and self._depth == 0


@dataclass(slots=True)
class _Growing:
    id: str
    name: str
    arguments: list[str]
    signature: str
    ended: _Ended = field(default_factory=_Ended)

    def repeats(self, given: str, name: str, said: str) -> bool:
        """Whether a row at this one's index, with this id, name and arguments, adds to it."""
        if not name:
            # Some make up an id for every piece.
            return True
        if given and self.id:
            return given == self.id
        # Some say the name with every piece, and others nothing but it of the next call.
        return not (said and self.ended.look(self.arguments))


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


class GrowingCalls:
    """The calls of one streamed answer, put together from its chunks."""

    def __init__(self) -> None:
        self._calls: list[_Growing] = []
        self._by_index: dict[int, int] = {}

    def feed(self, chunk: Mapping[str, Any]) -> None:
        """Take what ``chunk`` adds to the first choice. Total: what is no call is left out."""
        choices = chunk.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else None
        delta = first.get("delta") if isinstance(first, dict) else None
        rows = delta.get("tool_calls") if isinstance(delta, dict) else None
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                self.add(row)

    def calls(self) -> tuple[ToolCall, ...]:
        """All of them, in the order in which they began; one without a name is none."""
        return tuple(
            ToolCall(one.id, one.name, "".join(one.arguments), one.signature)
            for one in self._calls
            if one.name
        )

    def add(self, row: Mapping[str, Any]) -> int | None:
        """Take one of a delta's ``tool_calls``; the place of the call that it adds to.

        That is a new one when no row had this place before. None when there are too many.
        """
        inner = row.get("function")
        inner = inner if isinstance(inner, dict) else {}
        name, said = _text(inner, "name"), _text(inner, "arguments")
        place = self._meant(row.get("index"), _text(row, "id"), name, said)
        if place is None:
            return None
        call = self._calls[place]
        call.name = call.name or name
        call.signature = call.signature or _signature(row)
        if said:
            call.arguments.append(said)
        return place

    def _meant(self, index: Any, given: str, name: str, said: str) -> int | None:
        """Where the call is that a row adds to, which may be a new one."""
        if isinstance(index, int):
            place = self._by_index.get(index)
        else:
            # Without an index a name begins a call, and all else adds to the last one.
            place = len(self._calls) - 1 if self._calls and not name else None
        if place is not None and self._calls[place].repeats(given, name, said):
            self._calls[place].id = self._calls[place].id or given
            return place
        if len(self._calls) >= _MOST_CALLS:
            return None
        self._calls.append(_Growing(given, "", [], ""))
        if isinstance(index, int):
            self._by_index[index] = len(self._calls) - 1
        return len(self._calls) - 1


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""


def _signature(row: Mapping[str, Any]) -> str:
    extra = row.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    return _text(google, "thought_signature") if isinstance(google, dict) else ""
