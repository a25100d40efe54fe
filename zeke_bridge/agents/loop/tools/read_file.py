"""``read_file``: the text of a file, or some of its lines."""

from __future__ import annotations

from io import StringIO

from zeke_bridge.agents.loop.cut import cut
from zeke_bridge.agents.loop.place import plain
from zeke_bridge.agents.loop.title import title
from zeke_bridge.agents.loop.tool import Arguments, Bench, Look, Outcome, Tool, schema, text
from zeke_bridge.model.errors import InputError


def _look(given: Arguments, bench: Bench) -> Look:
    first, last = given.get("first_line"), given.get("last_line")
    said = title("Read", plain(given["path"], bench.root))
    if first or last:
        said += f" (lines {first or 1} to {last or 'the end'})"
    return Look(said, [(given["path"], first)])


async def _read(given: Arguments, bench: Bench) -> Outcome:
    path = plain(given["path"], bench.root)
    whole = await bench.effects.read(path)
    # As an editor counts them, and a search: only a line feed ends a line.
    lines = StringIO(whole, newline="\n").readlines()
    first, last = given.get("first_line", 1), min(given.get("last_line", len(lines)), len(lines))
    if first == 1 and last == len(lines):
        return Outcome(f"{path}, {len(lines)} lines:\n{cut(whole, bench.most)}")
    if not first <= last:
        raise InputError(f"There are no lines {first} to {last}: {path} has {len(lines)} lines.")
    part = "".join(lines[first - 1 : last])
    return Outcome(f"{path}, lines {first} to {last} of {len(lines)}:\n{cut(part, bench.most)}")


READ_FILE = Tool(
    "read_file",
    "Read a text file of the project, or lines first_line to last_line of it (from 1). A long "
    "text is cut in the middle: then ask for lines.",
    "read",
    schema(
        ["path"],
        path=text("Path from the project's root."),
        first_line={"type": "integer", "minimum": 1},
        last_line={"type": "integer", "minimum": 1},
    ),
    _look,
    read=_read,
)
