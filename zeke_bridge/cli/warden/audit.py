"""``zeke warden audit``: what was decided lately, and whether the log is whole."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from zeke_bridge.app.consents import own_audit
from zeke_bridge.cli.complaint import complain
from zeke_bridge.cli.warden.decisions import as_text
from zeke_bridge.cli.warden.project import AsJson, Project, chosen
from zeke_bridge.store.audit import Audit
from zeke_bridge.store.paths import state_dir
from zeke_bridge.warden.escape import escape
from zeke_bridge.warden.why import sentence


def audit(
    project: Project = None,
    limit: Annotated[int, typer.Option(min=1, help="How many lines at most.")] = 20,
    verify: Annotated[
        bool, typer.Option("--verify", help="Go through the whole log, of all projects.")
    ] = False,
    as_data: AsJson = False,
) -> None:
    """Show the latest decisions in the project, the newest first.

    --verify looks for lines that were edited, removed, moved or cut instead.
    Exit status then: 0 when the log is whole, 1 when it is not. A log that
    was damaged and put aside is reported until you move it away.
    """
    log = own_audit()
    if verify:
        _verify(log, as_data)
        return
    root = chosen(project)
    if log.asides():
        complain("The log was damaged; see `zeke warden audit --verify`.")
    entries = log.recent(root, limit)
    for entry in entries:
        if as_data:
            why = sentence(entry["verdict"], entry["step"], entry["by"])
            typer.echo(json.dumps({**entry, "why": why}))
        else:
            typer.echo(as_text(entry))
    if not entries and not as_data:
        typer.echo("Nothing was decided in this project lately.")


def _verify(log: Audit, as_data: bool) -> None:
    found = log.verify()
    if as_data:
        typer.echo(json.dumps({"lines": found.lines, "problem": found.problem}))
    elif not found.problem:
        typer.echo(f"The audit log is whole: {found.lines} lines.")
    else:
        typer.echo(escape(found.problem))
        typer.echo(
            "A kill or a power cut can do this, and so can somebody with access to your files. "
            "Zeke works on. To end this report, look at the log, then stop the broker "
            f"(`zeke broker stop`) and move audit.* out of {escape(str(state_dir()))}; "
            "a new log begins by itself."
        )
    if found.problem:
        raise typer.Exit(1)
