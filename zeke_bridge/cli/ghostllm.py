"""The ``ghostllm`` command: the routing core by itself, and what it can be asked.

Imports of the core stay inside the commands, so that ``--help`` is quick.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zeke_bridge.config.ghostllm import load
from zeke_bridge.config.paths import ghostllm_keys
from zeke_bridge.model.errors import InputError, ZekeError

if TYPE_CHECKING:
    from zeke_bridge.core.assemble import Core
    from zeke_bridge.core.keys import KeyFile

app = typer.Typer(
    name="ghostllm",
    help="A routing core: one OpenAI-compatible server in front of the models you have.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
auth = typer.Typer(no_args_is_help=True)
app.add_typer(auth, name="auth", help="The keys of providers.")


class LogLevel(StrEnum):
    """How much the core writes to standard error."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Only an address of this machine.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8080,
    log_level: Annotated[LogLevel, typer.Option()] = LogLevel.WARNING,
) -> None:
    """Serve the core until it is interrupted."""
    _refuse_strangers(host)
    logging.basicConfig(level=log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    asyncio.run(_with_core(lambda core: _serve(core, host, port)))


@app.command()
def models() -> None:
    """List the models that can be asked now, one a line."""

    async def show(core: Core) -> None:
        for info in await core.relay.models():
            typer.echo(info.id)

    asyncio.run(_with_core(show))


@auth.command("set")
def auth_set(
    provider: str,
    key: Annotated[
        str | None, typer.Argument(help="Better left out: then it is asked for, or read from stdin")
    ] = None,
) -> None:
    """Keep the key of PROVIDER."""
    known = load().providers
    if provider not in known:
        raise InputError(f"There is no provider {provider}: there are {', '.join(known)}.")
    if key is None and sys.stdin.isatty():
        key = typer.prompt(f"Key of {provider}", hide_input=True)
    keys = _keys()
    keys.set(provider, (key if key is not None else sys.stdin.readline()).strip())
    typer.echo(f"The key of {provider} is in {keys.path}.")


@auth.command("list")
def auth_list() -> None:
    """List each provider and where its key comes from; never the key."""
    from zeke_bridge.core.keys import Keys

    file = _keys()
    kept = file.names()
    for name, provider in load().providers.items():
        if provider.api_key_env and Keys(file).from_environment(provider):
            typer.echo(f"{name}: ${provider.api_key_env}")
        elif name in kept:
            typer.echo(f"{name}: {file.path}")
        else:
            typer.echo(f"{name}: {'no key' if provider.api_key_env else 'needs no key'}")


@auth.command("remove")
def auth_remove(provider: str) -> None:
    """Forget the key of PROVIDER."""
    keys = _keys()
    if not keys.remove(provider):
        raise InputError(f"There is no key of {provider} in {keys.path}.")
    typer.echo(f"The key of {provider} is removed from {keys.path}.")


def main() -> None:
    """Run ``ghostllm`` with this process's arguments; an error is one sentence and status 1."""
    try:
        app()
    except ZekeError as error:
        typer.echo(f"ghostllm: {error.message}", err=True)
        sys.exit(1)


def _keys() -> KeyFile:
    from zeke_bridge.core.keys import KeyFile

    return KeyFile(ghostllm_keys())


def _refuse_strangers(host: str) -> None:
    try:
        here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here:
        raise InputError(f"{host} is not an address of this machine alone: use 127.0.0.1.")


async def _with_core(work: Callable[[Core], Awaitable[None]]) -> None:
    async with _core() as core:
        await work(core)


@contextlib.asynccontextmanager
async def _core() -> AsyncIterator[Core]:
    """The core that the user's configuration describes."""
    from zeke_bridge.core.assemble import build_core
    from zeke_bridge.core.local.server import LlamaServer
    from zeke_bridge.core.local.shelf import models_directory

    with tempfile.TemporaryDirectory(prefix="ghostllm-") as directory:
        local = LlamaServer(models_directory(), Path(directory))
        core = build_core(load(), _keys(), local)
        try:
            yield core
        finally:
            await core.aclose()


async def _serve(core: Core, host: str, port: int) -> None:
    from zeke_bridge.core.api.app import loopback_only
    from zeke_bridge.core.serving import serve_port

    served = await serve_port(
        loopback_only(core.app), "127.0.0.1" if host == "localhost" else host, port
    )
    typer.echo(f"GhostLLM listens at {served.address}/v1")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await served.aclose()
