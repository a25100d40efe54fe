"""A conversation as OpenAI's chat completions write it, in the order that other APIs demand.

Those are stricter than OpenAI: user and assistant take turns, the user begins, every tool call is
answered in the very next turn and nothing else is, no text is blank, and ids are plain. Any list
of messages becomes such a conversation; what does not fit is kept as text. The messages are those
of https://platform.openai.com/docs/api-reference/chat/create. Does not know who it is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from zeke_bridge.core.providers.native import media
from zeke_bridge.core.providers.native.media import Media
from zeke_bridge.model.errors import InputError
from zeke_bridge.wire.messages import order

# What stands where OpenAI allows nothing and the others do not.
NOTHING = "(empty)"
NO_RESULT = "There is no result of this call."
GO_ON = "Go on exactly where your last message ends, and repeat nothing of it."
_LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class Text:
    """Text that is not blank; ``marks`` are the part's fields beside it (``cache_control``)."""

    text: str
    marks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Thought:
    """A block of thinking that the provider gave out, to be given back as it is."""

    block: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call; ``signature`` is what its provider wants back with it; ``marks`` as of text."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    signature: str = ""
    marks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to the call with this ``id``; ``marks`` as of text.

    ``failed`` when there is none, or when the client says so (``is_error``, as Anthropic has it).
    """

    id: str
    parts: tuple[Text | Media, ...]
    name: str = ""
    failed: bool = False
    marks: Mapping[str, Any] = field(default_factory=dict)


Block = Text | Media | Thought | Call | Result


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says at once; never empty. ``signature`` belongs to the assistant's text."""

    assistant: bool
    blocks: tuple[Block, ...]
    signature: str = ""

    @property
    def calls(self) -> tuple[Call, ...]:
        """The tool calls in it."""
        return tuple(block for block in self.blocks if isinstance(block, Call))


@dataclass(frozen=True, slots=True)
class Conversation:
    """``system`` is every system and developer message, wherever it stood.

    ``turns`` begin with the user and alternate; results come first in the turn after their calls.
    The last turn is the assistant's only when an answer is to be continued.
    """

    system: tuple[Text, ...]
    turns: tuple[Turn, ...]

    def closed(self) -> Conversation:
        """The same with the user's turn at its end."""
        if not self.turns[-1].assistant:
            return self
        return replace(self, turns=(*self.turns, Turn(False, (Text(GO_ON),))))


def read(messages: Iterable[Mapping[str, Any]]) -> Conversation:
    """Put ``messages`` in order. Raises ``InputError`` for what nobody could pass on."""
    system: list[Text] = []
    turns: list[Turn] = []
    for message in messages:
        role = message.get("role")
        if role in {"system", "developer"}:
            system += _texts(message.get("content"))
            continue
        if role not in {"user", "assistant", "tool"}:
            raise InputError(
                f"A message has the role {role!r}: use system, developer, user, assistant or tool."
            )
        turn = _turn(str(role), message)
        if not turn.blocks:
            continue
        if turns and turns[-1].assistant == turn.assistant:
            before = turns.pop()
            signature = turn.signature or before.signature
            both = before.blocks + turn.blocks
            turn = Turn(turn.assistant, tuple(sorted(both, key=_place)), signature)
        turns.append(turn)
    if not turns or turns[0].assistant:
        turns.insert(0, Turn(False, (Text(NOTHING),)))
    if turns[-1].calls:
        turns.append(Turn(False, ()))
    return Conversation(tuple(system), tuple(_paired(turns)))


def _turn(role: str, message: Mapping[str, Any]) -> Turn:
    if role == "tool":
        given, parts = str(message.get("tool_call_id") or ""), _parts(message.get("content"))
        failed = message.get("is_error") is True
        return Turn(False, (Result(given, parts, failed=failed, marks=_marks(message)),))
    if role == "user":
        return Turn(False, _parts(message.get("content")))
    fields: dict[str, Sequence[Block | None]] = {
        "thinking_blocks": [
            Thought(block)
            for block in _objects(message.get("thinking_blocks"))
            if block.get("type") in {"thinking", "redacted_thinking"}
        ],
        "content": _each(message.get("content")),
        "refusal": _texts(message.get("refusal")),
        "tool_calls": [_call(call) for call in _objects(message.get("tool_calls"))],
    }
    blocks: list[Block] = order.ordered(fields, message.get(order.NAME))
    return Turn(True, tuple(blocks), _signature(message))


def _parts(content: Any) -> tuple[Text | Media, ...]:
    return tuple(part for part in _each(content) if part is not None)


def _each(content: Any) -> list[Text | Media | None]:
    """The parts of ``content``; None stands for one that is blank."""
    if content is None:
        return []
    if isinstance(content, str):
        return [Text(content) if content.strip() else None]
    if not isinstance(content, list):
        raise InputError("A message's content must be a string or a list of parts.")
    return [_part(one) for one in content]


def _part(part: Any) -> Text | Media | None:
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind == "image_url":
        return replace(media.image(part), marks=_marks(part))
    if kind == "file":
        return replace(media.file(part), marks=_marks(part))
    if kind == "input_audio":
        return media.audio(part)
    if kind not in {"text", "refusal"}:
        raise InputError(f"A message holds a part of the type {kind!r}, which cannot be passed on.")
    text = part.get(str(kind))
    return Text(text, _marks(part)) if isinstance(text, str) and text.strip() else None


def _marks(carrier: Mapping[str, Any]) -> dict[str, Any]:
    """What a provider is told to keep."""
    return {name: carrier[name] for name in ("cache_control",) if carrier.get(name)}


def _texts(content: Any) -> list[Text]:
    """Only the text of ``content``: nobody takes a picture as an instruction."""
    if isinstance(content, str):
        return [Text(content)] if content.strip() else []
    parts = _parts(content) if isinstance(content, list) else ()
    return [part for part in parts if isinstance(part, Text)]


def _call(call: Mapping[str, Any]) -> Call:
    custom = call.get("custom")
    if isinstance(custom, Mapping):
        arguments: Any = {"input": custom.get("input")}
        return Call(str(call.get("id") or ""), str(custom.get("name") or "tool"), arguments)
    function = call.get("function")
    inner: Mapping[str, Any] = function if isinstance(function, Mapping) else {}
    arguments = _arguments(inner.get("arguments"))
    name = str(inner.get("name") or "tool")
    return Call(str(call.get("id") or ""), name, arguments, _signature(call), _marks(call))


def _arguments(raw: Any) -> Mapping[str, Any]:
    """The arguments as an object, whatever a model has made of them."""
    if isinstance(raw, Mapping):
        return raw
    if not isinstance(raw, str) or not raw.strip():
        return {}
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {"arguments": raw}
    return parsed if isinstance(parsed, dict) else {"arguments": parsed}


def _signature(carrier: Mapping[str, Any]) -> str:
    """What stands in ``extra_content.google.thought_signature``, as Google's own dialect has it."""
    extra = carrier.get("extra_content")
    google = extra.get("google") if isinstance(extra, Mapping) else None
    signature = google.get("thought_signature") if isinstance(google, Mapping) else None
    return signature if isinstance(signature, str) else ""


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _paired(turns: Sequence[Turn]) -> Iterable[Turn]:
    """Each turn with plain ids that occur once, and with the results of the calls before it."""
    taken: set[str] = set()
    waiting: list[tuple[str, Call]] = []
    for turn in turns:
        if not turn.assistant:
            yield Turn(False, _answered(waiting, turn.blocks))
            waiting = []
            continue
        waiting = [(call.id, replace(call, id=_plain(call.id, taken))) for call in turn.calls]
        calls = iter(call for _, call in waiting)
        blocks = [next(calls) if isinstance(block, Call) else block for block in turn.blocks]
        yield Turn(True, tuple(blocks), turn.signature)


def _place(block: Block) -> int:
    """Where ``block`` stands among what one side said in several messages: calls at the end."""
    return 0 if isinstance(block, Thought) else 2 if isinstance(block, Call) else 1


def _answered(waiting: list[tuple[str, Call]], blocks: Sequence[Block]) -> tuple[Block, ...]:
    found: list[Result] = [block for block in blocks if isinstance(block, Result)]
    results: list[Block] = []
    for given, call in waiting:
        result = next((one for one in found if one.id == given), None)
        if result is None:
            missing = (Text(NO_RESULT),)
            results.append(Result(call.id, missing, call.name, failed=True))
        else:
            # By identity: two results may be equal, and each answers one call.
            found = [one for one in found if one is not result]
            results.append(replace(result, id=call.id, name=call.name))
    rest: list[Block] = []
    for block in blocks:
        if not isinstance(block, Result):
            rest.append(block)
        elif any(one is block for one in found):
            # A result that nobody waits for.
            said = f"The result of a tool call ({block.id or 'unknown'}):"
            rest += [Text(said), *block.parts]
    return (*results, *rest)


def _plain(given: str, taken: set[str]) -> str:
    base = re.sub(r"[^A-Za-z0-9_-]", "_", given)[:_LONGEST_ID] or "call"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    taken.add(name)
    return name
