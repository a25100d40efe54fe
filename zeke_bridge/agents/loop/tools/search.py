"""``search``: lines of the project's files that match a regular expression."""

from __future__ import annotations

from zeke_bridge.agents.loop.cut import cut
from zeke_bridge.agents.loop.place import plain
from zeke_bridge.agents.loop.title import title
from zeke_bridge.agents.loop.tool import Arguments, Bench, Look, Outcome, Tool, schema, text

_MOST = 200
_WIDEST = 300


def _look(given: Arguments, bench: Bench) -> Look:
    path = plain(given.get("path", ""), bench.root)
    said = title("Search for", given["pattern"])
    return Look(title(f"{said} in", path) if path else said)


async def _read(given: Arguments, bench: Bench) -> Outcome:
    path = plain(given.get("path", ""), bench.root)
    found = await bench.effects.search(given["pattern"], path, most=_MOST)
    unsaved = await bench.effects.unsaved()
    after = f"\n{unsaved}" if unsaved else ""
    if not found:
        return Outcome(f"No line matches.{after}")
    rows = [f"{one.path}:{one.line}: {cut(one.text.strip(), _WIDEST)}" for one in found]
    files = len({one.path for one in found})
    more = f" (the first {_MOST}; there may be more)" if len(found) >= _MOST else ""
    lines = "1 line" if len(found) == 1 else f"{len(found)} lines"
    told = f"{lines} in {files} file{'' if files == 1 else 's'}{more}:"
    return Outcome(f"{told}\n{cut(chr(10).join(rows), bench.most)}{after}")


SEARCH = Tool(
    "search",
    "Find the lines that match a regular expression, in the project or below a path.",
    "search",
    schema(
        ["pattern"],
        pattern=text("A regular expression.", minLength=1),
        path=text("A directory or a file, from the project's root; left out: all."),
    ),
    _look,
    read=_read,
)
