"""What a provider means when it refuses, whatever its dialect: one word for each way to say no.

Statuses and codes where they are clear, the servers' own sentences where they are not. The words
are those of OpenAI, Azure, Anthropic, Google, Groq, xAI, GLM
(https://docs.bigmodel.cn/cn/api/api-code), Copilot, OpenRouter, LiteLLM, vLLM, llama.cpp, Ollama,
Mistral, DeepSeek and Bedrock. Knows no error class, and writes no sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

Meaning = Literal[
    "moved",
    "quota",
    "filter",
    "context",
    "model",
    "key",
    "busy",
    "rate",
    "late",
    "place",
    "input",
    "failed",
]

_QUOTA = re.compile(
    r"insufficient.(quota|credit|balance|funds)|credit balance is too low|billing.hard.limit"
    r"|requires more credits|out of credits|spending limit|premium request|code 1113\b",
    re.I,
)
_FILTER = re.compile(
    r"content.(filter|policy)|contentpolicy|responsible.?ai|\binvalid.prompt\b|prohibited.content"
    r"|(input|prompt|request|content) (was|has been) (flagged|blocked)|requires moderation"
    r"|violates? .{0,40}(guidelines|policy)|sensitive.{0,3}(content|words)|code 1301\b",
    re.I,
)
_CONTEXT = re.compile(
    r"context.{0,12}(length|size|window|limit)|contextwindow|maximum (context|prompt|model) length"
    r"|too many tokens|(prompt|input|message)s? (is|are) too (long|large)|prompt.tokens.exceeded"
    r"|token count.{0,60}exceeds|input tokens exceed|exceeds? (the )?max(imum)? (input )?length"
    r"|longer than the maximum model length|reduce the length|request too large for model"
    r"|too large for model with|string.too.long|code 1261\b",
    re.I,
)
_MODEL = re.compile(
    r"model.{0,80}(not.{0,3}found|does not exist|unknown|not exist|not supported)|^model: "
    r"|not a valid model|invalid model|unknown model|no endpoints found|code 1211\b",
    re.I | re.S,
)
_KEY = re.compile(
    r"(incorrect|invalid|wrong|expired|missing).(api.?key|token|credential|auth)|no connected db"
    r"|api.?key (not valid|invalid|expired|is invalid)|(permission|authentication).(denied|error)"
    r"|unauthorized",
    re.I,
)
_BUSY = re.compile(r"overload|over capacity|capacity exceeded|code 1305\b", re.I)
_RATE = re.compile(r"rate.?limit|too many requests|resource.exhausted|code 130[23]\b", re.I)


def meaning(status: int, fields: Mapping[str, Any]) -> Meaning:
    """What ``status`` and the error's ``fields`` stand for.

    ``status`` 0 is that of an error inside an answer that began well: then only words count.
    """
    words = _words(fields)
    unclear = status in {0, 400, 422}
    if 300 <= status < 400:
        return "moved"
    for kind, counts, pattern in _by_words(status, unclear, fields):
        if counts and pattern.search(words):
            return kind
    return _by_status(status)


def _by_words(
    status: int, unclear: bool, fields: Mapping[str, Any]
) -> tuple[tuple[Meaning, bool, re.Pattern[str]], ...]:
    """What words may mean at ``status``, the narrow before the wide."""
    inside = status in {0, 500}
    return (
        ("quota", status in {402, 403, 429} or unclear, _QUOTA),
        ("filter", status in {403, 451} or unclear or inside, _FILTER),
        ("filter", status == 403 and _moderated(fields), re.compile("")),
        ("context", status == 413 or unclear or inside, _CONTEXT),
        ("model", status == 404 or unclear, _MODEL),
        ("busy", status in {0, 429}, _BUSY),
        ("rate", status == 0, _RATE),
        ("key", unclear, _KEY),
    )


def _by_status(status: int) -> Meaning:
    if status in {401, 403}:
        return "key"
    if status == 402:
        return "quota"
    if status == 413:
        return "context"
    if status == 429:
        return "rate"
    # 498 is Groq's, 529 Anthropic's.
    if status in {498, 503, 529}:
        return "busy"
    if status in {408, 504, 524}:
        return "late"
    if status in {404, 405}:
        return "place"
    if 400 <= status < 500 and status not in {409, 425}:
        return "input"
    return "failed"


def _words(fields: Mapping[str, Any]) -> str:
    """Everything the error says: its sentence, then its codes with spaces for underscores."""
    said = str(fields.get("message") or "")
    codes = [f"{key} {fields[key]}" for key in ("code", "type", "status") if fields.get(key)]
    codes += _reasons(fields.get("details"))
    return f"{said}\n{' '.join(codes).replace('_', ' ')}"


def _reasons(details: Any) -> list[str]:
    """Google's machine-readable reasons (``API_KEY_INVALID``)."""
    rows = details if isinstance(details, list) else ()
    return [str(row["reason"]) for row in rows if isinstance(row, dict) and "reason" in row]


def _moderated(fields: Mapping[str, Any]) -> bool:
    """Whether OpenRouter says that a moderation flagged the question."""
    extra = fields.get("metadata")
    return isinstance(extra, dict) and bool(extra.get("reasons"))
