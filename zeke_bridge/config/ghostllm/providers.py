"""``[providers.NAME]``, and the numbers of ``[rates]``.

Format::

    [providers.openai]
    endpoints = ["https://api.openai.com/v1", "https://oai.example.org/v1"]
    [providers.office]
    base_url = "https://llm.example.org/v1"
    api_key_env = "OFFICE_KEY"      # absent: no key is needed
    models = ["qwen3-coder"]        # absent: asked at GET /models
    rates = { requests_per_minute = 60 }
"""

from __future__ import annotations

import re
from dataclasses import replace

from zeke_bridge.config.catalog import catalog
from zeke_bridge.config.document import nearest
from zeke_bridge.config.ghostllm.roster import DIALECTS, Roster, base_url, may_be_named, proper
from zeke_bridge.config.ghostllm.schema import ProviderConfig, Rates
from zeke_bridge.config.section import Section
from zeke_bridge.model.likeness import likest

_KEYS = ("base_url", "endpoints", "api_key_env", "api_key", "models", "dialect", "rates")
_RATES = ("requests_per_minute", "tokens_per_minute", "max_parallel")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_providers(sections: Section, roster: Roster) -> None:
    """Put every provider in ``sections`` into ``roster``."""
    for written in sections:
        section = sections.section(written)
        section.only(_KEYS)
        base = named(section, written, roster)
        dialect = _dialect(section, base)
        urls = _urls(section, base, dialect)
        base = with_key(section, replace(base, dialect=dialect))
        models = tuple(dict.fromkeys(section.texts("models")))
        rates = read_rates(section.section("rates"))
        roster.put(replace(base, base_url=urls[0], backups=urls[1:], models=models, rates=rates))


def named(section: Section, written: str, roster: Roster) -> ProviderConfig:
    """What is built in under the name ``written``, or an empty provider of that name."""
    name = proper(written)
    if not may_be_named(name):
        hint = nearest(written, catalog().names)
        hint = ": choose another of small letters, digits, - and _." if hint == "." else hint
        raise section.wrong(None, f"cannot be the name of a provider{hint}")
    if name in roster.written:
        raise section.wrong(None, f"is {name}, which is there already: keep one of them.")
    return roster.built_in.get(name, ProviderConfig(name, ""))


def with_key(section: Section, base: ProviderConfig) -> ProviderConfig:
    """``base`` with the key that ``api_key_env`` or ``api_key`` speak of."""
    if "api_key_env" in section:
        variable = section.text("api_key_env").strip()
        if variable and not _VARIABLE.fullmatch(variable):
            raise section.wrong("api_key_env", "must be the name of a variable, not a key.")
        base = replace(base, api_key_env=variable)
    if "api_key" in section:
        secret = section.secret("api_key")
        if not secret.value.isprintable() or not secret.value.isascii() or " " in secret.value:
            raise section.wrong("api_key", "cannot be a key: it holds a space or an odd character.")
        variable = secret.variable or base.api_key_env
        base = replace(base, api_key_env=variable, api_key=secret.value)
    return base


def read_rates(section: Section) -> Rates:
    """The token buckets that ``section`` describes."""
    section.only(_RATES)
    return Rates(
        section.number("requests_per_minute", above=True),
        section.number("tokens_per_minute", above=True),
        section.whole("max_parallel"),
    )


def read_url(section: Section, key: str, dialect: str) -> str:
    """The base URL at ``key``; empty when there is none."""
    text = section.text(key)
    url = base_url(text, dialect)
    if text and not url:
        raise section.wrong(key, "must be like https://host/v1.")
    return url


def _dialect(section: Section, base: ProviderConfig) -> str:
    dialect = section.text("dialect", base.dialect)
    if dialect not in DIALECTS:
        raise section.wrong("dialect", f"is not known{nearest(dialect, DIALECTS)}")
    return dialect


def _urls(section: Section, base: ProviderConfig, dialect: str) -> tuple[str, ...]:
    """``base_url`` and ``endpoints`` as one list, the first one best; never empty."""
    urls = [read_url(section, "base_url", dialect)]
    for number, text in enumerate(section.texts("endpoints")):
        urls.append(base_url(text, dialect))
        if not urls[-1]:
            where = (*section.where, "endpoints", number)
            raise section.document.wrong(where, "must be like https://host/v1.")
    urls = [url for url in dict.fromkeys(urls) if url] or [base.base_url]
    if not urls[0]:
        raise section.wrong(None, f"needs a base_url{_meant(base.name)}")
    return tuple(urls)


def _meant(name: str) -> str:
    """The built-in provider whose name is close to ``name``, as the end of a sentence."""
    near = likest(name, catalog().names, least=0.75)
    return f", or did you mean {near[0]}?" if near else "."
