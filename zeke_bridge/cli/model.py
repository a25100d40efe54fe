"""``zeke model``: which local models there are, and getting or removing one."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from zeke_bridge.core.local.catalog import in_words
from zeke_bridge.core.local.shelf import Shelf, models_directory

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("install")
def install(
    spec: Annotated[str, typer.Argument(metavar="[0.5b|1.5b|FILE|URL]")] = "0.5b",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Get a local model: a known one, a .gguf file, or one from a URL."""
    shelf = Shelf(models_directory())
    model = shelf.known(spec)
    if model is not None and shelf.has(model):
        typer.echo(f"{model.id} is installed already: {shelf.path(model)}")
        return
    if model is not None:
        typer.echo(f"{model.id}: {in_words(model.size)}, {model.licence}, into {shelf.directory}")
    if not yes and (model is not None or "://" in spec) and _is_person():
        typer.confirm("Download it?", default=True, abort=True)
    # What fetches and what shows it take their time to load, and only this command needs them.
    from zeke_bridge.cli.meter import Meter
    from zeke_bridge.core.local.install import install as put

    try:
        with Meter() as meter:
            path = put(spec, progress=meter.show, notice=meter.say, shelf=shelf)
    except KeyboardInterrupt:
        typer.echo("Interrupted. What came is kept: run it again to go on.", err=True)
        raise typer.Exit(130) from None
    typer.echo(f"Installed and checked: {path}")


@app.command("list")
def list_models() -> None:
    """Show what is installed, and what can be."""
    shelf = Shelf(models_directory())
    for name in shelf.installed():
        path = shelf.find(name)
        if path is not None:
            typer.echo(f"installed  {name:<24}{in_words(path.stat().st_size):>9}  {path}")
    for model in shelf.catalog:
        if not shelf.has(model):
            size = in_words(model.size)
            typer.echo(f"available  {model.id:<24}{size:>9}  zeke model install {model.name}")


@app.command("remove")
def remove(name: Annotated[str, typer.Argument(help="As `zeke model list` shows it.")]) -> None:
    """Delete an installed model from the disk."""
    shelf = Shelf(models_directory())
    with shelf.changing(lambda: typer.echo("An installation is running: waiting.", err=True)):
        typer.echo(f"Removed {shelf.remove(name)}")


def _is_person() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
