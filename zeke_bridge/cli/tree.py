"""All subcommands of ``zeke``, and the one place where an error becomes a sentence and a status."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from zeke_bridge import __version__
from zeke_bridge.cli import acp, brokers, doctor, mcp, model, nvim, warden
from zeke_bridge.cli.complaint import complain
from zeke_bridge.model.errors import ZekeError

app = typer.Typer(
    name="zeke",
    help="AI in Neovim that asks before it touches anything.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(brokers.app, name="broker", help="The local broker that all Neovims share.")
app.add_typer(model.app, name="model", help="The local model.")
app.add_typer(warden.app, name="warden", help="GhostWarden: what is asked, allowed and denied.")
app.command("acp")(acp.acp)
app.command("doctor")(doctor.doctor)
app.command("mcp")(mcp.mcp)
app.command("nvim", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
    nvim.nvim
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"zeke {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """AI in Neovim that asks before it touches anything."""


def run() -> NoReturn:
    """Run ``zeke`` with this process's arguments; an error is one sentence and status 1."""
    try:
        app()
    except ZekeError as error:
        complain(error.message)
        sys.exit(1)
    sys.exit(0)
