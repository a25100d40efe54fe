"""``git_diff`` and ``git_log``: what git knows of the project. Nothing of the repository is run."""

from __future__ import annotations

from zeke_bridge.agents.loop.cut import cut
from zeke_bridge.agents.loop.tool import Arguments, Bench, Look, Outcome, Tool, schema


async def _diff(_given: Arguments, bench: Bench) -> Outcome:
    found = await bench.effects.changes()
    unsaved = await bench.effects.unsaved()
    told = cut(found, bench.most) if found.strip() else "Nothing is changed."
    return Outcome(f"{told}\n{unsaved}" if unsaved else told)


async def _log(_given: Arguments, bench: Bench) -> Outcome:
    found = await bench.effects.commits()
    return Outcome(cut("\n".join(found), bench.most) or "There are no commits.")


GIT_DIFF = Tool(
    "git_diff",
    "What is not as in the last commit, as a unified diff.",
    "read",
    schema(),
    lambda _given, _bench: Look("git diff"),
    read=_diff,
)
GIT_LOG = Tool(
    "git_log",
    "The subjects of the last commits, newest first.",
    "read",
    schema(),
    lambda _given, _bench: Look("git log"),
    read=_log,
)
