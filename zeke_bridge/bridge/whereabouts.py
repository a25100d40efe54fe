"""Where the person of an editor is, and which directory they mean: mostly the same one.

A chat stays with the project it was begun in, wherever its person goes; a question of GhostWarden's
says which project it is about when that is not theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.bridge import params as read
from zeke_bridge.broker.session import Session


def meant(session: Session, fields: Mapping[str, Any]) -> str:
    """The directory ``cwd``, else the editor's; notes that the person is ``here``, else there.

    Raises ``InputError``.
    """
    cwd = read.place(fields, "cwd", session.cwd)
    session.here = read.place(fields, "here", cwd)
    return cwd
