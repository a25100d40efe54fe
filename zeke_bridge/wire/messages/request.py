"""From a request of the Messages API to one of OpenAI's chat completions.

Nothing that is asked is lost: what OpenAI's format has no place for stands in fields of its own
(``cache_control``, ``thinking``, ``thinking_blocks``, ``is_error``, pictures in a tool's answer),
as LiteLLM writes them too; ``wire.messages.order`` has one more. Providers with an API of their own
read those; for the others ``wire.messages.plain`` says the same in OpenAI's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from zeke_bridge.model.errors import InputError
from zeke_bridge.wire.messages.order import told
from zeke_bridge.wire.messages.shapes import (
    AssistantTurn,
    Base64Source,
    ContentSource,
    DocumentBlock,
    ImageBlock,
    MessagesRequest,
    NamedChoice,
    RedactedThinkingBlock,
    Said,
    SearchResultBlock,
    SystemTurn,
    TextBlock,
    TextSource,
    ThinkingBlock,
    TokensRequest,
    Tool,
    ToolReferenceBlock,
    ToolResultBlock,
    ToolUseBlock,
    UrlSource,
    UserTurn,
)
from zeke_bridge.wire.openai import json_schema

Body = dict[str, Any]
Shown = TextBlock | ImageBlock | DocumentBlock | SearchResultBlock | ToolReferenceBlock

# Thinking tokens from which on an effort has the next name; the least that Anthropic takes is 1024.
_MEDIUM, _HIGH = 4096, 16_384
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}
# Where an assistant's blocks stand in its message.
_FIELDS = {"text": "content", "tool_use": "tool_calls"}


def chat_body(asked: MessagesRequest) -> Body:
    """The chat request; ``stream``, ``model`` and ``zeke`` are in it too. Raises ``InputError``."""
    body = prompt(asked) | {"max_tokens": asked.max_tokens, "stream": asked.stream}
    optional = {
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "top_k": asked.top_k,
        "stop": asked.stop_sequences or None,
        "user": asked.metadata.user_id if asked.metadata else None,
    }
    return body | {name: value for name, value in optional.items() if value is not None}


def prompt(asked: TokensRequest) -> Body:
    """The part of it that a model reads."""
    messages: list[Body] = []
    if asked.system:
        messages.append({"role": "system", "content": _content(asked.system)})
    for turn in asked.messages:
        messages += _turn(turn)
    body: Body = {"model": asked.model, "messages": messages}
    if asked.zeke is not None:
        body["zeke"] = asked.zeke.model_dump()
    if asked.tools:
        body |= _tools(asked)
    if asked.thinking is not None:
        body["thinking"] = asked.thinking.model_dump(exclude_none=True)
    if effort := _effort(asked):
        body["reasoning_effort"] = effort
    if asked.cache_control:
        body["cache_control"] = asked.cache_control
    form = asked.output_config.format if asked.output_config else None
    if isinstance(asked, MessagesRequest):
        form = form or asked.output_format
    return body | ({"response_format": json_schema("answer", form.schema_)} if form else {})


def thinks(asked: MessagesRequest) -> bool:
    """Whether the client wants to see what the model thinks."""
    return asked.thinking is not None and asked.thinking.type in {"enabled", "adaptive"}


def _effort(asked: TokensRequest) -> str:
    if asked.output_config and asked.output_config.effort:
        return asked.output_config.effort
    thinking = asked.thinking
    if thinking is None or thinking.type != "enabled" or thinking.budget_tokens is None:
        return ""
    if thinking.budget_tokens < _MEDIUM:
        return "low"
    return "medium" if thinking.budget_tokens < _HIGH else "high"


def _tools(asked: TokensRequest) -> Body:
    body: Body = {"tools": [_tool(tool) for tool in asked.tools or ()]}
    choice = asked.tool_choice
    if choice is None:
        return body
    if isinstance(choice, NamedChoice):
        body["tool_choice"] = {"type": "function", "function": {"name": choice.name}}
    else:
        body["tool_choice"] = _CHOICES[choice.type]
    return body | ({"parallel_tool_calls": False} if choice.disable_parallel_tool_use else {})


def _tool(tool: Tool) -> Body:
    function: Body = {"name": tool.name, "parameters": tool.input_schema}
    if tool.description:
        function["description"] = tool.description
    if tool.strict is not None:
        function["strict"] = tool.strict
    return _marked({"type": "function", "function": function}, tool.cache_control)


def _turn(turn: UserTurn | AssistantTurn | SystemTurn) -> list[Body]:
    """Its messages: OpenAI's has one for each tool's answer, right after the calls."""
    if isinstance(turn, AssistantTurn):
        return [_assistant(turn.content)]
    if isinstance(turn, SystemTurn):
        return [{"role": "system", "content": _content(turn.content)}]
    results = [_result(block) for block in turn.content if isinstance(block, ToolResultBlock)]
    rest = [block for block in turn.content if not isinstance(block, ToolResultBlock)]
    if results and not rest:
        return results
    return [*results, {"role": "user", "content": _content(rest)}]


def _assistant(blocks: Sequence[Said]) -> Body:
    thoughts: list[Body] = []
    calls: list[Body] = []
    said: list[TextBlock] = []
    # Without a signature it is another model's, and nobody would take it back.
    kept = [one for one in blocks if not isinstance(one, ThinkingBlock) or one.signature]
    for block in kept:
        if isinstance(block, ThinkingBlock | RedactedThinkingBlock):
            thoughts.append(block.model_dump())
        elif isinstance(block, ToolUseBlock):
            calls.append(_call(block))
        else:
            said.append(block)
    message: Body = {"role": "assistant", "content": _content(said) if said or not calls else None}
    if thoughts:
        message["thinking_blocks"] = thoughts
        message |= told([_FIELDS.get(block.type, "thinking_blocks") for block in kept])
    return message | ({"tool_calls": calls} if calls else {})


def _call(block: ToolUseBlock) -> Body:
    try:
        arguments = orjson.dumps(block.input).decode()
    except TypeError as error:
        raise InputError(f"The input of {block.name[:64]} cannot be written as JSON.") from error
    function = {"name": block.name, "arguments": arguments}
    made = {"id": block.id, "type": "function", "function": function}
    return _marked(made, block.cache_control)


def _result(block: ToolResultBlock) -> Body:
    made: Body = {"role": "tool", "tool_call_id": block.tool_use_id}
    made["content"] = _content(block.content)
    return _marked(made | ({"is_error": True} if block.is_error else {}), block.cache_control)


def _content(blocks: Iterable[Shown]) -> str | list[Body]:
    parts = [part for block in blocks for part in _parts(block)]
    if not parts:
        return ""
    if len(parts) == 1 and set(parts[0]) == {"type", "text"}:
        text: str = parts[0]["text"]
        return text
    return parts


def _parts(block: Shown) -> list[Body]:
    match block:
        case TextBlock():
            return [_marked({"type": "text", "text": block.text}, block.cache_control)]
        case ImageBlock():
            return [_image(block)]
        case DocumentBlock():
            return _document(block)
        case ToolReferenceBlock():
            text = f"The tool {block.tool_name} can be called."
            return [_marked({"type": "text", "text": text}, block.cache_control)]
        case SearchResultBlock():
            found = "\n".join(part.text for part in block.content)
            text = f"{block.title} ({block.source})\n{found}"
            return [_marked({"type": "text", "text": text}, block.cache_control)]


def _image(block: ImageBlock) -> Body:
    url = _address(block.source)
    return _marked({"type": "image_url", "image_url": {"url": url}}, block.cache_control)


def _address(source: Base64Source | UrlSource) -> str:
    if isinstance(source, UrlSource):
        return source.url
    return f"data:{source.media_type};base64,{source.data}"


def _document(block: DocumentBlock) -> list[Body]:
    source, title = block.source, block.title or "document"
    parts: list[Body] = []
    if block.context:
        parts.append({"type": "text", "text": f"{title}: {block.context}"})
    if isinstance(source, ContentSource):
        parts += [part for inner in source.content for part in _parts(inner)]
    elif isinstance(source, TextSource):
        parts.append({"type": "text", "text": f"{title}\n{source.data}"})
    else:
        # An address in this place is OpenRouter's way; others say that they do not take it.
        data = _address(source)
        parts.append({"type": "file", "file": {"filename": title, "file_data": data}})
    if parts and block.cache_control:
        parts[-1] = _marked(parts[-1], block.cache_control)
    return parts


def _marked(made: Body, marks: Body | None) -> Body:
    return {**made, "cache_control": marks} if marks else made
