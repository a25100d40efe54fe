"""Refactoring a range: an edit that is to change how the code is written and not what it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.broker.edit import rewrite
from zeke_bridge.broker.session import Session
from zeke_bridge.broker.tasks import Running


async def refactor(session: Session, running: Running) -> Mapping[str, Any]:
    """Propose, review, consent, apply. Returns the fields of ``task.done``.

    Raises ``ConsentError``, ``CoreError``, ``PatchError`` (the answer does not fit the text).
    """
    what = running.request.instruction.rstrip(".")
    return await rewrite(session, running, f"Refactor: {what}. Keep what the code does.")
