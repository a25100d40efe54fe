"""``ghostllm test-providers``: which providers can be reached, and what helps where not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from zeke_bridge.cli.ghostllm.opened import opened
from zeke_bridge.cli.ghostllm.reading import ConfigFile, Reading
from zeke_bridge.cli.ghostllm.table import show

if TYPE_CHECKING:
    from zeke_bridge.core.probe import ProbeResult


def probe_providers(config: ConfigFile = None) -> None:
    """Ask every provider whether it is there.

    Exit status: 0 when at least one can be reached, 1 when none can.
    """
    results = asyncio.run(_probed(Reading(config)))
    rows = [
        (
            one.name,
            "yes" if one.healthy else f"no: {one.state}",
            str(len(one.models)) if one.healthy else "",
            "" if one.seconds is None else f"{one.seconds * 1000:.0f} ms",
            one.remedy,
        )
        for one in results
    ]
    columns = ("provider", "reachable", "models", "latency", "what to do")
    show(columns, rows, right=("models", "latency"))
    if not any(one.healthy for one in results):
        typer.echo("No provider can be reached.", err=True)
        raise typer.Exit(1)


async def _probed(reading: Reading) -> list[ProbeResult]:
    from zeke_bridge.core.probe import probe_all

    async with opened(reading) as core:
        await core.relay.setup.ready()
        return await probe_all(list(core.relay.setup.providers.values()))
