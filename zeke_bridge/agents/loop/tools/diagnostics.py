"""``diagnostics``: what the editor's diagnostics say."""

from __future__ import annotations

from zeke_bridge.agents.loop.cut import cut
from zeke_bridge.agents.loop.place import plain
from zeke_bridge.agents.loop.title import title
from zeke_bridge.agents.loop.tool import Arguments, Bench, Look, Outcome, Tool, schema, text


def _look(given: Arguments, bench: Bench) -> Look:
    path = plain(given.get("path", ""), bench.root)
    return Look(title("Diagnostics of", path) if path else "Diagnostics")


async def _read(given: Arguments, bench: Bench) -> Outcome:
    found = await bench.effects.diagnostics(plain(given.get("path", ""), bench.root))
    return Outcome(cut(found, bench.most) if found.strip() else "There are no diagnostics.")


DIAGNOSTICS = Tool(
    "diagnostics",
    "What language servers and linters say in the editor, of one open file or of all.",
    "read",
    schema(path=text("A file, from the project's root; left out: all.")),
    _look,
    read=_read,
)
