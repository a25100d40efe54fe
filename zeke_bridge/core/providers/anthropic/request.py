"""From a chat request of OpenAI's to one of Anthropic's Messages API. Pure.

What Anthropic has no word for is left out (``seed``, ``logit_bias``, penalties, ``service_tier``),
unless an answer without it would be a wrong one (``n``, audio): that is an ``InputError``. A
temperature above 1 counts as 1. What was said of JSON goes into the system prompt where the model
cannot be held to it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from zeke_bridge.core.providers.anthropic.generation import Generation, generation
from zeke_bridge.core.providers.anthropic.schema import closed
from zeke_bridge.core.providers.anthropic.thinking import think
from zeke_bridge.core.providers.native import conversation, toolbox, wishes
from zeke_bridge.core.providers.native.conversation import (
    Block,
    Call,
    Conversation,
    Result,
    Text,
    Thought,
)
from zeke_bridge.core.providers.native.media import Media
from zeke_bridge.core.providers.native.toolbox import Tool, Toolbox
from zeke_bridge.core.providers.native.wishes import Wishes
from zeke_bridge.model.errors import InputError

Body = dict[str, Any]

_IMAGES = {"image/jpeg", "image/png", "image/gif", "image/webp"}
_PDF = "application/pdf"
_MOST_STRICT = 20
_NO_ARGUMENTS: Body = {"type": "object", "properties": {}}
_OPAQUE = re.compile(r"[A-Za-z0-9_-]{1,256}")


def request(body: Mapping[str, Any], *, stream: bool = False) -> Body:
    """The body of ``POST /messages``. Raises ``InputError``."""
    wish, tools = wishes.read(body), toolbox.read(body)
    if wish.count > 1:
        raise InputError("Anthropic gives one answer at a time: leave n out, or ask again.")
    model = generation(wish.model)
    talk = conversation.read(body["messages"])
    shape = closed(wish.form.schema) if wish.form and wish.form.schema else None
    told = wish.form if wish.form and not (shape and model.structured) else None
    native: Body = {"model": wish.model}
    thought = think(wish, model, talk, given=body.get("thinking"), stream=stream, tools=tools)
    native |= thought.fields
    if not model.prefills or thought.on or wish.form:
        talk = talk.closed()
    system = [_text(text) for text in talk.system]
    system += [{"type": "text", "text": told.instruction()}] if told else []
    if system:
        native["system"] = system
    native["messages"] = _messages(talk)
    config: Body = {"effort": thought.effort} if thought.effort else {}
    if shape and model.structured:
        config["format"] = {"type": "json_schema", "schema": shape}
    if config:
        native["output_config"] = config
    native |= _tools(tools, talk, model) | _rest(wish, body)
    if not thought.on:
        native |= _sampling(wish, model)
    return native | ({"stream": True} if stream else {})


def _messages(talk: Conversation) -> list[Body]:
    rows = [(turn.assistant, [_block(block) for block in turn.blocks]) for turn in talk.turns]
    assistant, blocks = rows[-1]
    if assistant and blocks[-1]["type"] == "text":
        # A begun answer must not end with blanks.
        blocks[-1]["text"] = blocks[-1]["text"].rstrip()
    return [{"role": "assistant" if by else "user", "content": content} for by, content in rows]


def _block(block: Block) -> Body:
    match block:
        case Text():
            return _text(block)
        case Media():
            return {**_media(block), **block.marks}
        case Thought():
            return dict(block.block)
        case Call():
            used = {"type": "tool_use", "id": block.id, "name": block.name}
            return {**used, "input": dict(block.arguments), **block.marks}
        case Result():
            content = [_block(part) for part in block.parts]
            made: Body = {"type": "tool_result", "tool_use_id": block.id, "content": content}
            return {**made, **({"is_error": True} if block.failed else {}), **block.marks}


def _text(text: Text) -> Body:
    return {"type": "text", "text": text.text, **text.marks}


def _media(media: Media) -> Body:
    if media.url:
        kind = "document" if media.kind == _PDF else "image"
        return {"type": kind, "source": {"type": "url", "url": media.url}}
    source = {"type": "base64", "media_type": media.kind, "data": media.data}
    if media.kind in _IMAGES:
        return {"type": "image", "source": source}
    if media.kind == _PDF:
        return {"type": "document", "source": source}
    raise InputError(f"Anthropic takes JPEG, PNG, GIF, WebP and PDF, but not {media.kind}.")


def _tools(box: Toolbox, talk: Conversation, model: Generation) -> Body:
    spoken = {call.name for turn in talk.turns for call in turn.calls}
    if not box.tools:
        # Without them a conversation that holds calls is refused.
        old = [_tool(Tool(name), strict=False) for name in sorted(spoken)]
        return {"tools": old, "tool_choice": {"type": "none"}} if old else {}
    strict = model.structured and sum(tool.strict for tool in box.tools) <= _MOST_STRICT
    made: Body = {"tools": [_tool(tool, strict=strict) for tool in box.tools]}
    choice: Body = {"type": {"none": "none", "required": "any"}.get(box.mode, "auto")}
    if box.name:
        choice = {"type": "tool", "name": box.name}
    if not box.parallel and box.mode != "none":
        choice["disable_parallel_tool_use"] = True
    return made if choice == {"type": "auto"} else {**made, "tool_choice": choice}


def _tool(tool: Tool, *, strict: bool) -> Body:
    made: Body = {"name": tool.name, **tool.marks}
    if tool.description:
        made["description"] = tool.description
    shape = closed(tool.schema) if tool.schema and tool.strict and strict else None
    if shape is not None:
        return {**made, "input_schema": shape, "strict": True}
    schema = dict(tool.schema or _NO_ARGUMENTS)
    return {**made, "input_schema": {**schema, "type": "object"}}


def _sampling(wish: Wishes, model: Generation) -> Body:
    if not model.samples:
        return {}
    made: Body = {}
    if wish.temperature is not None:
        made["temperature"] = min(wish.temperature, 1)
    # Claude takes one of the two.
    if wish.top_p is not None and (wish.temperature is None or not model.claude):
        made["top_p"] = wish.top_p
    if wish.top_k is not None:
        made["top_k"] = wish.top_k
    return made


def _rest(wish: Wishes, body: Mapping[str, Any]) -> Body:
    made: Body = {}
    if stops := _stops(wish.stop):
        made["stop_sequences"] = stops
    if wish.user:
        made["metadata"] = {"user_id": _opaque(wish.user)}
    if isinstance(body.get("cache_control"), Mapping):
        made["cache_control"] = body["cache_control"]
    return made


def _stops(texts: Sequence[str]) -> list[str]:
    """Those that Anthropic takes: none that is blank."""
    return [text for text in texts if text.strip()]


def _opaque(user: str) -> str:
    """An id that says nothing of a person: Anthropic refuses e-mail addresses."""
    return user if _OPAQUE.fullmatch(user) else hashlib.sha256(user.encode()).hexdigest()
