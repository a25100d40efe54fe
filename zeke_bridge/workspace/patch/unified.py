"""A patch as text for a person: the lines of a unified diff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zeke_bridge.workspace.patch.hunk import Hunk, Patch

MAX_LINES = 400


def render(
    patch: Patch, base: str, context: int = 3, max_lines: int = MAX_LINES
) -> tuple[str, ...]:
    """``patch`` on ``base`` with ``context`` unchanged lines around each change.

    At most ``max_lines``: of a longer diff both ends and, between them, the number of lines that
    are left out. Lines are as they are in the text; escaping is the business of who shows them.
    """
    shown = list(unified(patch, base, context))
    if len(shown) <= max_lines:
        return tuple(shown)
    head = max_lines // 2
    tail = max(max_lines - head - 1, 1)
    return (*shown[:head], f"… {len(shown) - head - tail} lines …", *shown[-tail:])


def unified(patch: Patch, base: str, context: int = 3) -> Iterator[str]:
    """All lines of the same, however many."""
    lines = base.split("\n")
    shift = 0
    for group in _groups(patch.hunks, 2 * context):
        yield from _group(group, lines, context, shift)
        shift += sum(len(hunk.new) - len(hunk.old) for hunk in group)


def _groups(hunks: Sequence[Hunk], nearness: int) -> Iterator[list[Hunk]]:
    """Hunks whose surroundings meet stand under one heading."""
    group: list[Hunk] = []
    for hunk in hunks:
        if group and hunk.start_line - _end(group[-1]) > nearness:
            yield group
            group = []
        group.append(hunk)
    if group:
        yield group


def _end(hunk: Hunk) -> int:
    return hunk.start_line + len(hunk.old)


def _group(group: list[Hunk], lines: list[str], context: int, shift: int) -> Iterator[str]:
    first = max(1, group[0].start_line - context)
    last = min(len(lines), _end(group[-1]) + context - 1)
    before = max(0, last - first + 1)
    after = before + sum(len(hunk.new) - len(hunk.old) for hunk in group)
    yield f"@@ -{_span(first, before)} +{_span(first + shift, after)} @@"
    at = first
    for hunk in group:
        yield from (f" {line}" for line in lines[at - 1 : hunk.start_line - 1])
        yield from (f"-{line}" for line in hunk.old)
        yield from (f"+{line}" for line in hunk.new)
        at = _end(hunk)
    yield from (f" {line}" for line in lines[at - 1 : last])


def _span(start: int, size: int) -> str:
    # The format names the line before an empty stretch.
    return f"{start if size else start - 1},{size}"
