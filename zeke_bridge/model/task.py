"""What an editor asks the broker to do, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from zeke_bridge.model.exchange import AnalysisKind, Role, TerminalTask


class TaskKind(StrEnum):
    """The jobs of the broker; each has a module of its name in ``zeke_bridge.broker``."""

    CHAT = "chat"
    EXPLAIN = "explain"
    EDIT = "edit"
    ANALYZE = "analyze"
    CREATE = "create"
    TEST = "test"
    REFACTOR = "refactor"
    CONTEXT = "context"
    TERMINAL = "terminal"
    COMPLETE = "complete"
    PROPOSE = "propose"
    AGENT = "agent"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Buffer:
    r"""A buffer, or a range of one, as the editor had it at ``changedtick``.

    ``text`` is lines joined by ``\n`` without a final one: those of the range ``start_line`` to
    ``end_line`` (from 1, inclusive), or of the whole buffer when an edit needs them. ``path`` is
    absolute, and says whose text it is; empty: nobody's, it was typed here. Where it ``is_file``,
    the buffer is that file; else something else stands in between, such as a plugin that decrypts
    it, and only that may write it. ``eol``, ``final_eol`` and ``bom`` say how the text is written
    to disk.
    """

    text: str
    path: str = ""
    name: str = ""
    language: str = ""
    start_line: int = 1
    end_line: int = 1
    changedtick: int = 0
    modified: bool = False
    eol: str = "\n"
    final_eol: bool = True
    bom: bool = False
    is_file: bool = True

    @property
    def file(self) -> str:
        """The path at which a change of it may be written; empty: in the buffer alone."""
        return self.path if self.is_file else ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is open in the editor; ``text`` when what stands there is not what is on disk."""

    path: str
    text: str | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Shell:
    """What is wanted of the shell helper, and where: names only, never values of variables.

    ``output`` is what the person asked to be looked at.
    """

    job: TerminalTask
    output: str = ""
    name: str = ""
    system: str = ""


AttachmentKind = Literal["file", "buffer", "selection", "diagnostics", "diff", "quickfix", "symbol"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a person mentioned in a message, such as ``@file:src/a.py``, which is its ``label``.

    ``path`` is absolute, or empty where the editor has none. Without a ``text`` the broker reads
    ``path``, or asks git for a ``diff``. ``first`` and ``last`` are lines of ``path`` (from 1,
    inclusive; 0 for ``first``: all of it). ``is_file`` is as in ``Buffer``.
    """

    kind: AttachmentKind
    label: str
    path: str = ""
    first: int = 0
    last: int = 0
    language: str = ""
    text: str | None = None
    is_file: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation as the editor has it, and what is mentioned in it."""

    role: Role
    content: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands around the cursor, and what is wanted there.

    ``max_lines``: 0 is no limit. ``alternative``: how often the same was asked before.
    """

    prefix: str
    suffix: str = ""
    max_lines: int = 0
    alternative: int = 0


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines ``first`` to ``last`` (from 1) become ``lines``.

    With ``last`` just before ``first``, ``lines`` go before ``first`` and nothing is replaced.
    """

    first: int
    last: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """An image for an agent: its MIME type, and its bytes in base64."""

    mime: str
    data: str


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """One submitted task. Which fields count depends on ``kind``.

    ``places`` are paths that a conversation has touched besides: its text is theirs as well.
    ``text`` is what the file at ``path`` (absolute), or ``buffer``, would become, or ``edits`` are
    what would change in it, or ``patch`` says so: a unified diff, or SEARCH/REPLACE blocks. They
    are meant for ``base``: what the editor has seen of the buffer, or of the file, with every byte
    of it; None: for what is there. ``session`` is the agent's session that is prompted, ``images``
    go to it.
    """

    id: str
    kind: TaskKind
    cwd: str
    model: str = ""
    buffer: Buffer | None = None
    instruction: str = ""
    kinds: tuple[AnalysisKind, ...] = ()
    messages: tuple[Turn, ...] = ()
    opened: tuple[Opened, ...] = ()
    shell: Shell | None = None
    gap: Gap | None = None
    places: tuple[str, ...] = ()
    path: str = ""
    text: str | None = None
    base: str | None = None
    edits: tuple[Edit, ...] = ()
    patch: str | None = None
    session: str = ""
    images: tuple[Picture, ...] = ()
