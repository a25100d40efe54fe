"""Which files a text of an editor's may be of, where its buffer is not simply a file's. Pure.

A plugin shows a text under a name that says where it comes from, in its own way: an old version of
``private/plan.md`` is called ``fugitive:///repo/.git//0123/private/plan.md``. Which part of that is
the file's path only the plugin knows, so each end of the name counts.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from zeke_bridge.model.errors import InputError

MOST_PARTS = 64


def meant(path: str, root: str) -> tuple[str, ...]:
    """``path``, and each end of it as a path below ``root``; both absolute. Raises ``InputError``.

    The one that says most comes first.
    """
    parts = PurePosixPath(path).parts[1:]
    if len(parts) > MOST_PARTS:
        raise InputError("The name of this buffer has too many parts to be judged.")
    home = PurePosixPath(root)
    ends = (str(home.joinpath(*parts[first:])) for first in range(len(parts)))
    return tuple(dict.fromkeys((path, *ends)))
