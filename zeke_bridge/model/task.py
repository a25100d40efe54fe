"""What an editor asks the broker to do, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from zeke_bridge.model.exchange import AnalysisKind, Message, TerminalTask


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


@dataclass(frozen=True, slots=True)
class Buffer:
    r"""A buffer, or a range of one, as the editor had it at ``changedtick``.

    ``text`` is lines joined by ``\n`` without a final one: those of the range ``start_line`` to
    ``end_line`` (from 1, inclusive), or of the whole buffer when an edit needs them. ``path`` is
    absolute, or empty for a buffer without a file. ``eol``, ``final_eol`` and ``bom`` say how the
    text is written to disk.
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


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """One submitted task. Which fields count depends on ``kind``.

    ``places`` are paths that a conversation has touched besides: its text is theirs as well.
    """

    id: str
    kind: TaskKind
    cwd: str
    model: str = ""
    buffer: Buffer | None = None
    instruction: str = ""
    kinds: tuple[AnalysisKind, ...] = ()
    messages: tuple[Message, ...] = ()
    opened: tuple[Opened, ...] = ()
    shell: Shell | None = None
    places: tuple[str, ...] = ()
