"""The providers of a configuration while it is being read: what is built in, and what was written.

Does not know where a name was written, nor whether a provider can be reached.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from zeke_bridge.config.catalog import catalog
from zeke_bridge.config.document import Document, Place, nearest
from zeke_bridge.config.ghostllm.schema import LOCAL, ProviderConfig

_BUILT_IN = {
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
"""Known, but only there when a file names them."""

DIALECTS = tuple(sorted({one.dialect for one in catalog().providers}))
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
# Variables that move a provider, as its own tools read them.
_MOVES = {"openai": "OPENAI_BASE_URL", "ollama": "OLLAMA_BASE_URL"}
# What follows the host when somebody leaves it out.
_PATHS = {"ollama": "/v1", "anthropic": "/v1", "google": "/v1beta"}


class Roster:
    """``listed`` says that those of the built-in ones count that only might have a key."""

    def __init__(self, environ: Mapping[str, str], *, listed: bool = True) -> None:
        self.built_in = dict(_BUILT_IN)
        self.written: dict[str, ProviderConfig] = {}
        self._listed = _LISTED if listed else ()
        for name, variable in _MOVES.items():
            if url := base_url(environ.get(variable, ""), self.built_in[name].dialect):
                self.built_in[name] = replace(self.built_in[name], base_url=url)

    def put(self, provider: ProviderConfig) -> None:
        """Add one that was written down, or change it."""
        self.written[provider.name] = provider

    def find(self, name: str) -> str | None:
        """The proper name of the provider that people call ``name``; None when there is none.

        One that is built in and only there when it is named is there from now on.
        """
        found = proper(name)
        if found == LOCAL or found in self.written or found in self._listed:
            return found
        if found in self.built_in and self.built_in[found].base_url:
            self.put(self.built_in[found])
            return found
        return None

    def require(self, document: Document, where: Place, name: str) -> str:
        """As ``find``; raises ``ConfigError`` about ``where`` when there is none."""
        if found := self.find(name):
            return found
        if proper(name) in self.built_in:
            raise document.wrong(where, f"names {name}: add [providers.{name}] for it.")
        names = (LOCAL, *self.all(), *catalog().names)
        raise document.wrong(
            where, f"names {name[:80]!r}, which is no provider{nearest(name, names)}"
        )

    def all(self) -> dict[str, ProviderConfig]:
        """Every provider: those written down first, because the others only might have a key."""
        rest = {name: self.built_in[name] for name in self._listed if name not in self.written}
        return self.written | rest

    def models(self) -> dict[str, list[str]]:
        """The ids of all models that are known without asking, and who has them."""
        found: dict[str, list[str]] = {}
        for name, provider in self.all().items():
            tiers = provider.tiers
            ids = {*provider.models, *tiers.fast, *tiers.balanced, *tiers.smart, *tiers.code}
            for one in ids | set(tiers.embed):
                found.setdefault(one, []).append(name)
        return found


def proper(name: str) -> str:
    """The name that a provider has here: ``xai`` for ``grok``."""
    return catalog().names.get(name, name)


def may_be_named(name: str) -> bool:
    """Whether a provider can have this name."""
    return name != LOCAL and bool(_NAME.fullmatch(name))


def base_url(text: str, dialect: str) -> str:
    """``text`` as a base URL, with the path that ``dialect`` has; empty when it cannot be one."""
    text = text.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        right = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        # A password in it would be shown wherever the address is.
        right = right and "@" not in parts.netloc
    except ValueError:
        return ""
    if not right or parts.query or parts.fragment or not text.isprintable() or " " in text:
        return ""
    return text + _PATHS.get(dialect, "") if not parts.path else text
