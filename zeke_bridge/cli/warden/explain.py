"""``zeke warden explain``: what would be decided about a path, by which step, and what was."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from zeke_bridge.app.consents import Trial, own_audit, own_rules
from zeke_bridge.cli.complaint import complain
from zeke_bridge.cli.warden.decisions import as_text
from zeke_bridge.cli.warden.project import AsJson, Config, Project, chosen
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.verdict import Verdict
from zeke_bridge.warden.escape import escape, shorten
from zeke_bridge.warden.why import sentence

_LOOKED_THROUGH = 10_000
_SHOWN = 10


class Asked(StrEnum):
    """What can be done to one path."""

    READ = "read"
    WRITE = "write"
    CREATE = "create"
    DELETE = "delete"


def explain(
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="Relative to the current directory inside the project, else to the project.",
        ),
    ],
    op: Annotated[Asked | None, typer.Option(help="Only this one.")] = None,
    project: Project = None,
    config: Config = None,
    as_data: AsJson = False,
) -> None:
    """Say what would be decided about PATH and why, and what was lately.

    It is the built-in assistant that asks. Approvals of a running session are
    not known here.
    """
    root = chosen(project)
    trial = Trial(root, own_rules(config))
    for warning in trial.warnings():
        complain(warning)
    literal = _from_root(root, path)
    ops = [Op(op.value)] if op is not None else [Op(asked.value) for asked in Asked]
    verdicts = {one: trial.foreseen(Action(one, root, path=literal)) for one in ops}
    decisions = _decisions(root, [verdict.target for verdict in verdicts.values()])
    if as_data:
        typer.echo(json.dumps(_data(root, literal, verdicts, decisions)))
        return
    typer.echo(f"{shorten(literal, 400)} in {escape(root)}")
    for one, verdict in verdicts.items():
        ruling, risk = verdict.ruling.value, verdict.risk.value
        typer.echo(f"  {one.value:<7} {ruling:<9} {risk:<7} {verdict.step:<14} {_why(verdict)}")
    typer.echo("\nlately" if decisions else "\nNothing was decided about it lately.")
    for entry in decisions:
        typer.echo(f"  {as_text(entry)}")


def _from_root(root: str, path: str) -> str:
    """Return ``path`` as the project has it; nothing of it is resolved here."""
    if path.startswith("/") or not path:
        return path
    try:
        here = Path(os.path.realpath("."))
    except OSError:
        # The current directory is gone.
        return path
    if not here.is_relative_to(root) or str(here) == root:
        return path
    return f"{here.relative_to(root)}/{path}"


def _decisions(root: str, targets: Sequence[str]) -> list[dict[str, Any]]:
    wanted = frozenset(filter(None, targets))
    found = (
        entry
        for entry in own_audit().recent(root, _LOOKED_THROUGH)
        if entry["target"] in wanted or entry["to"] in wanted
    )
    return [entry for entry, _ in zip(found, range(_SHOWN), strict=False)]


def _why(verdict: Verdict) -> str:
    return sentence(verdict.ruling.value, verdict.step, verdict.grant)


def _data(
    root: str, path: str, verdicts: dict[Op, Verdict], decisions: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "root": root,
        "path": path,
        "verdicts": [
            {
                "op": op.value,
                "verdict": verdict.ruling.value,
                "risk": verdict.risk.value,
                "step": verdict.step,
                "by": verdict.grant,
                "reason": verdict.reason,
                "why": _why(verdict),
                "target": verdict.target,
            }
            for op, verdict in verdicts.items()
        ],
        "decisions": [
            {**entry, "why": sentence(entry["verdict"], entry["step"], entry["by"])}
            for entry in decisions
        ],
    }
