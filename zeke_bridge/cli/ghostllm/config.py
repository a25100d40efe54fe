"""``ghostllm config check``: whether the configuration is right, and what counts by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from zeke_bridge.cli.ghostllm.reading import Reading
from zeke_bridge.config.ghostllm import LOCAL, GhostConfig, ProviderConfig, Rates
from zeke_bridge.warden.escape import escape

app = typer.Typer(no_args_is_help=True)
_MB = 1024 * 1024


@app.callback()
def _group() -> None:
    """Keeps ``check`` a word of its own while it is the only command."""


@app.command("check")
def check(
    file: Annotated[
        Path | None, typer.Argument(help="A .toml, .yaml or .yml file; else your own.")
    ] = None,
) -> None:
    """Read the configuration, and say what counts. No key is shown.

    Exit status: 0 when it is right, 1 when it is wrong.
    """
    for line in _lines(Reading(file)()):
        typer.echo(escape(line))


def _lines(config: GhostConfig) -> Iterator[str]:
    for path in config.sources:
        yield f"{'read' if path.exists() else 'not there'}: {path}"
    yield "providers, in order:"
    for name in config.order:
        yield f"  {name}{'' if name == LOCAL else _provider(config.providers[name])}"
    yield from _routes(config)
    yield from _limits(config)
    key = "with a master key" if config.serving.master_key else "no master key"
    yield f"listens at: {config.serving.host} port {config.serving.port}, {key}"
    for note in config.notes:
        yield f"note: {note}"


def _provider(one: ProviderConfig) -> str:
    key = "its key is in the file" if one.api_key else f"${one.api_key_env}"
    words = [", ".join(one.endpoints), key if one.api_key or one.api_key_env else "needs no key"]
    if one.models:
        words.append(f"models {', '.join(one.models)}")
    if one.preferred:
        words.append(f"prefers {one.preferred}")
    if rates := _rates(one.rates):
        words.append(rates)
    return f": {'; '.join(words)}"


def _routes(config: GhostConfig) -> Iterator[str]:
    routes = config.routes
    for task, models in routes.rules.items():
        yield f"route: {task}: {', '.join(models)}"
    if routes.fallback:
        yield f"fallback: {', '.join(routes.fallback)}"
    for name, target in routes.aliases.items():
        yield f"alias: {name}: {target}"
    for name, members in routes.groups.items():
        yield f"group: {name}: {', '.join(f'{model} ({weight:g})' for model, weight in members)}"
    for model in config.models.values():
        yield f"model: {model.name}: {', '.join(model.defaults) or 'no request fields'} set"


def _limits(config: GhostConfig) -> Iterator[str]:
    costs = config.costs
    limits = {
        "hourly": costs.hourly_limit,
        "daily": costs.daily_limit,
        "monthly": costs.monthly_limit,
        "warns from": costs.warn,
    }
    said = [f"{name} ${value:g}" for name, value in limits.items() if value is not None]
    yield f"cost limits: {', '.join(said) or 'none'}"
    yield f"rate limits: {_rates(config.rates) or 'none'}"
    caching = config.caching
    size = f"{caching.max_bytes / _MB:g} MB, {caching.ttl:g} s"
    rules = "".join(f", {task} {seconds:g} s" for task, seconds in caching.rules.items())
    yield f"cache: {size + rules if caching.enabled else 'off'}"
    kept = "redacted" if config.logs.redact else "as they are"
    yield f"log: {config.logs.level}; requests {kept if config.logs.requests else 'not kept'}"


def _rates(rates: Rates) -> str:
    said = {
        "requests a minute": rates.requests_per_minute,
        "tokens a minute": rates.tokens_per_minute,
        "at once": rates.max_parallel,
    }
    return ", ".join(f"{value:g} {name}" for name, value in said.items() if value is not None)
