"""``edit_file``: changes of a file, as old and new text, or in words that a model follows."""

from __future__ import annotations

from zeke_bridge.agents.effects import FileText
from zeke_bridge.agents.loop.matching import edited
from zeke_bridge.agents.loop.place import plain
from zeke_bridge.agents.loop.title import title
from zeke_bridge.agents.loop.tool import Arguments, Bench, Draft, Drafts, Look, Tool, schema, text
from zeke_bridge.model.errors import InputError


def _look(given: Arguments, bench: Bench) -> Look:
    return Look(title("Edit", plain(given["path"], bench.root)), [(given["path"], None)])


async def _draft(given: Arguments, drafts: Drafts) -> Draft:
    path = plain(given["path"], drafts.bench.root)
    old = await drafts.text(path)
    edits = [(one["old_text"], one["new_text"]) for one in given["edits"]]
    return Draft(FileText(path, edited(old, edits)), old)


async def _rewritten(given: Arguments, drafts: Drafts) -> Draft:
    path = plain(given["path"], drafts.bench.root)
    if drafts.bench.rewrite is None:
        raise InputError("No model rewrites files here: say what is to be changed as edits.")
    old = await drafts.text(path)
    new = await drafts.bench.rewrite(path, old, given["instruction"])
    drafts.bench.spent.add(new.receipt)
    return Draft(FileText(path, new.text), old)


EDIT_FILE = Tool(
    "edit_file",
    "Change a file that exists. Each edit replaces old_text, which must stand in the file exactly "
    "once, by new_text; edits are made one after the other. Copy old_text exactly, with enough "
    "lines to be unique. The person may take only some of the changes: the result says so.",
    "edit",
    schema(
        ["path", "edits"],
        path=text("Path from the project's root."),
        edits={
            "type": "array",
            "minItems": 1,
            "items": schema(
                ["old_text", "new_text"],
                old_text=text("Lines of the file as they are now."),
                new_text=text("What is to stand there."),
            ),
        },
    ),
    _look,
    draft=_draft,
)

EDIT_BY_INSTRUCTION = Tool(
    "edit_file",
    "Change a file that exists, as an instruction says.",
    "edit",
    schema(
        ["path", "instruction"],
        path=text("Path from the project's root."),
        instruction=text("What is to be changed, in words.", minLength=1, maxLength=1000),
    ),
    _look,
    draft=_rewritten,
)
