"""``list_files``: names of the project's files."""

from __future__ import annotations

from zeke_bridge.agents.loop.cut import cut
from zeke_bridge.agents.loop.place import plain
from zeke_bridge.agents.loop.title import title
from zeke_bridge.agents.loop.tool import Arguments, Bench, Look, Outcome, Tool, schema, text


def _look(given: Arguments, bench: Bench) -> Look:
    path = plain(given.get("path", ""), bench.root)
    return Look(title("List files in", path) if path else "List files")


async def _read(given: Arguments, bench: Bench) -> Outcome:
    path = plain(given.get("path", ""), bench.root)
    names = await bench.effects.names(path)
    where = f" below {path}" if path else ""
    if not names:
        return Outcome(f"There are no files{where} that may be shown.")
    return Outcome(f"{len(names)} files{where}:\n{cut(chr(10).join(names), bench.most)}")


LIST_FILES = Tool(
    "list_files",
    "List the files of the project, or those below a directory, by their paths from the root.",
    "search",
    schema(path=text("A directory, from the project's root; left out: all.")),
    _look,
    read=_read,
)
