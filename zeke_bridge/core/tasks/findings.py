"""Reading the findings out of a model's answer. Pure.

Tolerant of what stands around the JSON, strict about each item: one that is not of the shape asked
for is left out, so that it can be asked again, and never half believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zeke_bridge.core.prompts.analyze import MAX_FINDINGS, SEVERITIES
from zeke_bridge.core.prompts.excerpt import last_line
from zeke_bridge.core.tasks.objects import objects
from zeke_bridge.model.exchange import AnalyzeItem, Finding

# A line number that is off by so little is taken as the nearest line, else the finding is dropped.
_NEAR = 1


def parse(text: str, items: Sequence[AnalyzeItem]) -> dict[str, tuple[Finding, ...]]:
    """The findings in ``text`` by the id of their item; missing and malformed ones are absent."""
    results = _results(text)
    found = {}
    for item in items:
        findings = _part(results.get(item.id), item)
        if findings is not None:
            found[item.id] = findings
    return found


def _results(text: str) -> dict[str, Any]:
    """The object of parts; empty when there is none."""
    for answer in objects(text):
        results = answer.get("results", answer)
        return results if isinstance(results, dict) else {}
    return {}


def _part(part: Any, item: AnalyzeItem) -> tuple[Finding, ...] | None:
    rows = part.get("findings") if isinstance(part, dict) else None
    if not isinstance(rows, list):
        return None
    findings: dict[Finding, None] = {}
    for row in rows:
        finding = _finding(row, item)
        if finding is None:
            return None
        line = _placed(finding.line, item)
        if line:
            # Small models say the same thing several times.
            placed = Finding(
                finding.kind, line, finding.severity, finding.message, finding.suggestion
            )
            findings[placed] = None
    return tuple(findings)[:MAX_FINDINGS]


def _finding(row: Any, item: AnalyzeItem) -> Finding | None:
    if not isinstance(row, dict):
        return None
    line, severity = _number(row.get("line")), row.get("severity")
    message, suggestion = row.get("message"), row.get("suggestion", "")
    if line is None or severity not in SEVERITIES:
        return None
    if not isinstance(message, str) or not message.strip() or not isinstance(suggestion, str):
        return None
    return Finding(item.kind, line, severity, message.strip(), suggestion.strip())


def _number(line: Any) -> int | None:
    """A line's number, given as it is or in front of the copied line (``12| code``)."""
    if isinstance(line, str):
        number, bar, _code = line.partition("|")
        plain = bar and number.isascii() and number.isdigit() and len(number) < 9
        return int(number) if plain else None
    return line if isinstance(line, int) and not isinstance(line, bool) else None


def _placed(line: int, item: AnalyzeItem) -> int:
    """The line inside the item's snippet that is meant; 0 when none is."""
    first, last = item.snippet.start_line, last_line(item.snippet)
    if not first - _NEAR <= line <= last + _NEAR:
        return 0
    return min(max(line, first), last)
