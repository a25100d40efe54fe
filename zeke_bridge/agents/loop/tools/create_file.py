"""``create_file``: a new file with its whole text."""

from __future__ import annotations

import posixpath

from zeke_bridge.agents.effects import FileText
from zeke_bridge.agents.loop.place import plain
from zeke_bridge.agents.loop.title import title
from zeke_bridge.agents.loop.tool import Arguments, Bench, Draft, Drafts, Look, Tool, schema
from zeke_bridge.agents.loop.tool import text as a_text
from zeke_bridge.model.errors import InputError, ZekeError


def _look(given: Arguments, bench: Bench) -> Look:
    return Look(title("Create", plain(given["path"], bench.root)), [(given["path"], None)])


async def _draft(given: Arguments, drafts: Drafts) -> Draft:
    path = plain(given["path"], drafts.bench.root)
    if not path:
        raise InputError("path is empty: name the new file.")
    if path in drafts.files or await _exists(path, drafts.bench):
        raise InputError(f"{path} exists already: use edit_file to change it.")
    text: str = given["text"]
    # Models leave the last line end out, which no editor does.
    return Draft(FileText(path, text if text.endswith("\n") or not text else f"{text}\n"), None)


async def _exists(path: str, bench: Bench) -> bool:
    """Whether it is among the files that may be shown; what is not is for the write to judge."""
    try:
        return path in await bench.effects.names(posixpath.dirname(path))
    except ZekeError:
        return False


CREATE_FILE = Tool(
    "create_file",
    "Make a new file, and the directories it needs. For a file that exists use edit_file.",
    "edit",
    schema(
        ["path", "text"],
        path=a_text("Path from the project's root.", minLength=1),
        text=a_text("The whole text of the file."),
    ),
    _look,
    draft=_draft,
)
