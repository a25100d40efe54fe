"""Any conversation that OpenAI takes, any that it does not, and any JSON, for hypothesis."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

PNG = "data:image/png;base64,iVBORw0KGgo="

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
TEXTS = st.one_of(st.just(""), st.just(" \n"), st.text(max_size=20))
IDS = st.one_of(st.sampled_from(["call_1", "call_2", "a b", ""]), st.text(max_size=6))
NAMES = st.sampled_from(["read", "write"])
PARTS = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, TEXTS),
    st.just({"type": "image_url", "image_url": {"url": PNG, "detail": "low"}}),
    st.just({"type": "image_url", "image_url": {"url": "https://example.com/a.png?x=1"}}),
)
CONTENTS = st.one_of(TEXTS, st.lists(PARTS, max_size=3))
ARGUMENTS = st.one_of(
    st.dictionaries(st.text(max_size=3), st.integers(-9, 9), max_size=2).map(json.dumps),
    st.sampled_from(["", "{", "[1]", "null"]),
)
CALLS = st.builds(
    lambda given, name, arguments: {
        "id": given,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    },
    IDS,
    NAMES,
    ARGUMENTS,
)
USERS = st.builds(lambda content: {"role": "user", "content": content}, CONTENTS)
SYSTEMS = st.builds(
    lambda role, text: {"role": role, "content": text},
    st.sampled_from(["system", "developer"]),
    TEXTS,
)
ASSISTANTS = st.builds(
    lambda text, calls: {
        "role": "assistant",
        "content": text,
        **({"tool_calls": calls} if calls else {}),
    },
    st.one_of(st.none(), TEXTS),
    st.lists(CALLS, max_size=3),
)
TOOLS = st.builds(
    lambda given, content: {"role": "tool", "tool_call_id": given, "content": content},
    IDS,
    CONTENTS,
)


@st.composite
def loops(draw: st.DrawFn) -> list[dict[str, Any]]:
    """An assistant's turn with calls, each answered, as OpenAI demands it."""
    turn = draw(ASSISTANTS)
    made = [turn]
    for call in turn.get("tool_calls", []):
        answer = {"role": "tool", "tool_call_id": call["id"], "content": draw(CONTENTS)}
        made.append(answer)
    return made


MESSAGES = st.lists(
    st.one_of(
        loops(),
        *(one.map(lambda message: [message]) for one in (USERS, SYSTEMS, ASSISTANTS, TOOLS)),
    ),
    max_size=6,
).map(lambda groups: [message for group in groups for message in group])


def gathered(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole answer that ``chunks`` are, gathered as an official client does."""
    message: dict[str, Any] = {"role": "assistant", "content": "", "refusal": None}
    calls: dict[int, dict[str, Any]] = {}
    finish = None
    for chunk in chunks[:-1]:
        choice = chunk["choices"][0]
        finish = choice["finish_reason"] or finish
        part = choice["delta"]
        message["content"] += part.get("content", "")
        if "reasoning_content" in part:
            before = message.get("reasoning_content", "")
            message["reasoning_content"] = before + part["reasoning_content"]
        if "thinking_blocks" in part:
            message["thinking_blocks"] = [
                *message.get("thinking_blocks", []),
                *part["thinking_blocks"],
            ]
        for call in part.get("tool_calls", []):
            known = calls.setdefault(call["index"], {"function": {"arguments": ""}})
            known |= {key: call[key] for key in ("id", "type") if key in call}
            piece = call["function"]
            known["function"] |= {"name": piece["name"]} if "name" in piece else {}
            known["function"]["arguments"] += piece.get("arguments", "")
    if calls:
        message["tool_calls"] = [calls[index] for index in sorted(calls)]
        message["content"] = message["content"] or None
    return {"message": message, "finish_reason": finish, "usage": chunks[-1]["usage"]}
