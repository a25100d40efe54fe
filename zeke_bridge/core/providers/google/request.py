"""From a chat request of OpenAI's to one of Google's ``generateContent``. Pure.

What Gemini has no word for is left out (``logit_bias``, ``user``, ``parallel_tool_calls``), unless
an answer without it would be a wrong one. What was said of JSON goes into the system instruction
where the model cannot be held to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.core.providers.google.generation import Generation, generation
from zeke_bridge.core.providers.google.schema import plain
from zeke_bridge.core.providers.native import conversation, toolbox, wishes
from zeke_bridge.core.providers.native.conversation import Call, Conversation, Result, Text, Turn
from zeke_bridge.core.providers.native.media import Media
from zeke_bridge.core.providers.native.toolbox import Tool, Toolbox
from zeke_bridge.core.providers.native.wishes import Form, Wishes

Body = dict[str, Any]

# What Google says to send for calls whose signature is lost, or that another model made.
_NO_SIGNATURE = "skip_thought_signature_validator"
_MOST_STOPS = 5
_SEEDS = range(-(2**31), 2**31)
_LEVELS = {"minimal": "low", "low": "low", "medium": "medium"}
_BUDGETS = {"minimal": 1024, "low": 1024, "medium": 8192}
_LARGEST = 24_576
_LEAST_OF_PRO = 128


def request(body: Mapping[str, Any]) -> Body:
    """The body of ``generateContent`` and ``streamGenerateContent``. Raises ``InputError``."""
    wish, tools = wishes.read(body), toolbox.read(body)
    model = generation(wish.model)
    talk = conversation.read(body["messages"]).closed()
    form = wish.form
    # Gemini refuses a form beside a tool that must be called; the call is what counts then.
    held = form is not None and not tools.forced and (model.combines or not tools.tools)
    system = [{"text": text.text} for text in talk.system]
    if form is not None and not held and not tools.forced:
        system.append({"text": form.instruction()})
    contents = _contents(talk, model)
    native: Body = {}
    if system and model.instructed:
        native["systemInstruction"] = {"parts": system}
    elif system:
        contents[0]["parts"] = system + contents[0]["parts"]
    native["contents"] = contents
    native |= _tools(tools)
    settings = _settings(wish, model) | (_form(form) if form is not None and held else {})
    if settings:
        native["generationConfig"] = settings
    return native


def _contents(talk: Conversation, model: Generation) -> list[Body]:
    return [
        {"role": "model" if turn.assistant else "user", "parts": _parts(turn, model)}
        for turn in talk.turns
    ]


def _parts(turn: Turn, model: Generation) -> list[Body]:
    parts: list[Body] = []
    # Only the first of several calls has a signature.
    missing = _NO_SIGNATURE if model.levels else ""
    for block in turn.blocks:
        match block:
            case Text():
                parts.append({"text": block.text})
            case Media():
                parts.append(_media(block))
            case Call():
                parts.append(_signed(_call(block), block.signature or missing))
                missing = ""
            case Result():
                parts += _result(block, model)
    if turn.signature:
        said = next((part for part in reversed(parts) if "text" in part), None)
        if said is not None:
            said["thoughtSignature"] = turn.signature
    # A turn of nothing but another provider's thoughts.
    return parts or [{"text": conversation.NOTHING}]


def _media(media: Media) -> Body:
    if media.url:
        kind = {"mimeType": media.kind} if media.kind else {}
        return {"fileData": {**kind, "fileUri": media.url}}
    return {"inlineData": {"mimeType": media.kind, "data": media.data}}


def _call(call: Call) -> Body:
    return {"functionCall": {"id": call.id, "name": call.name, "args": dict(call.arguments)}}


def _signed(part: Body, signature: str) -> Body:
    return {**part, "thoughtSignature": signature} if signature else part


def _result(result: Result, model: Generation) -> list[Body]:
    text = "\n".join(part.text for part in result.parts if isinstance(part, Text))
    told = {"error" if result.failed else "output": text}
    made: Body = {"id": result.id, "name": result.name, "response": told}
    seen = [_media(part) for part in result.parts if isinstance(part, Media)]
    inline = [part for part in seen if "inlineData" in part] if model.combines else []
    if inline:
        made["parts"] = inline
    return [{"functionResponse": made}, *(part for part in seen if part not in inline)]


def _tools(box: Toolbox) -> Body:
    if not box.tools:
        return {}
    made: Body = {"tools": [{"functionDeclarations": [_tool(tool) for tool in box.tools]}]}
    if not box.mode:
        return made
    config: Body = {"mode": {"none": "NONE", "required": "ANY"}.get(box.mode, "AUTO")}
    if box.name:
        config["allowedFunctionNames"] = [box.name]
    return {**made, "toolConfig": {"functionCallingConfig": config}}


def _tool(tool: Tool) -> Body:
    made: Body = {"name": tool.name, "description": tool.description}
    return made | ({"parametersJsonSchema": plain(tool.schema)} if tool.schema else {})


def _settings(wish: Wishes, model: Generation) -> Body:
    made: Body = {
        "maxOutputTokens": wish.max_tokens,
        "temperature": wish.temperature,
        "topP": wish.top_p,
        "topK": wish.top_k,
        "candidateCount": wish.count if wish.count > 1 else None,
        "stopSequences": list(wish.stop[:_MOST_STOPS]) or None,
        "seed": wish.seed if wish.seed is not None and wish.seed in _SEEDS else None,
        "thinkingConfig": _thinking(wish.effort, model),
    }
    if model.penalties:
        # Zero is the same as nothing, and some models refuse even that.
        made["presencePenalty"] = wish.presence_penalty or None
        made["frequencyPenalty"] = wish.frequency_penalty or None
    return {name: value for name, value in made.items() if value is not None}


def _thinking(effort: str, model: Generation) -> Body | None:
    """As Google's own OpenAI dialect has it."""
    if not effort:
        return None
    shown = {} if effort == "none" else {"includeThoughts": True}
    if model.levels:
        # No model can be told not to think, and not all know the level below ``low``.
        quiet = effort in {"none", "minimal"}
        least = "minimal" if model.lite else "low"
        return {"thinkingLevel": least if quiet else _LEVELS.get(effort, "high"), **shown}
    if not model.budgets:
        return None
    if effort == "none":
        return {"thinkingBudget": _LEAST_OF_PRO if model.pro else 0}
    return {"thinkingBudget": _BUDGETS.get(effort, _LARGEST), **shown}


def _form(form: Form) -> Body:
    made: Body = {"responseMimeType": "application/json"}
    return made | ({} if form.schema is None else {"responseJsonSchema": plain(form.schema)})
