"""What a file would become by an agent's text, to be looked at or for GhostWarden to judge.

Line ends, and the final one, stay as the file has them: an agent is shown every line ended alike.
"""

from __future__ import annotations

from dataclasses import replace

from zeke_bridge.agents.effects import FileText
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.broker.agents.reading import unsaved
from zeke_bridge.broker.review.accepted import Accepted, accepted
from zeke_bridge.broker.review.base import Base, of_buffer
from zeke_bridge.broker.review.disk import look
from zeke_bridge.broker.review.draft import Carried, Proposed, Unfit, Whole, whole
from zeke_bridge.model.errors import InputError, PatchError, TimedOutError


async def looked(owner: Owner, path: str) -> Base:
    """What is on disk. Raises ``ConsentError``, ``StoreError`` or ``InputError``."""
    editor, home, name = owner.editor, owner.home(path), owner.shown(path)
    literal = owner.absolute(path)
    return await look(editor, home, literal, owner.subject, name=name, use="shown to the person")


def drafted(owner: Owner, file: FileText, base: Base) -> Accepted | None:
    """All of the change; None when the file has this text already. Raises ``PatchError``."""
    literal, home = owner.absolute(file.path), owner.home(file.path)
    draft = whole(Whole(literal, file.text, exact=True), base)
    if not draft.patch.hunks:
        return None
    return accepted(draft, None, home, owner.subject)


async def proposed(owner: Owner, file: FileText) -> Proposed:
    """The change as it is reviewed: one of the unsaved text that the agent was shown, if it was.

    So the person's own lines, those of the disk and those typed since, are no part of it. Raises
    ``PatchError`` for a buffer's text that no file can hold.
    """
    wanted = Whole(owner.absolute(file.path), file.text, exact=True)
    shown = owner.seen.text(wanted.path)
    try:
        there = await unsaved(owner, file.path) if shown is not None else None
    except (InputError, TimedOutError) as error:
        return Unfit(owner.shown(file.path), error.message)
    if shown is None or there is None:
        return wanted
    now = of_buffer(there.buffer)
    seen = replace(now, lines=tuple(shown.removesuffix("\n").split("\n")))
    try:
        return Carried(wanted.path, seen, whole(wanted, seen).patch, now)
    except PatchError as error:
        return Unfit(owner.shown(file.path), error.message)
