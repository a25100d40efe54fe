"""Reading the routing core's configuration, whatever format it is written in.

``config.toml`` is read with ``routing.toml`` and ``ghostllm.toml`` beside it. A YAML file stands
for itself; what is in it says whether it is LiteLLM's, one with ``llmproxy:``, or one with the
sections of ``config.toml``. Does not know whether a provider can be reached, nor any key but those
that a file spells out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from zeke_bridge.config.document import Document, merged, nearest, open_to_others
from zeke_bridge.config.ghostllm.own import SECTIONS, read_own
from zeke_bridge.config.ghostllm.roster import Roster, proper
from zeke_bridge.config.ghostllm.schema import LOCAL, GhostConfig
from zeke_bridge.config.paths import ghostllm_config
from zeke_bridge.config.toml import read_toml
from zeke_bridge.model.errors import ConfigError

_BESIDE = ("routing.toml", "ghostllm.toml")
_YAML = {".yaml", ".yml"}


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> GhostConfig:
    """The configuration in ``path`` (the user's own by default), over what is built in.

    Raises ``ConfigError`` naming file, line and the nearest known key.
    """
    environ = os.environ if environ is None else environ
    path = path or ghostllm_config(environ)
    if path.suffix.lower() in _YAML:
        documents = [_yaml(path, environ)]
    else:
        beside = (path.with_name(name) for name in _BESIDE)
        files = dict.fromkeys((path, *beside))
        documents = [read_toml(file, environ) for file in files]
    document = merged(documents)
    config = _read(document)
    notes = (*document.notes, *_open_keys(documents, config))
    return replace(config, sources=tuple(one.path for one in documents), notes=notes)


def limited(config: GhostConfig, names: Sequence[str], environ: Mapping[str, str]) -> GhostConfig:
    """``config`` with no other providers than ``names``, in its own order.

    Raises ``ConfigError`` naming the nearest when there is no such provider.
    """
    roster = Roster(environ)
    for provider in config.providers.values():
        roster.put(provider)
    chosen = set()
    for name in names:
        found = roster.find(name)
        if found is None:
            known = (LOCAL, *roster.all(), *roster.built_in)
            need = "add a section for it to" if proper(name) in roster.built_in else ""
            hint = f": {need} {config.path}." if need else nearest(name, known)
            raise ConfigError(f"There is no provider {name[:80]}{hint}")
        chosen.add(found)
    order = tuple(name for name in dict.fromkeys((*config.order, *roster.all())) if name in chosen)
    providers = {name: one for name, one in roster.all().items() if name in chosen}
    return replace(config, order=order, providers=providers)


def _yaml(path: Path, environ: Mapping[str, str]) -> Document:
    # The parser is loaded for those who have such a file.
    from zeke_bridge.config.yaml import read_yaml

    return read_yaml(path, environ)


def _read(document: Document) -> GhostConfig:
    if document.path.suffix.lower() not in _YAML:
        return read_own(document)
    from zeke_bridge.config.ghostllm.yaml_litellm import SECTIONS as LITELLM
    from zeke_bridge.config.ghostllm.yaml_litellm import read_litellm
    from zeke_bridge.config.ghostllm.yaml_proxy import SECTION, read_proxy

    if SECTION in document.table:
        return read_proxy(document)
    if any(key in LITELLM for key in document.table):
        return read_litellm(document)
    for key in document.table:
        document.known((), key, (*SECTIONS, SECTION, *LITELLM))
    return read_own(document)


def _open_keys(documents: Sequence[Document], config: GhostConfig) -> Iterator[str]:
    """A sentence about each file that spells out a key and can be read by others."""
    written = bool(config.serving.master_key) or any(p.api_key for p in config.providers.values())
    for document in documents if written else ():
        if _spells_out_a_key(document.table) and open_to_others(document.path):
            yield f"{document.path} holds a key and is open to others: run `chmod 600` on it."


def _spells_out_a_key(value: object) -> bool:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in {"api_key", "master_key"} and isinstance(inner, str):
                if not inner.startswith(("${", "os.environ/")):
                    return True
            elif _spells_out_a_key(inner):
                return True
    if isinstance(value, list):
        return any(_spells_out_a_key(inner) for inner in value)
    return False
