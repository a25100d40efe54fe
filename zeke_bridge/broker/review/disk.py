"""Taking the text of a file from disk, once GhostWarden lets it be read."""

from __future__ import annotations

from zeke_bridge.broker.review.base import NOTHING, Base, of_content
from zeke_bridge.broker.session import Session
from zeke_bridge.model.action import Action, Op, Subject

READ_LIMIT = 4 * 1024 * 1024
_NOTE = "To show what a proposed change would replace."


async def look(
    session: Session, root: str, path: str, subject: Subject, *, name: str, use: str
) -> Base:
    """What is at ``path`` (absolute, or from ``root``); without lines when nothing is there.

    ``name`` is what a person is shown of it, and ``use`` what the audit log says became of it.

    Raises ``ConsentError``, ``StoreError``, and ``InputError`` when it is no text or too long.
    """
    if not session.exists(root, path):
        return NOTHING
    action = Action(Op.READ, root, subject=subject, path=path, note=_NOTE)
    permit = await session.authorize(action)
    return of_content(await session.read(permit, READ_LIMIT, use=use), name)
