"""``zeke warden list | revoke | trust``: what a project remembers, and taking it back."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from zeke_bridge.app.consents import own_store
from zeke_bridge.cli.warden.project import AsJson, Project, chosen
from zeke_bridge.model.errors import InputError
from zeke_bridge.model.grant import Grant
from zeke_bridge.store.format import timestamp
from zeke_bridge.warden.escape import escape, shorten
from zeke_bridge.warden.grants import ProjectMemory
from zeke_bridge.warden.lists import CONSENT_FILE
from zeke_bridge.workspace.git import tracking
from zeke_bridge.workspace.project import consents_forbidden

_SESSION = "Approvals for a session live in the running broker: :ZekeConsents in Neovim shows them."
_STATES = {
    "none": "there is none",
    "trusted": "trusted",
    "untrusted": "not trusted, so no approval of it counts",
    "broken": "broken, so no approval of it counts",
}
_GIT = {
    "tracked": "git tracks it, so whoever clones the project gets it",
    "untracked": "git does not track it, and does not ignore it either",
    "ignored": "git ignores it",
}


def list_grants(project: Project = None, as_data: AsJson = False) -> None:
    """Show what the project remembers, and whether you trust it."""
    root = chosen(project)
    memory = own_store().load(root)
    git = tracking(root)
    if as_data:
        typer.echo(json.dumps(_data(root, memory, git)))
        return
    typer.echo(f"project  {escape(root)}")
    typer.echo(f"file     {CONSENT_FILE}: {_state(memory)}")
    if memory.state != "none" and git in _GIT:
        typer.echo(f"         {_GIT[git]}")
    for notice in (consents_forbidden(root), memory.notice):
        if notice:
            typer.echo(f"note     {escape(notice)}")
    for line in _body(memory):
        typer.echo(line)
    typer.echo(f"\n{_SESSION}")


def revoke(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="As `zeke warden list` has it.")],
    project: Project = None,
) -> None:
    """Take approvals back for good.

    Exit status 1 when one of the ids is not there; the others are taken back.
    """
    root = chosen(project)
    store = own_store()
    listed = {grant.id for grant in store.load(root).listed}
    known = [name for name in dict.fromkeys(ids) if name in listed]
    if known:
        count = store.revoke(root, known)
        typer.echo(f"Revoked: {count}.")
    unknown = [shorten(name, 80) for name in dict.fromkeys(ids) if name not in listed]
    if unknown:
        raise InputError(f"Not among the approvals of this project: {', '.join(unknown)}.")


def trust(
    project: Project = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    reject: Annotated[
        bool, typer.Option("--reject", help="Never believe the file as it is now.")
    ] = False,
) -> None:
    """Show the approvals in the project's file; if you say yes, they count.

    What you were shown is what is trusted: if the file changes meanwhile,
    nothing is.
    """
    if yes and reject:
        raise typer.BadParameter("--yes and --reject do not go together.")
    root = chosen(project)
    store = own_store()
    memory = store.load(root)
    _check_trustable(root, memory)
    typer.echo(f"{escape(root)}/{CONSENT_FILE}: {_state(memory)}")
    for line in _body(memory):
        typer.echo(line)
    if reject:
        store.reject(root, memory.hash)
        typer.echo("\nRejected: nothing of this file as it is now will ever count.")
        return
    if memory.state == "trusted":
        typer.echo("\nIt is trusted already.")
        return
    if not yes and not _confirmed():
        typer.echo("Nothing was changed.")
        raise typer.Exit(1)
    store.trust(root, memory.hash)
    count = len(store.load(root).grants.grants)
    typer.echo(f"Trusted: {count} of its approvals count from now on.")


def _check_trustable(root: str, memory: ProjectMemory) -> None:
    why = consents_forbidden(root)
    if why:
        raise InputError(why)
    if memory.state == "none":
        raise InputError(f"There is no {CONSENT_FILE} in {root}, so there is nothing to trust.")
    if memory.state == "broken":
        raise InputError(memory.notice)


def _confirmed() -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError("There is no terminal to ask at; say --yes if you have read this list.")
    return typer.confirm("\nLet these approvals count?", default=False)


def _state(memory: ProjectMemory) -> str:
    if memory.rejected:
        return "rejected by you, so no approval of it counts"
    return _STATES.get(memory.state, memory.state)


def _body(memory: ProjectMemory) -> Iterator[str]:
    yield f"\napprovals ({len(memory.listed)})"
    yield from _table([_cells(grant) for grant in memory.listed])
    if memory.denies:
        yield f"\nrefusals ({len(memory.denies)}); they hold, trusted or not"
        yield from _table(
            [(deny.op.value, shorten(deny.pattern.text, 260)) for deny in memory.denies]
        )
    if memory.local_only:
        yield "\nlocal only: nothing of this project goes to a model outside this machine"


def _cells(grant: Grant) -> tuple[str, ...]:
    if grant.expires is None:
        end = "until revoked"
    elif grant.expires <= time.time():
        end = "expired"
    else:
        end = f"until {timestamp(grant.expires)}"
    return (
        escape(grant.id),
        grant.op.value,
        shorten(grant.target, 200),
        f"by {shorten(grant.subject, 60)}",
        f"since {timestamp(grant.created)}",
        end,
    )


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Lines with the columns below each other; a column is not wider than 40 for that."""
    widths = [min(40, max(map(len, column))) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells).rstrip()}"


def _data(root: str, memory: ProjectMemory, git: str) -> dict[str, Any]:
    return {
        "root": root,
        "trust": memory.state,
        "rejected": memory.rejected,
        "hash": memory.hash,
        "notice": memory.notice,
        "local_only": memory.local_only,
        "git": git,
        "project": [
            {
                "id": grant.id,
                "op": grant.op.value,
                "subject": grant.subject,
                "target": grant.target,
                "created": grant.created,
                "expires": grant.expires,
            }
            for grant in memory.listed
        ],
        "denies": [{"op": deny.op.value, "pattern": deny.pattern.text} for deny in memory.denies],
    }
