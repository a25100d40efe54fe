"""Whether a directory is where git keeps a repository, whatever it is called.

A submodule, a worktree or a bare repository may keep its hooks and its configuration anywhere in
a project, and git runs what stands there. Layout: gitrepository-layout(5). Does not judge.
"""

from __future__ import annotations

import os
from pathlib import Path


def in_repository(path: str, root: str) -> bool:
    """Say whether ``path`` lies below a repository's own directory that is ``root`` or below it.

    Both are absolute and canonical; ``path`` need not exist.
    """
    above = path
    while above != root and above.startswith(f"{root.rstrip('/')}/"):
        above = above.rpartition("/")[0] or "/"
        if _keeps_repository(above):
            return True
    return False


def _keeps_repository(folder: str) -> bool:
    # Most directories have no such name, and one look is enough.
    if not os.path.lexists(f"{folder}/HEAD"):
        return False
    here = Path(folder)
    # A worktree's own directory names the one that it shares.
    return (here / "commondir").exists() or (
        (here / "objects").is_dir() and (here / "refs").is_dir()
    )
