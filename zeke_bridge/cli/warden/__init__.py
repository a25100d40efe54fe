"""``zeke warden``: GhostWarden at the shell, what ``:ZekeConsents`` is in Neovim."""

from __future__ import annotations

import typer

from zeke_bridge.cli.warden.audit import audit
from zeke_bridge.cli.warden.check import check
from zeke_bridge.cli.warden.explain import explain
from zeke_bridge.cli.warden.grants import list_grants, revoke, trust

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("check")(check)
app.command("list")(list_grants)
app.command("revoke")(revoke)
app.command("trust")(trust)
app.command("explain")(explain)
app.command("audit")(audit)
