"""What servers of OpenAI's dialect each do in their own way, as data.

OpenAI's models that reason refuse ``max_tokens`` and sampling
(https://platform.openai.com/docs/guides/reasoning); OpenRouter wants to know who asks
(https://openrouter.ai/docs/app-attribution) and lists its models to anybody, so that only ``/key``
shows whether a key is right. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

_REASONS = re.compile(r"(^|/)(o\d|gpt-([5-9]|\d\d))(?!.*chat)")
_SAMPLING = (
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
)


@dataclass(frozen=True, slots=True)
class Habits:
    """``headers`` go with every request, ``probe`` is the path of a cheap call that needs a key.

    ``length`` is the field that limits an answer's length, empty where either is understood;
    ``strict`` says that models which reason refuse to be told how to sample.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    probe: str = "/models"
    length: Literal["", "max_tokens", "max_completion_tokens"] = ""
    strict: bool = False

    def shaped(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """``body`` as this server takes it."""
        made = dict(body)
        for name in ("max_tokens", "max_completion_tokens"):
            if self.length and name != self.length and name in made:
                limit = made.pop(name)
                made.setdefault(self.length, limit)
        if self.strict and _REASONS.search(str(made.get("model"))) and not _quiet(made):
            for name in _SAMPLING:
                made.pop(name, None)
        return made


_OPENAI = Habits(length="max_completion_tokens", strict=True)
_OPENROUTER = Habits(
    {"HTTP-Referer": "https://github.com/ghostkellz/ghostllm", "X-Title": "GhostLLM"},
    probe="/key",
)
_OLDER = Habits(length="max_tokens")
_KNOWN = {
    "openai": _OPENAI,
    "api.openai.com": _OPENAI,
    "github": Habits(length="max_tokens", strict=True),
    "openrouter": _OPENROUTER,
    "openrouter.ai": _OPENROUTER,
    "glm": _OLDER,
    "ollama": _OLDER,
}


def habits(name: str, base_url: str) -> Habits:
    """The habits of the server at ``base_url``, which the configuration calls ``name``."""
    host = urlsplit(base_url).hostname or ""
    return _KNOWN.get(host) or _KNOWN.get(name) or Habits()


def _quiet(body: Mapping[str, Any]) -> bool:
    """Whether the model is told not to reason, so that it samples as others do."""
    return body.get("reasoning_effort") == "none"
