"""What servers say of their models in the rows of ``GET /models``, beside the id.

OpenRouter (https://openrouter.ai/docs/api-reference/list-available-models), Groq
(``context_window``), vLLM (``max_model_len``), LiteLLM (``max_input_tokens``), llama.cpp
(``meta``) and Copilot (``capabilities``). Pure. What is not said, or makes no sense, is not known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from zeke_bridge.core.routing.traits import Traits

_MILLION = 1e6
# Weights. One with fewer loses its way in a long prompt with many rules.
_SMALL = 4e9


def listed(body: Any) -> dict[str, Traits] | None:
    """The models in an answer to ``GET /models``; None when it is not one."""
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        return None
    named = (row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str))
    return {row["id"]: traits_of(row) for row in named if row["id"]}


def traits_of(row: Mapping[str, Any]) -> Traits:
    """What one row says."""
    abilities = _part(row, "capabilities")
    limits, supports = _part(abilities, "limits"), _part(abilities, "supports")
    meta, weights = _part(row, "meta"), _part(row, "meta").get("n_params")
    taken, priced = row.get("supported_parameters"), _part(row, "pricing")
    seen = _part(row, "architecture").get("input_modalities")
    context = (
        row.get("context_length")
        or row.get("context_window")
        or row.get("max_model_len")
        or row.get("max_input_tokens")
        or meta.get("n_ctx")
        or limits.get("max_prompt_tokens")
        or limits.get("max_context_window_tokens")
    )
    return Traits(
        context=context if isinstance(context, int) and context > 0 else None,
        tools=_among(taken, "tools", supports.get("tool_calls")),
        json=_among(taken, "response_format", supports.get("structured_outputs")),
        images=_among(seen, "image", supports.get("vision")),
        input_price=_price(priced.get("prompt")),
        output_price=_price(priced.get("completion")),
        small=weights < _SMALL if isinstance(weights, int) else None,
    )


def _part(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = row.get(name)
    return part if isinstance(part, dict) else {}


def _among(words: Any, word: str, said: Any) -> bool | None:
    """Whether ``word`` is among ``words``, if they are there; else what was ``said`` outright."""
    if isinstance(words, list):
        return word in words
    return said if isinstance(said, bool) else None


def _price(dollars: Any) -> float | None:
    """US dollars a token, in a string, as US dollars a million tokens."""
    try:
        price = float(dollars) * _MILLION if isinstance(dollars, str | int | float) else -1.0
    except ValueError:
        return None
    # OpenRouter's own routers say -1: it depends.
    return price if math.isfinite(price) and price >= 0 else None
