"""What git says of a project of late: the branch, and the subjects of the last commits.

Runs nothing of the repository. Takes some milliseconds, so it belongs into a thread.
"""

from __future__ import annotations

import unicodedata

from zeke_bridge.workspace.quiet_git import ask

_COMMITS = 20
_LONGEST = 120


def branch(root: str) -> str:
    """The name of the branch that is checked out; empty without one, or without git."""
    said = ask(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    return _line(said.output) if said is not None and said.status == 0 else ""


def history(root: str) -> tuple[str, ...]:
    """The last commits, newest first, each as its short id and its subject."""
    said = ask(
        root,
        "log",
        f"--max-count={_COMMITS}",
        "--no-show-signature",
        "--no-notes",
        "--no-decorate",
        "--no-color",
        "--no-patch",
        "--format=%h %s",
        "HEAD",
        "--",
    )
    if said is None or said.status != 0:
        return ()
    return tuple(line for raw in said.output.split(b"\n") if (line := _line(raw)))


def _line(raw: bytes) -> str:
    """``raw`` as one short line of text without controls."""
    text = raw.decode("utf-8", "replace").strip()
    plain = "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cf", "Cs"})
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
