"""``ghostllm auth``: the keys of providers, never shown."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from zeke_bridge.cli.ghostllm.reading import ConfigFile, Reading
from zeke_bridge.config.document import nearest
from zeke_bridge.config.ghostllm import GhostConfig, ProviderConfig
from zeke_bridge.config.ghostllm.roster import proper
from zeke_bridge.config.paths import ghostllm_keys
from zeke_bridge.model.errors import InputError
from zeke_bridge.warden.escape import escape

if TYPE_CHECKING:
    from zeke_bridge.core.keys import KeyStore
    from zeke_bridge.core.system_keyring import SystemKeyring

app = typer.Typer(no_args_is_help=True)
_GITHUB = "github"


@app.command("set")
def set_key(
    provider: str,
    key: Annotated[
        str | None, typer.Argument(help="Better left out: then it is asked for, or read from stdin")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Keep the key of PROVIDER, in the system's keyring if there is one."""
    name = _known(Reading(config)(), provider)
    if key is None and sys.stdin.isatty():
        key = typer.prompt(f"Key of {name}", hide_input=True)
    place = _store(_ring()).set(name, (key if key is not None else sys.stdin.readline()).strip())
    typer.echo(f"The key of {name} is in {place}.")


@app.command("login")
def login(
    provider: Annotated[str, typer.Argument(help="Only github.")] = _GITHUB,
) -> None:
    """Log in to GitHub Copilot with a code that you type in a browser. Experimental."""
    if proper(provider) != _GITHUB:
        raise InputError(f"{provider} has keys: use `ghostllm auth set {provider}`.")
    token = asyncio.run(_device_flow())
    typer.echo(f"The login of {_GITHUB} is in {_store(_ring()).set(_GITHUB, token)}.")


@app.command("list")
def list_keys(config: ConfigFile = None) -> None:
    """List each provider and where its key comes from; never the key."""
    read = Reading(config)()
    ring = _ring()
    store = _store(ring)
    store.load(read.providers)
    for name, provider in read.providers.items():
        typer.echo(f"{name}: {place_of(provider, store, read)}")
    if ring.trouble and not ring.absent:
        typer.echo(f"ghostllm: {ring.trouble}", err=True)


@app.command("remove")
def remove_key(provider: str) -> None:
    """Forget the key of PROVIDER."""
    name = proper(provider)
    if not _store(_ring()).remove(name):
        raise InputError(f"There is no key of {name} that `ghostllm auth set` has kept.")
    typer.echo(f"The key of {name} is removed.")


def place_of(provider: ProviderConfig, store: KeyStore, config: GhostConfig) -> str:
    """Where the key of ``provider`` comes from, in a word or two."""
    from zeke_bridge.core.keys import Keys

    if provider.api_key:
        return str(config.path)
    if provider.api_key_env and Keys(store.file).from_environment(provider):
        return f"${provider.api_key_env}"
    if place := store.place(provider.name):
        return place
    if not provider.api_key_env:
        return "needs no key"
    return f"no key (${provider.api_key_env} is not set)"


async def _device_flow() -> str:
    from zeke_bridge.core.providers.copilot.login import Login
    from zeke_bridge.core.providers.limits import Limits

    flow = Login(Limits())
    try:
        code = await flow.begin()
        words = f"Open {code.verification_uri} and type {code.user_code}"
        typer.echo(f"{escape(words)}, within {code.expires_in / 60:.0f} minutes.")
        return await flow.finish(code)
    finally:
        await flow.aclose()


def _ring() -> SystemKeyring:
    from zeke_bridge.core.system_keyring import SystemKeyring

    return SystemKeyring()


def _store(ring: SystemKeyring) -> KeyStore:
    from zeke_bridge.core.keys import KeyFile, KeyStore

    return KeyStore(KeyFile(ghostllm_keys()), ring)


def _known(config: GhostConfig, provider: str) -> str:
    name = proper(provider)
    if name not in config.providers:
        raise InputError(f"There is no provider {provider}{nearest(provider, config.providers)}")
    return name
