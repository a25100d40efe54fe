"""``ghostllm keys create | list | revoke | rotate``: who may use the core besides this machine.

A new key goes to standard output, alone, and everything else beside it to standard error.
"""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zeke_bridge.config.ghostllm.schema import Rates

if TYPE_CHECKING:
    from zeke_bridge.core.access.clients import Client
    from zeke_bridge.core.access.keys import ClientKeys

_DAY = 86400.0
_HOUR = 3600.0

keys = typer.Typer(no_args_is_help=True, help="The keys that clients have for this core.")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is: a person, a machine, a program.")],
    *,
    rpm: Annotated[float | None, typer.Option(help="Requests a minute.")] = None,
    tpm: Annotated[float | None, typer.Option(help="Tokens a minute.")] = None,
    parallel: Annotated[int | None, typer.Option(help="Requests at once.")] = None,
    daily_usd: Annotated[float | None, typer.Option(help="US dollars a day.")] = None,
    monthly_usd: Annotated[float | None, typer.Option(help="US dollars a month.")] = None,
    days: Annotated[float | None, typer.Option(min=0, help="For how long it opens.")] = None,
) -> None:
    """Make a key for NAME and show it, this once. What has no option has no limit."""
    kept, now = _kept(), time.time()
    first = not kept.any()
    client, secret = kept.create(
        name,
        now,
        rates=Rates(rpm, tpm, parallel),
        daily_limit=daily_usd,
        monthly_limit=monthly_usd,
        expires=None if days is None else now + days * _DAY,
    )
    typer.echo(f"The key of {client.name}, which is not shown again:", err=True)
    typer.echo(secret)
    if first:
        typer.echo("From now on the core needs a key, on 127.0.0.1 too.", err=True)


@keys.command("list")
def show(
    as_data: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """List the clients, their limits and their state; never a key."""
    clients, now = _kept().clients(), time.time()
    if as_data:
        typer.echo(json.dumps([_data(client, now) for client in clients]))
        return
    if not clients:
        typer.echo("There are no keys: whoever is on this machine may use the core.")
        return
    rows = [(client.name, client.id, _state(client, now), _limits(client)) for client in clients]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for *cells, limits in rows:
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        typer.echo("  ".join([*padded, limits]))


@keys.command()
def revoke(
    name: Annotated[str, typer.Argument(help="As `ghostllm keys list` has it.")],
) -> None:
    """From now on, let nobody in with a key of NAME."""
    kept, now = _kept(), time.time()
    client = kept.revoke(name, now)
    typer.echo(f"The key of {client.name} opens nothing any more.")
    if not kept.usable(now):
        typer.echo(
            "No key is left, and the core still needs one: create another, or remove "
            f"{kept.path} to open the core to this machine again."
        )


@keys.command()
def rotate(
    name: Annotated[str, typer.Argument(help="As `ghostllm keys list` has it.")],
    grace_hours: Annotated[
        float, typer.Option(min=0, help="For how long the old key still opens.")
    ] = 0.0,
) -> None:
    """Give NAME another key, with the same limits, and show it, this once."""
    client, secret = _kept().rotate(name, time.time(), grace_hours * _HOUR)
    old = f"for {grace_hours:g} more hours" if grace_hours else "nothing any more"
    typer.echo(f"The old key of {client.name} opens {old}. The new one:", err=True)
    typer.echo(secret)


def _kept() -> ClientKeys:
    from zeke_bridge.core.access.keys import ClientKeys, clients_file

    return ClientKeys(clients_file())


def _state(client: Client, now: float) -> str:
    if client.revoked is not None:
        return f"revoked {_day(client.revoked)}"
    if client.expires is None:
        return "open"
    return f"{'expired' if client.expired(now) else 'until'} {_day(client.expires)}"


def _limits(client: Client) -> str:
    rates = client.rates
    said = (
        (rates.requests_per_minute, "{:g} requests/min"),
        (rates.tokens_per_minute, "{:g} tokens/min"),
        (rates.max_parallel, "{} at once"),
        (client.daily_limit, "${:.2f} a day"),
        (client.monthly_limit, "${:.2f} a month"),
    )
    return ", ".join(text.format(number) for number, text in said if number is not None) or (
        "no limits"
    )


def _data(client: Client, now: float) -> dict[str, Any]:
    rates = client.rates
    return {
        "id": client.id,
        "name": client.name,
        "requests_per_minute": rates.requests_per_minute,
        "tokens_per_minute": rates.tokens_per_minute,
        "max_parallel": rates.max_parallel,
        "daily_usd": client.daily_limit,
        "monthly_usd": client.monthly_limit,
        "created": client.created,
        "expires": client.expires,
        "revoked": client.revoked,
        "usable": client.revoked is None and not client.expired(now),
    }


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M")
