"""``ghostllm models``: what can be asked now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from zeke_bridge.cli.ghostllm.opened import opened
from zeke_bridge.cli.ghostllm.reading import ConfigFile, Reading
from zeke_bridge.cli.ghostllm.table import show
from zeke_bridge.warden.escape import escape

if TYPE_CHECKING:
    from zeke_bridge.model.exchange import ModelInfo

_READ, _WRITTEN, _CONTEXT = "read, $/M", "written, $/M", "context"


def models(
    prices: Annotated[
        bool, typer.Option("--prices", help="With prices in US dollars a million tokens.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """List the models that can be asked now, one a line."""
    found = asyncio.run(_listed(Reading(config)))
    if not prices:
        for info in found:
            typer.echo(escape(info.id))
        return
    _show(found)


async def _listed(reading: Reading) -> list[ModelInfo]:
    async with opened(reading) as core:
        return await core.relay.models()


def _show(found: Sequence[ModelInfo]) -> None:
    rows = [
        (
            info.id,
            _dollars(info.input_price),
            _dollars(info.output_price),
            f"{info.context:,}" if info.context else "?",
        )
        for info in found
    ]
    show(("model", _READ, _WRITTEN, _CONTEXT), rows, right=(_READ, _WRITTEN, _CONTEXT))


def _dollars(price: float | None) -> str:
    if price is None:
        return "?"
    return "free" if price == 0 else f"{price:.2f}"
