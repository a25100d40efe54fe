"""In which order an assistant's thoughts, texts and calls came; OpenAI's messages do not say it.

``block_order`` of a message names the field of each block, one after another. It is there only
where thoughts do not come first and calls last. Anthropic wants its blocks back as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

NAME = "block_order"
_USUAL = ("thinking_blocks", "content", "tool_calls")

Block = TypeVar("Block")


def told(fields: Sequence[str]) -> dict[str, Any]:
    """What a message says of the order of its blocks; ``fields`` are of the three above."""
    usual = sorted(fields, key=_USUAL.index)
    return {} if list(fields) == usual else {NAME: list(fields)}


def ordered(fields: Mapping[str, Iterable[Block | None]], order: Any) -> list[Block]:
    """All blocks in ``fields``: those that ``order`` names by their field first, then the rest.

    None stands for a block that is left out.
    """
    waiting = {name: iter(blocks) for name, blocks in fields.items()}
    named = [str(name) for name in order] if isinstance(order, list) else []
    found = [next(waiting[name], None) for name in named if name in waiting]
    found += [block for blocks in waiting.values() for block in blocks]
    return [block for block in found if block is not None]
