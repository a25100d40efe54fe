"""The files of a project that are not as its last commit has them: ``state.get changed``.

For its person, to choose from: what is in them is read later, file by file, with a permit each.
"""

from __future__ import annotations

import asyncio
from typing import Any

from zeke_bridge.broker.session import Session
from zeke_bridge.workspace.listing import may_be_named


async def changed(session: Session, cwd: str) -> dict[str, Any]:
    """``root`` and the changed ``files`` from there, without secrets and what was deleted.

    New files that git does not know yet are among them. ``left`` counts those that are left out;
    not ``whole``: there are more than could be listed. Raises ``InputError`` where git cannot say.
    """
    root = session.root("", cwd)
    projects = session.projects
    found = await asyncio.to_thread(projects.worked_on, root)
    there = [one.path for one in found.files if not one.deleted]
    files = [path for path in there if may_be_named(path) and projects.belongs(root, path)]
    left = len(there) - len(files) + found.odd
    return {"root": root, "files": files, "left": left, "whole": found.whole}
