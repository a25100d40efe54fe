"""What bounds mean, in one sentence for a question; and whether there are any here."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from zeke_bridge.workspace.files.libc import call
from zeke_bridge.workspace.process.containment import launcher

_TRUNCATES_SINCE = 3


def unavailable() -> str:
    """Say why no program can be kept in bounds here; empty when it can."""
    if version() < 1:
        return "This system has no Landlock, or it is switched off."
    if not launcher.has_filter():
        return f"Zeke cannot keep programs in bounds on {platform.machine()}."
    return ""


def version() -> int:
    """The version of Landlock's interface; 0 where there is none."""
    try:
        return call("syscall", launcher.CREATE_RULESET, None, 0, launcher.VERSION)
    except OSError:
        return 0


def words(writes: Sequence[str] = ()) -> str:
    """Say what a program in bounds can do and what not; ``writes`` are places of its own."""
    own = f", {', '.join(writes)}" if writes else ""
    gap = "" if version() >= _TRUNCATES_SINCE else " This kernel lets it empty other files."
    return (
        f"Kept in bounds: by itself it changes the project's directories{own} and a temporary "
        "one, no protected files; it cannot read Zeke's keys and state, but the rest of what you "
        f"can, and use the network.{gap}"
    )
