"""``zeke acp``: GhostWarden between an agent and an editor that speaks its protocol."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from zeke_bridge.model.errors import InputError


class Asks(StrEnum):
    """Where its questions are shown."""

    CLIENT = "client"
    NEOVIM = "neovim"


def acp(
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- COMMAND…]", help="The command of an agent nobody knows."),
    ] = None,
    agent: Annotated[
        str, typer.Option("--agent", metavar="NAME", help="An agent that Zeke knows by name.")
    ] = "",
    ask: Annotated[
        Asks,
        typer.Option("--ask", help="Who shows GhostWarden's questions: this editor, or a Neovim."),
    ] = Asks.CLIENT,
) -> None:
    """Be an agent for an editor, on standard input and output, with GhostWarden in between."""
    if command and agent:
        raise InputError("Name the agent or its command, not both.")
    # The protocol takes its time to load, and only this command needs it.
    from zeke_bridge.acp.link import Wanted
    from zeke_bridge.acp.serving import serve

    name = agent if agent or command else "zeke"
    serve(Wanted(name, tuple(command or ()), asks_here=ask is Asks.CLIENT))
