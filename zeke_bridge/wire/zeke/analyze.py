"""The question and the answer of ``/v1/zeke/code/analyze``."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import (
    Analysis,
    AnalysisKind,
    AnalyzeAsk,
    AnalyzeItem,
    Finding,
    Severity,
    Snippet,
)
from zeke_bridge.wire.zeke.body import ADDRESS, WHOLE, Addressed, Reply, addressed, build
from zeke_bridge.wire.zeke.envelope import Envelope
from zeke_bridge.wire.zeke.snippet import (
    MAX_CODE,
    MAX_LANGUAGE,
    MAX_PATH,
    SnippetFields,
    snippet_fields,
)

MAX_ITEMS = 32


class ItemFields(SnippetFields):
    """One item of an analysis."""

    id: str = Field(pattern=r"^[A-Za-z0-9_.:#-]{1,80}$")
    kind: AnalysisKind


class AnalyzeRequest(Addressed):
    """The body of ``analyze``.

    Either ``items``, or the short form: ``kinds`` with one snippet, whose items have the kind as
    id.
    """

    items: list[ItemFields] = Field(default_factory=list, max_length=MAX_ITEMS)
    kinds: list[AnalysisKind] = Field(default_factory=list, max_length=3)
    code: str = Field(default="", max_length=MAX_CODE)
    path: str = Field(default="", max_length=MAX_PATH)
    language: str = Field(default="", max_length=MAX_LANGUAGE)
    start_line: Annotated[int, Field(ge=1), WHOLE] = 1

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
        """The streaming request for ``ask``; its JSON is ``body``."""
        items = [
            {"id": item.id, "kind": item.kind, **snippet_fields(item.snippet)} for item in ask.items
        ]
        return build(cls, **addressed(ask.audience), items=items)

    def body(self) -> dict[str, Any]:
        """The JSON of the long form."""
        return self.model_dump(include={"items", *ADDRESS})

    def ask(self) -> AnalyzeAsk:
        """What is asked; raises ``InputError`` when an item has nothing to look at."""
        short = Snippet(self.code, self.path, self.language, self.start_line)
        items = tuple(AnalyzeItem(row.id, row.kind, row.snippet()) for row in self.items)
        items = items or tuple(AnalyzeItem(kind, kind, short) for kind in self.kinds)
        if not all(item.snippet.code.strip() for item in items):
            raise InputError("There is no code to analyse: the buffer or the range is empty.")
        return AnalyzeAsk(self.audience(), items)


class FindingFields(Reply):
    """One finding."""

    line: int = Field(ge=1)
    severity: Severity
    message: str
    suggestion: str = ""


class FindingsFields(Reply):
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
