"""The bodies of ``/v1/zeke/…``, ``/v1/models`` and ``/health``, and how they become values.

A request refuses fields it does not know; an answer may have more than is read here, so that an
older client understands a newer core. Knows nothing of HTTP.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from zeke_bridge.model.errors import BadAnswerError, InputError
from zeke_bridge.model.exchange import (
    Analysis,
    AnalysisKind,
    AnalyzeAsk,
    AnalyzeItem,
    Audience,
    CodeAsk,
    CodeTask,
    CoreHealth,
    Cost,
    Finding,
    ModelInfo,
    Receipt,
    Route,
    Severity,
    Snippet,
    Tried,
    Usage,
)

MAX_CODE = 1_000_000
MAX_ITEMS = 32


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")


Body = TypeVar("Body", bound=BaseModel)


class SnippetFields(_Request):
    """A piece of one file."""

    code: str = Field(max_length=MAX_CODE)
    path: str = Field(default="", max_length=4096)
    language: str = Field(default="", max_length=64)
    start_line: int = Field(default=1, ge=1)

    def snippet(self) -> Snippet:
        """The same as a value."""
        return Snippet(self.code, self.path, self.language, self.start_line)


class _Addressed(_Request):
    model: str = Field(default="auto", min_length=1, max_length=256)
    project: str = Field(default="", max_length=256)
    local_only: bool = False
    stream: bool = False

    def audience(self) -> Audience:
        return Audience(self.model, self.project, self.local_only)


class CodeRequest(_Addressed, SnippetFields):
    """The body of ``/v1/zeke/code/explain`` and ``/v1/zeke/code/refactor``."""

    instruction: str = Field(default="", max_length=20_000)

    @classmethod
    def of(cls, ask: CodeAsk) -> CodeRequest:
        """The streaming request for ``ask``."""
        return _build(
            cls,
            **_addressed(ask.audience),
            **_snippet_fields(ask.snippet),
            instruction=ask.instruction,
        )

    def ask(self, task: CodeTask) -> CodeAsk:
        """What is asked; raises ``InputError`` when there is nothing to work on."""
        if not self.code.strip():
            raise InputError("There is no code to work on: select some lines that are not empty.")
        if task == "refactor" and not self.instruction.strip():
            raise InputError("Say what to change: an instruction is needed.")
        return CodeAsk(self.audience(), task, self.snippet(), self.instruction)


class ItemFields(SnippetFields):
    """One item of an analysis."""

    id: str = Field(pattern=r"^[A-Za-z0-9_.:#-]{1,80}$")
    kind: AnalysisKind


class AnalyzeRequest(_Addressed):
    """The body of ``/v1/zeke/code/analyze``.

    Either ``items``, or the short form: ``kinds`` with one snippet, whose items have the kind as
    id.
    """

    items: list[ItemFields] = Field(default_factory=list, max_length=MAX_ITEMS)
    kinds: list[AnalysisKind] = Field(default_factory=list, max_length=3)
    code: str = Field(default="", max_length=MAX_CODE)
    path: str = Field(default="", max_length=4096)
    language: str = Field(default="", max_length=64)
    start_line: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _one_form(self) -> AnalyzeRequest:
        if bool(self.items) == bool(self.kinds):
            raise ValueError("give either items, or kinds with code")
        ids = [item.id for item in self.items] or list(self.kinds)
        if len(set(ids)) != len(ids):
            raise ValueError("an id occurs twice")
        return self

    @classmethod
    def of(cls, ask: AnalyzeAsk) -> AnalyzeRequest:
        """The streaming request for ``ask``."""
        items = [
            {"id": item.id, "kind": item.kind, **_snippet_fields(item.snippet)}
            for item in ask.items
        ]
        return _build(cls, **_addressed(ask.audience), items=items)

    def ask(self) -> AnalyzeAsk:
        """What is asked; raises ``InputError`` when an item has nothing to look at."""
        short = Snippet(self.code, self.path, self.language, self.start_line)
        items = tuple(AnalyzeItem(row.id, row.kind, row.snippet()) for row in self.items)
        items = items or tuple(AnalyzeItem(kind, kind, short) for kind in self.kinds)
        if not all(item.snippet.code.strip() for item in items):
            raise InputError("There is no code to analyse: the buffer or the range is empty.")
        return AnalyzeAsk(self.audience(), items)


class UsageFields(_Answer):
    """Tokens."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class CostFields(_Answer):
    """US dollars."""

    input_cost: float = 0.0
    output_cost: float = 0.0
    total_cost: float = 0.0


class TriedFields(_Answer):
    """A candidate the router looked at."""

    candidate: str
    outcome: str


class RouteFields(_Answer):
    """Why this model."""

    task: str = ""
    reason: str = ""
    tried: list[TriedFields] = Field(default_factory=list)


class Envelope(_Answer):
    """What every answer carries beside its content."""

    model: str = ""
    provider: str = ""
    route: RouteFields = Field(default_factory=RouteFields)
    usage: UsageFields | None = None
    cost: CostFields = Field(default_factory=CostFields)
    cached: bool = False
    request_id: str = ""

    @classmethod
    def fields_of(cls, receipt: Receipt) -> dict[str, Any]:
        """The envelope's JSON fields for ``receipt``."""
        route, usage, cost = receipt.route, receipt.usage, receipt.cost
        return {
            "model": receipt.model,
            "provider": receipt.provider,
            "route": {
                "task": route.task,
                "reason": route.reason,
                "tried": [{"candidate": t.candidate, "outcome": t.outcome} for t in route.tried],
            },
            "usage": {
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
                "total_tokens": usage.total_tokens,
            },
            "cost": {
                "input_cost": cost.input_cost,
                "output_cost": cost.output_cost,
                "total_cost": cost.total_cost,
            },
            "cached": receipt.cached,
            "request_id": receipt.request_id,
        }

    def receipt(self) -> Receipt:
        """The same as a value."""
        tried = tuple(Tried(row.candidate, row.outcome) for row in self.route.tried)
        usage = self.usage or UsageFields()
        return Receipt(
            self.model,
            self.provider,
            Route(self.route.task, self.route.reason, tried),
            Usage(usage.prompt_tokens, usage.completion_tokens, usage.total_tokens),
            Cost(self.cost.input_cost, self.cost.output_cost, self.cost.total_cost),
            self.cached,
            self.request_id,
        )


class TextAnswer(Envelope):
    """The end of ``explain`` and ``refactor``."""

    text: str


class FindingFields(_Answer):
    """One finding."""

    line: int = Field(ge=1)
    severity: Severity
    message: str
    suggestion: str = ""


class FindingsFields(_Answer):
    """The findings of one item."""

    findings: list[FindingFields]


class AnalyzeAnswer(Envelope):
    """The answer of ``analyze``; ids that came back missing or malformed are absent."""

    results: dict[str, FindingsFields]

    @staticmethod
    def results_of(findings: dict[str, tuple[Finding, ...]]) -> dict[str, Any]:
        """The JSON of ``results``."""
        return {
            name: {
                "findings": [
                    {
                        "line": found.line,
                        "severity": found.severity,
                        "message": found.message,
                        "suggestion": found.suggestion,
                    }
                    for found in rows
                ]
            }
            for name, rows in findings.items()
        }

    def analysis(self, ask: AnalyzeAsk) -> Analysis:
        """The findings of the items of ``ask``; what was not asked for is left out."""
        kinds = {item.id: item.kind for item in ask.items}
        findings = {
            name: tuple(
                Finding(kinds[name], row.line, row.severity, row.message, row.suggestion)
                for row in part.findings
            )
            for name, part in self.results.items()
            if name in kinds
        }
        return Analysis(findings, self.receipt())


class ModelRow(_Answer):
    """One model of ``GET /v1/models``; ``id`` is ``provider:model``."""

    id: str
    owned_by: str = ""
    local: bool = False
    object: Literal["model"] = "model"
    created: int = 0


class ModelsAnswer(_Answer):
    """The answer of ``GET /v1/models``."""

    data: list[ModelRow]
    object: Literal["list"] = "list"

    def infos(self) -> list[ModelInfo]:
        """The same as values."""
        return [ModelInfo(row.id, row.owned_by, row.local) for row in self.data]


class HealthAnswer(_Answer):
    """The answer of ``GET /health``; ``uptime`` in seconds."""

    status: str
    providers: dict[str, str] = Field(default_factory=dict)
    uptime: float = 0.0
    requests_served: int = 0

    def health(self) -> CoreHealth:
        """The same as a value."""
        return CoreHealth(self.status, self.providers, self.requests_served, self.uptime)


def read_request(shape: type[Body], body: Any) -> Body:
    """``body`` (parsed JSON) as a request; raises ``InputError`` naming the field."""
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        raise invalid(error) from error


def read_answer(shape: type[Body], body: Any) -> Body:
    """``body`` (parsed JSON) as an answer; raises ``BadAnswerError``."""
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        row = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, row["loc"])) or "it"
        message = f"The routing core's answer makes no sense: {where}: {row['msg']}."
        raise BadAnswerError(message) from error


def invalid(error: ValidationError, prefix: str = "") -> InputError:
    """The sentence for the first thing wrong with a request. It does not quote the input."""
    row = error.errors(include_input=False, include_url=False)[0]
    where = prefix + ".".join(map(str, row["loc"]))
    if row["type"] == "string_too_long":
        longest = row.get("ctx", {}).get("max_length")
        return InputError(f"{where} is too long ({longest} characters at most): select less.")
    return InputError(f"{where or 'The request'}: {row['msg']}.")


def _addressed(audience: Audience) -> dict[str, Any]:
    return {
        "model": audience.model,
        "project": audience.project,
        "local_only": audience.local_only,
        "stream": True,
    }


def _snippet_fields(snippet: Snippet) -> dict[str, Any]:
    return {
        "code": snippet.code,
        "path": snippet.path,
        "language": snippet.language,
        "start_line": snippet.start_line,
    }


def _build(shape: type[Body], **fields: Any) -> Body:
    return read_request(shape, fields)
