"""The tree of ``ghostllm``'s commands, and how an error reaches the person."""

from __future__ import annotations

import sys

import typer

from zeke_bridge.cli.ghostllm.auth import app as auth
from zeke_bridge.cli.ghostllm.bench import bench
from zeke_bridge.cli.ghostllm.config import app as config
from zeke_bridge.cli.ghostllm.keys import keys
from zeke_bridge.cli.ghostllm.models import models
from zeke_bridge.cli.ghostllm.providers import probe_providers
from zeke_bridge.cli.ghostllm.serve import serve
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.warden.escape import escape

app = typer.Typer(
    name="ghostllm",
    help="A routing core: one OpenAI-compatible server in front of the models you have.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve)
app.add_typer(auth, name="auth", help="The keys of providers.")
app.add_typer(keys, name="keys")
app.command("models")(models)
app.command("test-providers")(probe_providers)
app.add_typer(config, name="config", help="The configuration.")
app.command("bench")(bench)


def main() -> None:
    """Run ``ghostllm`` with this process's arguments; an error is one sentence and status 1."""
    try:
        app()
    except ZekeError as error:
        sentence = error.message
        said = sentence if sentence.isprintable() else escape(sentence)
        typer.echo(f"ghostllm: {said}", err=True)
        sys.exit(1)
