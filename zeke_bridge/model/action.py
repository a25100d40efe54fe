"""What a model or an agent wants to do, as one frozen value.

The shapes are those of the GhostWarden specification: an ``Action`` names the operation, the
target as it was asked for, everything the prompt will show, who asks and in which project.
Its ``digest`` is what an approval is bound to.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class Op(StrEnum):
    """The kinds of effect that need consent."""

    READ = "read"
    WRITE = "write"
    CREATE = "create"
    DELETE = "delete"
    RENAME = "rename"
    EXECUTE = "execute"
    NETWORK = "network"
    MCP = "mcp"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who asks: the built-in assistant, an agent or an MCP server.

    ``fingerprint`` is the SHA-256 of the launch command of an agent or server, empty for the
    assistant. ``session`` is the editor's conversation with it, if there is one, and ``number``
    tells that from others with the same agent; ``task`` is the editor's task that it works for,
    where that tells its chat. All three are for the person only. Who it is does not depend on them,
    nor what it was granted.
    """

    kind: Literal["assistant", "agent", "mcp"] = "assistant"
    id: str = "zeke"
    fingerprint: str = ""
    session: str = field(default="", compare=False)
    number: int = field(default=1, compare=False)
    task: str = field(default="", compare=False)

    def label(self) -> str:
        """Return what a person calls it: ``claude``, and ``claude 2`` beside that."""
        return self.id if self.number == 1 else f"{self.id} {self.number}"

    def key(self) -> str:
        """Return the text that stands for this subject in grants and in the audit log."""
        if self.kind == "assistant":
            return "assistant"
        return f"{self.kind}:{self.id}:{self.fingerprint}"


ASSISTANT = Subject()

FILE_OPS = frozenset({Op.READ, Op.WRITE, Op.CREATE, Op.DELETE, Op.RENAME})
CHANGING_OPS = FILE_OPS - {Op.READ}


@dataclass(frozen=True, slots=True)
class Action:
    """One wanted effect.

    ``path`` is literal, as it was asked for (relative to ``root`` or absolute); ``to`` the new
    path of a rename. ``argv``, ``cwd``, ``env`` (changed variables only) belong to ``execute``,
    ``url`` to ``network``, ``tool`` to ``mcp``, with ``tool_sha256`` over what else tells it from
    another of its name (its server, its own definition), and ``names`` the paths it is asked for
    with, where they are known. ``content_sha256`` is the hex digest of the bytes to be written,
    ``base_sha256`` that of the bytes they replace (empty: no file yet).
    ``added`` and ``removed`` count lines, ``diff`` is what the prompt shows of the change,
    ``unshown`` counts the lines that would follow there, and ``note`` is the asker's own words.
    """

    op: Op
    root: str
    subject: Subject = ASSISTANT
    path: str = ""
    to: str = ""
    argv: tuple[str, ...] = ()
    cwd: str = ""
    env: tuple[tuple[str, str], ...] = ()
    url: str = ""
    content_sha256: str = ""
    base_sha256: str = ""
    added: int = 0
    removed: int = 0
    diff: tuple[str, ...] = ()
    unshown: int = 0
    note: str = ""
    tool: str = ""
    tool_sha256: str = ""
    names: tuple[str, ...] = ()

    def digest(self) -> str:
        """SHA-256 (hex) over the canonical JSON of every field."""
        fields = {
            "op": self.op.value,
            "root": self.root,
            "subject": self.subject.key(),
            "session": [self.subject.session, self.subject.number],
            "path": self.path,
            "to": self.to,
            "argv": list(self.argv),
            "cwd": self.cwd,
            "env": [list(pair) for pair in self.env],
            "url": self.url,
            "content_sha256": self.content_sha256,
            "base_sha256": self.base_sha256,
            "added": self.added,
            "removed": self.removed,
            "diff": list(self.diff),
            "unshown": self.unshown,
            "note": self.note,
            "tool": self.tool,
            "tool_sha256": self.tool_sha256,
            "names": list(self.names),
        }
        return hashlib.sha256(_CANONICAL.encode(fields).encode("ascii")).hexdigest()
