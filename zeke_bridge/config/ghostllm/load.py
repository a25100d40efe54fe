"""The routing core's configuration: which providers there are, their order and their models.

Read from ``config.toml`` in the user's GhostLLM directory::

    [routing]
    priority = ["local", "openai"]
    [models]
    openai_preferred = "gpt-4.1-mini"
    [providers.office]
    base_url = "https://llm.example.org/v1"
    api_key_env = "OFFICE_KEY"      # absent: no key is needed
    models = ["qwen3-coder"]        # absent: asked at GET /models

Does not know whether a provider can be reached, nor any key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zeke_bridge.config.catalog import catalog
from zeke_bridge.config.ghostllm.schema import LOCAL, GhostConfig, ProviderConfig
from zeke_bridge.config.paths import ghostllm_config
from zeke_bridge.config.toml import Document

_KNOWN = {
    one.name: ProviderConfig(
        one.name,
        one.base_url,
        one.api_key_env,
        usual=one.tiers.balanced,
        dialect=one.dialect,
        tiers=one.tiers,
    )
    for one in catalog().providers
}
_LISTED = tuple(one.name for one in catalog().providers if one.listed)
ON_REQUEST = tuple(one.name for one in catalog().providers if not one.listed)
"""Known, but only there when the file has a section for them."""

_SECTIONS = ("routing", "models", "providers")
_PROVIDER_KEYS = ("base_url", "api_key_env", "models")
_PREFERRED = "_preferred"


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> GhostConfig:
    """The configuration in ``path`` (the user's own by default), over what is built in.

    Raises ``ConfigError`` naming file, line and the nearest known key.
    """
    environ = os.environ if environ is None else environ
    return parse(Document.read(path or ghostllm_config(environ)), environ)


def parse(document: Document, environ: Mapping[str, str]) -> GhostConfig:
    """The configuration in ``document``; of ``environ`` only ``OPENAI_BASE_URL`` is read."""
    for section in document.table:
        document.known((), section, _SECTIONS)
    providers = _providers(document, environ)
    names = (LOCAL, *providers)
    preferred = _preferred(document, names)
    for name, model in preferred.items():
        if name != LOCAL:
            providers[name] = replace(providers[name], preferred=model)
    order = _order(document, names)
    return GhostConfig(order, providers, preferred.get(LOCAL, ""), document.path)


def _providers(document: Document, environ: Mapping[str, str]) -> dict[str, ProviderConfig]:
    known = dict(_KNOWN)
    if base_url := environ.get("OPENAI_BASE_URL"):
        known["openai"] = replace(known["openai"], base_url=base_url)
    sections = document.table_at("providers")
    configured = {name: _provider(document, name, known) for name in sections}
    # What the user wrote down comes before what only might have a key.
    return configured | {name: known[name] for name in _LISTED if name not in configured}


def _provider(document: Document, name: str, known: Mapping[str, ProviderConfig]) -> ProviderConfig:
    where = ("providers", name)
    table = document.table_at(*where)
    if name == LOCAL or not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", name):
        raise document.wrong(where, "cannot be the name of a provider: choose another.")
    for key in table:
        document.known(where, key, _PROVIDER_KEYS)
    base = known.get(name, ProviderConfig(name, ""))
    url = _text(document, (*where, "base_url"), table.get("base_url", base.base_url))
    if not url:
        near = "" if name in known else f" (the built-in ones are {', '.join(sorted(known))})"
        raise document.wrong(where, f"needs a base_url{near}.")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise document.wrong((*where, "base_url"), "must be like https://host/v1.")
    return replace(
        base,
        base_url=url.rstrip("/"),
        api_key_env=_text(
            document, (*where, "api_key_env"), table.get("api_key_env", base.api_key_env)
        ),
        models=_texts(document, (*where, "models"), table.get("models", [])),
    )


def _preferred(document: Document, names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for key, value in document.table_at("models").items():
        document.known(("models",), key, [name + _PREFERRED for name in names])
        found[key.removesuffix(_PREFERRED)] = _text(document, ("models", key), value)
    return found


def _order(document: Document, names: tuple[str, ...]) -> tuple[str, ...]:
    table = document.table_at("routing")
    for key in table:
        document.known(("routing",), key, ["priority"])
    where = ("routing", "priority")
    first = _texts(document, where, table.get("priority", []))
    for name in first:
        if name not in (*names, *ON_REQUEST):
            raise document.wrong(where, f"names {name}; there are {', '.join(names)}.")
        if name not in names:
            raise document.wrong(where, f"names {name}: add [providers.{name}] for it.")
    return tuple(dict.fromkeys((*first, *names)))


def _text(document: Document, where: tuple[str, ...], value: Any) -> str:
    if not isinstance(value, str):
        raise document.wrong(where, f"must be a string, not {type(value).__name__}.")
    return value


def _texts(document: Document, where: tuple[str, ...], value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise document.wrong(where, "must be a list of strings.")
    return tuple(value)
