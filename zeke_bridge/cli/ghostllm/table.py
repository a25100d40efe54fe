"""A table on standard output. What a cell says may come from outside: it is escaped."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from zeke_bridge.warden.escape import escape

_WIDE = 160


def show(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> None:
    """Print ``rows`` under ``columns``; those in ``right`` are set to the right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(escape(cell)) for cell in row))
    console = Console(soft_wrap=False)
    # A pipe has no width: its reader should find a row on one line.
    Console(width=console.width if console.is_terminal else _WIDE).print(table)
