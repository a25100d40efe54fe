"""LiteLLM's ``model_list``: providers, the settings of models, and the names they go by.

Format (https://docs.litellm.ai/docs/proxy/configs)::

    model_list:
      - model_name: gpt-4o                       # what clients ask for
        litellm_params:
          model: openai/gpt-4o                   # provider/model
          api_key: os.environ/OPENAI_API_KEY
          temperature: 0.7
          input_cost_per_token: 0.0000025

Several entries of one name are a group. Entries that have provider, address and key in common are
one provider here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from zeke_bridge.config.catalog import catalog
from zeke_bridge.config.document import nearest
from zeke_bridge.config.ghostllm.litellm_keys import idle
from zeke_bridge.config.ghostllm.models import COSTS, FIELDS, read_costs, read_fields
from zeke_bridge.config.ghostllm.providers import read_url
from zeke_bridge.config.ghostllm.roster import Roster, base_url
from zeke_bridge.config.ghostllm.routes import Group
from zeke_bridge.config.ghostllm.schema import ModelConfig, ProviderConfig, Rates
from zeke_bridge.config.section import Secret, Section

_ENTRY = ("model_name", "litellm_params", "model_info", "rpm", "tpm", "weight")
_INFO = ("max_input_tokens", *COSTS)
_PLACE = ("api_key", "api_base", "base_url", "model", "custom_llm_provider")
_RATES = ("rpm", "tpm", "max_parallel_requests", "weight")
# LiteLLM's names of providers that have another one here.
_PROVIDERS = {
    "text-completion-openai": "openai",
    "ollama_chat": "ollama",
    "hosted_vllm": "vllm",
    "github_copilot": "github",
    "litellm_proxy": "litellm",
    "custom_openai": "custom",
    "openai_like": "custom",
}
_FAMILIES = {
    "gpt-": "openai",
    "chatgpt-": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "text-embedding-": "openai",
    "claude": "anthropic",
    "gemini": "google",
    "grok-": "xai",
    "glm-": "glm",
}
_ALL = "*"
# The size of a context window, which people write where a limit of the answer belongs: no model
# writes so much, and providers refuse the request.
_NO_LIMIT = 100_000


@dataclass(slots=True)
class Deployments:
    """``names`` maps a name to the models behind it and their weights, ``models`` has settings."""

    roster: Roster
    names: dict[str, dict[str, float]] = field(default_factory=dict)
    models: dict[str, ModelConfig] = field(default_factory=dict)
    _places: dict[tuple[str, str, Secret], str] = field(default_factory=dict)

    def read(self, top: Section) -> None:
        """Take in every entry of ``model_list``."""
        for entry in top.sections("model_list"):
            entry.only(_ENTRY)
            params = entry.section("litellm_params")
            name = entry.text("model_name")
            if not name or "model" not in params:
                raise entry.wrong(None, "needs a model_name, and litellm_params with a model.")
            self._entry(entry, params, name)

    def group(self, name: str) -> Group:
        """The models behind ``name`` and their weights; empty when there is no such name.

        A model's own name does too, when its provider is there.
        """
        if name in self.names:
            return tuple(self.names[name].items())
        provider, model = _split(name)
        if provider not in self.roster.written:
            return ()
        self._list(provider, model)
        return ((f"{provider}:{model}", 1.0),)

    def _entry(self, entry: Section, params: Section, name: str) -> None:
        _check(params)
        provider, model = self._place(params)
        if model == _ALL:
            self.roster.put(replace(self.roster.written[provider], models=()))
            return
        self._list(provider, model)
        full = f"{provider}:{model}"
        weights = self.names.setdefault(name, {})
        weight = _first(params, entry, key="weight", least=0.0)
        weights[full] = weights.get(full, 0.0) + (1.0 if weight is None else weight)
        self.models.setdefault(full, _settings(entry, params, full))

    def _place(self, params: Section) -> tuple[str, str]:
        """The provider of an entry, made when it is not there yet, and the model's id."""
        name, model = _split(params.text("model"), params.text("custom_llm_provider"))
        base = self.roster.built_in.get(name)
        if base is None or not model:
            known = [f"{one.name}/" for one in catalog().providers]
            hint = nearest(params.text("model"), known)
            raise params.wrong("model", f"is of no provider that is known here{hint}")
        key = "api_base" if "api_base" in params else "base_url"
        url = read_url(params, key, base.dialect) or base_url(base.base_url, base.dialect)
        if not url:
            raise params.wrong("model", "needs an api_base.")
        secret = params.secret("api_key") if "api_key" in params else Secret(base.api_key_env)
        place = (name, url, secret)
        if place not in self._places:
            self._places[place] = self._new(base, url, secret)
        return self._places[place], model

    def _new(self, base: ProviderConfig, url: str, secret: Secret) -> str:
        number = 1 + sum(1 for name, _, _ in self._places if name == base.name)
        name = base.name if number == 1 else f"{base.name}-{number}"
        one = replace(base, name=name, base_url=url, api_key=secret.value)
        self.roster.put(replace(one, api_key_env=secret.variable))
        return name

    def _list(self, provider: str, model: str) -> None:
        one = self.roster.written[provider]
        if model not in one.models:
            self.roster.put(replace(one, models=(*one.models, model)))


def _split(text: str, custom: str = "") -> tuple[str, str]:
    """Provider and model in LiteLLM's ``provider/model``, or in a well-known model's bare name."""
    prefix, slash, model = text.partition("/")
    if custom:
        prefix, model = custom, model if slash and prefix == custom else text
    elif not slash:
        family = next((name for start, name in _FAMILIES.items() if text.startswith(start)), "")
        return family, text
    return _PROVIDERS.get(prefix, catalog().names.get(prefix, prefix)), model


def _check(params: Section) -> None:
    params.only((*_PLACE, *_RATES, *FIELDS, *COSTS, *idle("params")))
    for key in params:
        if key in idle("params"):
            params.note(key, "has no effect here.")


def _settings(entry: Section, params: Section, name: str) -> ModelConfig:
    info = entry.section("model_info")
    fields = read_fields(params)
    if fields.get("max_tokens", 0) >= _NO_LIMIT:
        params.note("max_tokens", "is the size of a context window, and not sent as a limit.")
        del fields["max_tokens"]
    pairs = zip(read_costs(params), read_costs(info), strict=True)
    costs = [here if here is not None else there for here, there in pairs]
    rates = Rates(
        _first(params, entry, key="rpm"),
        _first(params, entry, key="tpm"),
        params.whole("max_parallel_requests"),
    )
    context = info.whole("max_input_tokens")
    return ModelConfig(name, fields, costs[0], costs[1], context, costs[2], rates)


def _first(*sections: Section, key: str, least: float | None = None) -> float | None:
    """The number ``key`` in the first section that has it; more than 0 without ``least``."""
    for section in sections:
        value = section.number(key, least or 0.0, above=least is None)
        if value is not None:
            return value
    return None
