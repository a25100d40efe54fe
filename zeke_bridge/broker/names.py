"""The names of a project's files for its person, to choose from: ``state.get files``."""

from __future__ import annotations

import asyncio
from typing import Any

from zeke_bridge.broker.session import Session


async def names(session: Session, cwd: str) -> dict[str, Any]:
    """``root`` and the files from there, without secrets and what git ignores.

    ``whole``: there are no more.
    """
    root = session.root("", cwd)
    listing = await asyncio.to_thread(session.projects.listing, root)
    return {"root": root, "files": list(listing.paths), "whole": listing.whole}
