"""What an agent may want of the machine, as a Protocol: all that agents know of files and programs.

The broker implements it over GhostWarden. One ``Effects`` belongs to one agent in one project of
one editor; who asks, and where, is part of it and cannot be said by the agent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from zeke_bridge.model.ended import Ended

WrittenState = Literal["written", "partly", "rejected", "denied", "failed", "same", "undecided"]
"""``undecided``: it was stopped before anybody decided on it, so nothing of it was written."""


@dataclass(frozen=True, slots=True)
class FileText:
    """What a file at ``path`` (from the root, or absolute) is to hold, every byte of it."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one wanted file.

    ``words`` tell a model: which changes were taken, which not and why. ``path`` is as a person is
    shown it; ``added`` and ``removed`` count the lines that really changed. ``reason`` is the
    person's own why not, or GhostWarden's; it may be empty.
    """

    path: str
    state: WrittenState
    words: str
    added: int = 0
    removed: int = 0
    reason: str = ""


Settling = Callable[[int, Written], None]
"""Takes the number of a wanted file, from 0, and what became of it."""


def unheard(_number: int, _written: Written) -> None:
    """A ``Settling`` of who waits for all of them."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run: ``argv`` without a shell, in ``cwd`` (from the root, absolute, or "").

    ``env`` are changed variables. ``output_bytes`` is how much of the end of the output is kept.
    ``seconds`` is how long it may take; left out, as long as its session is there, a day at most.
    """

    argv: tuple[str, ...]
    cwd: str = ""
    env: tuple[tuple[str, str], ...] = ()
    output_bytes: int = 1024 * 1024
    seconds: float = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Printed:
    """The end of what a program has printed; ``ended`` is None while it runs."""

    text: str
    truncated: bool
    ended: Ended | None


class Program(Protocol):
    """A program under way. Released, or when its agent is gone, it is ended with its group."""

    id: str
    """Names it in the agent's session: ``terminalId`` of ACP."""

    def output(self) -> Printed:
        """What it has printed so far."""
        ...

    async def wait(self) -> Ended:
        """Wait for its end; there is a time limit, so there is one."""
        ...

    async def kill(self) -> None:
        """End it; what it printed stays."""
        ...

    async def release(self) -> None:
        """End it and let go of its output."""
        ...


@dataclass(frozen=True, slots=True)
class Declared:
    """What an agent says it is about to do, in ``session/request_permission``.

    ``kind`` is ACP's ``ToolKind``. ``edits`` are diffs it declares: path, old text (None: a new
    file), new text. ``argv`` is the command it declares. ``raw`` is all of it, as it came.
    """

    title: str
    kind: str
    edits: tuple[tuple[str, str | None, str], ...] = ()
    argv: tuple[str, ...] = ()
    cwd: str = ""
    paths: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call of an MCP tool.

    ``server`` and ``fingerprint`` name the server as it was started, ``schema`` is the SHA-256 of
    the tool's own definition, ``arguments`` what is passed.
    """

    server: str
    fingerprint: str
    tool: str
    schema: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A line that a search found, ``path`` from the root, ``line`` from 1."""

    path: str
    line: int
    text: str


class Effects(Protocol):
    """Every method asks GhostWarden, and then does it.

    All raise ``ConsentError`` when it may not be, and else ``StoreError`` (a file),
    ``ProcessError`` (a program) or ``InputError`` (what was asked makes no sense), each with a
    sentence that may be told to the agent. Cancelled while a question waits, the question is
    withdrawn.
    """

    async def read(self, path: str) -> str:
        """The text of a file; what stands in an open, unsaved buffer of the editor comes first."""
        ...

    async def write(
        self, files: Sequence[FileText], settled: Settling = unheard
    ) -> Sequence[Written]:
        """Have files hold these texts, reviewed together where a person is asked.

        What is refused is no error but a ``Written``. ``settled`` hears of each file once, as soon
        as it is known; cancelled, it hears of all the others before that is raised.
        """
        ...

    async def names(self, path: str) -> Sequence[str]:
        """Names of the files below ``path`` that may be shown, from the root; no secrets."""
        ...

    async def search(self, pattern: str, path: str = "", *, most: int = 200) -> Sequence[Found]:
        """Lines that match a regular expression, in files that may be read without a question."""
        ...

    async def start(self, command: Command) -> Program:
        """Run a program."""
        ...

    async def diagnostics(self, path: str = "") -> str:
        """What the editor's diagnostics say of a file, or of all; a line each."""
        ...

    async def changes(self) -> str:
        """What is not as in the last commit, as a unified diff."""
        ...

    async def unsaved(self) -> str:
        """Which files ``search`` and ``changes`` do not know as they are now, as a sentence.

        Their changes are in the editor only, and ``read`` has them. Empty: there are none.
        """
        ...

    async def commits(self, most: int = 20) -> Sequence[str]:
        """Subjects of the last commits, newest first."""
        ...

    async def declared(self, request: Declared) -> bool:
        """Whether the person lets the agent do what it declares. Never an error."""
        ...

    async def unmediated(self, path: str, added: int, removed: int) -> bool:
        """Hear that the agent reports a change of ``path``; False: nobody gave a permit for it.

        Then it is written into the audit log and shown. Without a path it says no file.
        """
        ...

    async def use_tool(self, use: ToolUse) -> None:
        """Return when this call of an MCP tool may be made."""
        ...

    def turn_ended(self) -> None:
        """Forget what was allowed once for this turn."""
        ...


Say = Callable[[Mapping[str, Any]], None]
"""Takes a session update of ACP (the object under ``update``), and never raises."""
