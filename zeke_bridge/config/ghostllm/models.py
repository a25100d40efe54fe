"""``[models]``: which model ``auto`` prefers of each provider, and the settings of single models.

Format::

    [models]
    openai_preferred = "gpt-6-luna"
    [models."openai:gpt-6-luna"]
    temperature = 0.2

The settings of a model are fields of OpenAI's chat completions
(https://platform.openai.com/docs/api-reference/chat/create), prices under the names that LiteLLM
gives them, and ``context``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from zeke_bridge.config.document import nearest
from zeke_bridge.config.ghostllm.names import owned
from zeke_bridge.config.ghostllm.providers import read_rates
from zeke_bridge.config.ghostllm.roster import Roster, proper
from zeke_bridge.config.ghostllm.schema import LOCAL, ModelConfig
from zeke_bridge.config.section import Section

PREFERRED = "_preferred"
_BOUNDS = {
    "temperature": (0.0, 2.0),
    "top_p": (0.0, 1.0),
    "presence_penalty": (-2.0, 2.0),
    "frequency_penalty": (-2.0, 2.0),
}
_WHOLES = {"max_tokens": 1, "max_completion_tokens": 1, "top_k": 1, "seed": -(2**53)}
_TEXTS = ("reasoning_effort", "verbosity", "service_tier")
FIELDS = (*_BOUNDS, *_WHOLES, *_TEXTS, "stop", "parallel_tool_calls")
"""The request fields that can be set for a model."""

COSTS = ("input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost")


def read_models(section: Section, roster: Roster) -> tuple[str, dict[str, ModelConfig]]:
    """The preferred local model, and the settings by model; the rest goes into ``roster``."""
    local = ""
    models: dict[str, ModelConfig] = {}
    for key in section:
        if section.is_table(key):
            name = owned(section.document, (*section.where, key), key, roster)
            if name in models:
                raise section.wrong(key, f"is {name}, which is there already: keep one of them.")
            models[name] = _model(section.section(key), name)
        else:
            local = _preferred(section, key, roster) or local
    return local, models


def read_fields(section: Section) -> dict[str, Any]:
    """The request fields in ``section``."""
    fields: dict[str, Any] = {}
    for key, (least, most) in _BOUNDS.items():
        fields[key] = section.number(key, least, most)
    for key, least_whole in _WHOLES.items():
        fields[key] = section.whole(key, least_whole)
    for key in _TEXTS:
        fields[key] = section.text(key) or None
    if "stop" in section:
        fields["stop"] = list(section.some("stop"))
    if "parallel_tool_calls" in section:
        fields["parallel_tool_calls"] = section.flag("parallel_tool_calls", True)
    return {key: value for key, value in fields.items() if value is not None}


def read_costs(section: Section) -> tuple[float | None, float | None, float | None]:
    """What a token costs: read, written, and read from the provider's cache."""
    read, written, cached = (section.number(key, 0, 1) for key in COSTS)
    return read, written, cached


def _model(section: Section, name: str) -> ModelConfig:
    section.only((*FIELDS, *COSTS, "context", "rates"))
    read, written, cached = read_costs(section)
    rates = read_rates(section.section("rates"))
    context = section.whole("context")
    return ModelConfig(name, read_fields(section), read, written, context, cached, rates)


def _preferred(section: Section, key: str, roster: Roster) -> str:
    """The model if it is the local one's; one of another provider goes into ``roster``."""
    name = roster.find(key.removesuffix(PREFERRED)) if key.endswith(PREFERRED) else None
    if name is None:
        known = [one + PREFERRED for one in (LOCAL, *roster.all(), *roster.built_in)]
        raise section.wrong(key, f"is not known{nearest(key, known)}")
    head, _, rest = section.text(key).partition(":")
    model = rest if rest and proper(head) == name else section.text(key)
    if name == LOCAL:
        return model
    provider = roster.all()[name]
    # What somebody's own server has may have any word before its colon: `mistral:7b`.
    far = name in roster.built_in and provider.api_key_env
    if rest and model != rest and far and proper(head) in roster.built_in:
        raise section.wrong(key, f"is a model of {proper(head)}: name one of {name}.")
    if provider.models and model not in provider.models:
        raise section.wrong(
            key, f"is not among the models of {name}{nearest(model, provider.models)}"
        )
    if name in roster.written:
        roster.put(replace(provider, preferred=model))
    else:
        roster.built_in[name] = replace(provider, preferred=model)
    return ""
