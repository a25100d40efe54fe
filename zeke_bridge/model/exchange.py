r"""What is asked of a routing core and what comes back, without the HTTP around it.

Lines are counted from 1. Text is Unicode with ``\n`` between lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant"]
CodeTask = Literal["explain", "refactor"]
AnalysisKind = Literal["quality", "security", "performance"]
ANALYSIS_KINDS: tuple[AnalysisKind, ...] = ("quality", "security", "performance")
Severity = Literal["error", "warning", "info", "hint"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


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

    ``task`` names the routing task class (``chat``, ``create``).
    """

    audience: Audience
    messages: tuple[Message, ...]
    task: str = "chat"
    schema: dict[str, Any] | None = None
    max_tokens: int | None = None


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
    """Tokens, as the provider counted them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars."""

    input_cost: float = 0.0
    output_cost: float = 0.0
    total_cost: float = 0.0


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
class Receipt:
    """What every answer of a core carries beside its content."""

    model: str = ""
    provider: str = ""
    route: Route = field(default_factory=Route)
    usage: Usage = field(default_factory=Usage)
    cost: Cost = field(default_factory=Cost)
    cached: bool = False
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of a streamed answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a streamed answer: the whole text and its receipt."""

    text: str
    receipt: Receipt


Piece = Delta | Answer


@dataclass(frozen=True, slots=True)
class Analysis:
    """Findings by item id. An item that is absent came back missing or malformed."""

    findings: dict[str, tuple[Finding, ...]]
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model that can be asked now, as ``provider:model`` in ``id``."""

    id: str
    provider: str
    local: bool = False


@dataclass(frozen=True, slots=True)
class CoreHealth:
    """What ``GET /health`` says: ``healthy`` or ``degraded``, and a word per provider."""

    status: str
    providers: dict[str, str]
    requests_served: int = 0
    uptime_s: float = 0.0
