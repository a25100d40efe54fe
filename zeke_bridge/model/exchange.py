r"""What is asked of a routing core and what comes back, without the HTTP around it.

Lines are counted from 1. Text is Unicode with ``\n`` between lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]
CodeTask = Literal["explain", "refactor", "test"]
TerminalTask = Literal["suggest", "explain", "debug"]
AnalysisKind = Literal["quality", "security", "performance"]
ANALYSIS_KINDS: tuple[AnalysisKind, ...] = ("quality", "security", "performance")
Severity = Literal["error", "warning", "info", "hint"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that a model wants used; ``arguments`` is its own JSON text, not yet looked at.

    ``signature`` is what its provider wants back with it.
    """

    id: str
    name: str
    arguments: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a model may use; ``parameters`` is a JSON schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    An ``assistant`` may have wanted ``calls``; a ``tool`` message answers the call ``call_id``.
    """

    role: Role
    content: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Which model, and who may see the text: the part of a request that batching keys on.

    ``project`` is an opaque id of the project (not its path); with ``local_only`` nothing may
    leave this machine.
    """

    model: str = "auto"
    project: str = ""
    local_only: bool = False


@dataclass(frozen=True, slots=True)
class ChatAsk:
    """A conversation to continue. ``schema`` (a JSON schema) demands a JSON answer of its shape.

    ``task`` names the routing task class (``chat``, ``create``). With ``tools_optional`` a model
    that calls none is asked without, rather than another one with.
    """

    audience: Audience
    messages: tuple[Message, ...]
    task: str = "chat"
    schema: dict[str, Any] | None = None
    max_tokens: int | None = None
    tools: tuple[Tool, ...] = ()
    tools_optional: bool = False
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of one file: ``code`` is lines ``start_line`` and following of ``path``.

    ``path`` is relative to the project, or empty for a buffer without a file.
    """

    code: str
    path: str = ""
    language: str = ""
    start_line: int = 1


@dataclass(frozen=True, slots=True)
class CodeAsk:
    """Explain or rewrite one snippet; ``instruction`` is required for ``refactor``."""

    audience: Audience
    task: CodeTask
    snippet: Snippet
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class CompleteAsk:
    """What stands between ``prefix`` and ``suffix`` of one file, ``path`` of the project.

    ``max_lines`` ends the answer after so many lines; 0: where it makes sense. ``alternative``
    counts how often the same was asked before: 0 wants the likeliest text, others another one.
    """

    audience: Audience
    prefix: str
    suffix: str = ""
    path: str = ""
    language: str = ""
    max_tokens: int = 128
    max_lines: int = 0
    alternative: int = 0


@dataclass(frozen=True, slots=True)
class ContextAsk:
    """A question about a whole project.

    ``tree`` is its list of files, one a line; ``files`` are those that may be shown; ``history`` is
    what git says of late.
    """

    audience: Audience
    question: str
    tree: str = ""
    files: tuple[Snippet, ...] = ()
    history: str = ""


@dataclass(frozen=True, slots=True)
class TerminalAsk:
    """Help with a shell: a wish (``suggest``), a command (``explain``) or a failure (``debug``).

    ``text`` is the wish or the command, ``output`` what it printed, ``exit_code`` how it ended.
    ``cwd`` is a name, not a path of this machine; ``history`` are commands, oldest first.
    """

    audience: Audience
    task: TerminalTask
    text: str
    output: str = ""
    exit_code: int | None = None
    shell: str = ""
    system: str = ""
    cwd: str = ""
    branch: str = ""
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnalyzeItem:
    """One snippet to look at for one kind. ``id`` names it within its request."""

    id: str
    kind: AnalysisKind
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class AnalyzeAsk:
    """Several looks in one call."""

    audience: Audience
    items: tuple[AnalyzeItem, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing an analysis found; ``line`` counts from 1 in the file, not in the snippet."""

    kind: AnalysisKind
    line: int
    severity: Severity
    message: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the provider counted them.

    ``cached_tokens`` and ``cache_write_tokens`` are the part of the prompt that the provider read
    from, or wrote to, its own cache; ``reasoning_tokens`` the part of the completion nobody sees.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars; not ``known`` when nobody knows the whole price: then it is at least this."""

    input_cost: float = 0.0
    output_cost: float = 0.0
    total_cost: float = 0.0
    known: bool = True


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate the router looked at, and what became of it (``chosen`` or why not)."""

    candidate: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Route:
    """Why this model: the task class, one sentence, and every candidate in order."""

    task: str = ""
    reason: str = ""
    tried: tuple[Tried, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """Where a cost limit stands: US dollars spent and allowed in this ``period``.

    ``period`` is ``hour``, ``day`` or ``month``; ``warn`` is where the user wants to be warned (0:
    nowhere in particular).
    """

    period: str
    spent: float
    limit: float
    warn: float = 0.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What every answer of a core carries beside its content.

    ``budget`` is the cost limit that is nearest to its end, when there is one.
    """

    model: str = ""
    provider: str = ""
    route: Route = field(default_factory=Route)
    usage: Usage = field(default_factory=Usage)
    cost: Cost = field(default_factory=Cost)
    cached: bool = False
    request_id: str = ""
    budget: Budget | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of a streamed answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A command that would do what was wished, and one sentence why.

    ``dangerous``: it may destroy something, or what it does cannot be told from its words.
    """

    command: str
    explanation: str
    dangerous: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a streamed answer: the whole text and its receipt.

    ``suggestion`` is there when a command was wished for; ``text`` then says the same. ``calls``
    are tools that the model wants used before it goes on. ``finish`` says why a chat's answer ends
    (``stop``, ``length``, ``tool_calls``, ``content_filter``), when that was said.
    """

    text: str
    receipt: Receipt
    suggestion: Suggestion | None = None
    calls: tuple[ToolCall, ...] = ()
    finish: str = ""


Piece = Delta | Answer


@dataclass(frozen=True, slots=True)
class Analysis:
    """Findings by item id. An item that is absent came back missing or malformed."""

    findings: dict[str, tuple[Finding, ...]]
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model that can be asked now, as ``provider:model`` in ``id``.

    Prices in US dollars a million tokens, None when they are not known; ``context`` in tokens, 0
    when it is not known.
    """

    id: str
    provider: str
    local: bool = False
    input_price: float | None = None
    output_price: float | None = None
    context: int = 0


@dataclass(frozen=True, slots=True)
class CoreHealth:
    """What ``GET /health`` says: ``healthy`` or ``degraded``, and a word per provider.

    ``where`` is added by who asked: what the core is and where it is, in words.
    """

    status: str
    providers: dict[str, str]
    requests_served: int = 0
    uptime_s: float = 0.0
    where: str = ""
