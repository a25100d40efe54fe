"""What ``zeke`` says on standard error: one sentence on one line, whatever is in it."""

from __future__ import annotations

import typer

from zeke_bridge.warden.escape import escape


def complain(sentence: str) -> None:
    """Say ``sentence``; a name in it that moves the cursor or hides is escaped, and all with it."""
    typer.echo(f"zeke: {sentence if sentence.isprintable() else escape(sentence)}", err=True)
