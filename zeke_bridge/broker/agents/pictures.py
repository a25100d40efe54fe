"""Pictures that a message to an agent mentions as files: read for the agent, with its consent."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import PurePath

from zeke_bridge.agents.agent import Image
from zeke_bridge.broker.attachments.part import Part, State
from zeke_bridge.broker.session import Session
from zeke_bridge.model.action import Action, Op, Subject
from zeke_bridge.model.errors import ChangedError, ConsentError, ZekeError
from zeke_bridge.model.task import Attachment

# What every provider takes; https://docs.claude.com/en/docs/build-with-claude/vision has the least.
MIME = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
MOST_BYTES = 5 * 1024 * 1024


def is_picture(attachment: Attachment) -> bool:
    """Whether it is a file whose name is that of a picture."""
    known = PurePath(attachment.path).suffix.lower() in MIME
    return attachment.kind == "file" and attachment.text is None and known


async def pictures(
    session: Session, cwd: str, subject: Subject, mentioned: Sequence[Attachment]
) -> tuple[list[Image], list[Part]]:
    """Those that may be shown, and what became of each. Never raises ``ZekeError``."""
    images: list[Image] = []
    parts: list[Part] = []
    for one in mentioned:
        part = Part(one.kind, one.label, "sent")
        try:
            action = Action(Op.READ, session.root(one.path, cwd), subject, path=one.path)
            permit = await session.authorize(action)
            content = await session.read(permit, MOST_BYTES, use="shown to the agent")
        except ZekeError as error:
            no = isinstance(error, ConsentError) and not isinstance(error, ChangedError)
            outcome: State = "denied" if no else "failed"
            parts.append(Part(one.kind, one.label, outcome, message=error.message))
            continue
        mime = MIME[PurePath(one.path).suffix.lower()]
        images.append(Image(mime, base64.b64encode(content).decode("ascii")))
        parts.append(part)
    return images, parts
