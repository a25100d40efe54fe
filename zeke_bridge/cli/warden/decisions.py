"""Lines of the audit log as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.warden.escape import shorten


def as_text(entry: Mapping[str, Any]) -> str:
    """One decision on one line; everything in it may come from anywhere."""
    target = shorten(entry["target"], 160)
    if entry["to"]:
        target = f"{target} -> {shorten(entry['to'], 160)}"
    by = f" ({shorten(entry['by'], 60)})" if entry["by"] else ""
    result = f"; {shorten(entry['result'], 40)}" if entry["result"] else ""
    return (
        f"{shorten(entry['time'], 30)}  {shorten(entry['verdict'], 10):<6} "
        f"{shorten(entry['op'], 10):<8} {target}  "
        f"by {shorten(entry['subject'], 40)}, {shorten(entry['step'], 30)}{by}{result}"
    )
